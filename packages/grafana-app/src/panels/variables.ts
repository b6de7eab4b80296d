/** What pages have in common in their addresses: time range, refresh, collector and filters. */
import { VariableHide, VariableRefresh } from '@grafana/data'
import { CustomVariable, DataSourceVariable, type SceneVariable, TextBoxVariable } from '@grafana/scenes'
import type { NameKind } from '../datasource/find-names.ts'
import { ALL } from '../datasource/interpolate.ts'
import { DATA_SOURCE_TYPE } from '../plugin-ids.ts'
import { t } from '../t.ts'
import { DATA_SOURCE } from './ask.ts'
import { NamesVariable } from './names-variable.ts'

/** Which collector; shown only where there are several. */
export const collectorVariable = (collectors: number) =>
  new DataSourceVariable({
    name: 'collector',
    label: t('variables.collector', 'Collector'),
    pluginId: DATA_SOURCE_TYPE,
    hide: collectors > 1 ? VariableHide.dontHide : VariableHide.hideVariable,
  })

/** As scenes name the choice of all. */
const EVERY = { value: '$__all', text: 'All' }

interface Names {
  name: string
  label: string
  of: NameKind
  hide: VariableHide
  isMulti?: boolean
}

const namesVariable = ({ of, isMulti = true, ...names }: Names) =>
  new NamesVariable({
    ...names,
    ...(isMulti ? { value: [EVERY.value], text: [EVERY.text] } : EVERY),
    datasource: DATA_SOURCE,
    query: { refId: names.name, of } as never,
    refresh: VariableRefresh.onDashboardLoad,
    isMulti,
    includeAll: true,
    defaultToAll: true,
    allValue: ALL,
  })

export type SharedFilter = 'app' | 'provider' | 'model' | 'user' | 'tag'

/**
 * The filters of every page. Those that the answers of a page do not know are hidden there and stay in the address, so that
 * the next page has them. The apps are also how a page knows whether anything was recorded yet.
 */
export function sharedVariables(answered: readonly SharedFilter[]): SceneVariable[] {
  const hideOf = (filter: SharedFilter) => (answered.includes(filter) ? VariableHide.dontHide : VariableHide.hideVariable)
  return [
    namesVariable({ name: 'app', label: t('variables.app', 'App'), of: 'apps', hide: hideOf('app') }),
    namesVariable({ name: 'provider', label: t('variables.provider', 'Provider'), of: 'providers', hide: hideOf('provider') }),
    namesVariable({ name: 'model', label: t('variables.model', 'Model'), of: 'models', hide: hideOf('model') }),
    new TextBoxVariable({ name: 'user', label: t('variables.user', 'User'), value: '', hide: hideOf('user') }),
    new TextBoxVariable({ name: 'tag', label: t('variables.tag', 'Tag (name=value)'), value: '', hide: hideOf('tag') }),
  ]
}

/** One name, or all. */
export const nameVariable = (name: string, label: string, of: NameKind): SceneVariable =>
  namesVariable({ name, label, of, hide: VariableHide.dontHide, isMulti: false })

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
