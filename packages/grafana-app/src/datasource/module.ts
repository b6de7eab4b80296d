import { DataSourcePlugin } from '@grafana/data'
import { AIWatchDataSource } from './data-source.ts'
import { ConfigEditor } from './editor/config-editor.tsx'
import { QueryEditor } from './editor/query-editor.tsx'
import type { AIWatchOptions, AIWatchQuery, AIWatchSecrets } from './query.ts'

export const plugin = new DataSourcePlugin<AIWatchDataSource, AIWatchQuery, AIWatchOptions, AIWatchSecrets>(AIWatchDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
