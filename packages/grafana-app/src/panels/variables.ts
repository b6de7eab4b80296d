/** What pages have in common in their addresses: time range, refresh, collector and filters. */
import { VariableHide, VariableRefresh } from '@grafana/data'
import { CustomVariable, DataSourceVariable, QueryVariable, type SceneVariable, TextBoxVariable } from '@grafana/scenes'
import type { NameKind } from '../datasource/find-names.ts'
import { ALL } from '../datasource/interpolate.ts'
import { DATA_SOURCE_TYPE } from '../plugin-ids.ts'
import { DATA_SOURCE } from './ask.ts'

/** Which collector; shown only where there are several. */
export const collectorVariable = (collectors: number) =>
  new DataSourceVariable({
    name: 'collector',
    label: 'Collector',
    pluginId: DATA_SOURCE_TYPE,
    hide: collectors > 1 ? VariableHide.dontHide : VariableHide.hideVariable,
  })

const namesVariable = (name: string, label: string, of: NameKind) =>
  new QueryVariable({
    name,
    label,
    datasource: DATA_SOURCE,
    query: { refId: name, of } as never,
    refresh: VariableRefresh.onDashboardLoad,
    isMulti: true,
    includeAll: true,
    defaultToAll: true,
    allValue: ALL,
  })

export const appVariable = () => namesVariable('app', 'App', 'apps')
export const modelVariable = () => namesVariable('model', 'Model', 'models')

export const textVariable = (name: string, label: string): SceneVariable => new TextBoxVariable({ name, label, value: '' })

/** One of a few: value → what people read. */
export const choiceVariable = (name: string, label: string, choices: Record<string, string>): SceneVariable =>
  new CustomVariable({
    name,
    label,
    query: Object.entries(choices)
      .map(([value, text]) => `${text} : ${value}`)
      .join(', '),
    value: Object.keys(choices)[0] ?? '',
    text: Object.values(choices)[0] ?? '',
  })
