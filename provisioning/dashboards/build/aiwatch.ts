/** Questions of the AIWatch data source, variables and links of its dashboards. */
import type { AIWatchTarget, Link, Variable } from './dashboard.ts'

const CELL = { app: '$app', provider: '$provider', model: '$model' }

type Metric = Extract<AIWatchTarget, { kind: 'metric' }>

/** A part of an answer of the app, provider and model that are chosen. */
export const answer = (operation: string, part: string, fields?: readonly string[], params = {}): AIWatchTarget => ({
  kind: 'answer',
  operation,
  part,
  params: { ...CELL, ...params },
  ...(fields ? { fields } : {}),
})

/** A part of an answer that has no such filters. */
export const wholeAnswer = (operation: string, part: string, fields?: readonly string[], params = {}): AIWatchTarget => ({
  kind: 'answer',
  operation,
  part,
  params,
  ...(fields ? { fields } : {}),
})

const CELL_FILTERS = Object.entries(CELL).map(([label, value]) => ({ label, operator: '=' as const, values: [value] }))

/** Series of the app, provider and model that are chosen. */
export const metric = (name: string, aggregation: string, groupBy: readonly string[], more: Partial<Metric> = {}): AIWatchTarget => ({
  kind: 'metric',
  metric: name,
  aggregation,
  groupBy,
  ...more,
  filters: [...CELL_FILTERS, ...(more.filters ?? [])],
})

/** A series that the sampler writes each half minute, of the whole tenant. */
export const sampled = (key: string, aggregation: string, legend: string): AIWatchTarget => ({
  kind: 'metric',
  metric: `metrics:${key}`,
  aggregation,
  groupBy: [],
  legend,
})

export const CELL_VARIABLES: readonly Variable[] = [
  { name: 'app', label: 'App', description: 'Programs, as they name themselves.', query: 'apps' },
  { name: 'provider', label: 'Provider', description: 'Who serves the model.', query: 'providers' },
  { name: 'model', label: 'Model', description: 'As the provider names it.', query: 'models' },
]

const APP_PATH = '/a/aiwatch-analytics-app'
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const TIME = '${__url_time_range}'

/** To a page of the app, with the time range. */
export const toPage = (page: string, title: string): Link => ({ title, url: `${APP_PATH}/${page}?${TIME}` })

/** From a cell of a table to the page of what it names. */
export const toNamed = (page: string, title: string): Link => ({ title, url: `${APP_PATH}/${page}/\${__value.raw:percentencode}?${TIME}` })
