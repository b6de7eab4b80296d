/** PromQL of the dashboards on Prometheus. */
import type { PromTarget, Variable } from './dashboard.ts'

export const promql = (expr: string, legend = ''): PromTarget => ({ kind: 'promql', expr, legend })

/** The newest value of each series, as a table. */
export const promqlTable = (expr: string): PromTarget => ({ kind: 'promql', expr, legend: '', instant: true })

/** The instances that have a series of this name. */
export const instanceVariable = (label: string, series: string, description: string): Variable => ({
  name: 'instance',
  label,
  description,
  query: `label_values(${series}, instance)`,
})

/** Matches what is chosen. */
const CHOSEN = 'instance=~"$instance"'

/** A selector of the chosen instances, with `more` matchers. */
export const of = (more = '') => `{${CHOSEN}${more ? `, ${more}` : ''}}`

export const UP_TEXTS = { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } }

/** At least four scrapes, and no more than a point of the panel. */
export const EACH = '[$__rate_interval]'
