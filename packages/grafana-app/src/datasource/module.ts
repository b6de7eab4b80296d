import { DataSourcePlugin } from '@grafana/data'
import { initPluginTranslations } from '@grafana/i18n'
import { DATA_SOURCE_TYPE } from '../plugin-ids.ts'
import { AIWatchDataSource } from './data-source.ts'
import { ConfigEditor } from './editor/config-editor.tsx'
import { QueryEditor } from './editor/query-editor.tsx'
import type { AIWatchOptions, AIWatchQuery, AIWatchSecrets } from './query.ts'

// Its texts are in its own folder, which Grafana reads by the languages of its plugin.json.
await initPluginTranslations(DATA_SOURCE_TYPE)

export const plugin = new DataSourcePlugin<AIWatchDataSource, AIWatchQuery, AIWatchOptions, AIWatchSecrets>(AIWatchDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
