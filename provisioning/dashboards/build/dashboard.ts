/**
 * What a dashboard is, as far as ours use Grafana's classic JSON model. Written by hand: Grafana's own typed builder for it has no
 * stable version yet, and the model itself is what Grafana takes in every version that the app supports.
 */

/** A question of the AIWatch data source; the app's tests check it against the data source and a collector. */
export type AIWatchTarget =
  | {
      kind: 'answer'
      operation: string
      part: string
      params?: Readonly<Record<string, string>>
      fields?: readonly string[]
    }
  | {
      kind: 'metric'
      metric: string
      aggregation: string
      groupBy: readonly string[]
      filters?: readonly { label: string; operator: '=' | '!='; values: readonly string[] }[]
      legend?: string
      step?: string
    }

export interface PromTarget {
  kind: 'promql'
  expr: string
  /** With `{{label}}`. */
  legend: string
  /** Only the newest value, as a table. */
  instant?: boolean
}

export type Target = AIWatchTarget | PromTarget

/** From this value on the colour; the first has no value. */
export interface Step {
  color: 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text'
  value: number | null
}

export interface Link {
  title: string
  url: string
}

/** A change of one column or series, found by the name that people read or by a regular expression of it. */
export interface Override {
  matcher: { id: 'byName' | 'byRegexp'; options: string }
  properties: { id: string; value: unknown }[]
}

export interface Panel {
  kind: 'stat' | 'timeseries' | 'table' | 'barchart' | 'state-timeline'
  title: string
  /** What the figures mean, and what to do about them. */
  description: string
  targets: readonly Target[]
  /** A unit of Grafana; `auto` where the data source gives each column its own. */
  unit: string
  /** Of 24 columns. */
  width: number
  /** In Grafana's rows of 30 px. */
  height: number
  options: Readonly<Record<string, unknown>>
  custom?: Readonly<Record<string, unknown>>
  min?: number
  max?: number
  decimals?: number
  thresholds?: readonly Step[]
  mappings?: readonly unknown[]
  overrides?: readonly Override[]
  transformations?: readonly { id: string; options: Readonly<Record<string, unknown>> }[]
  links?: readonly Link[]
  /** A window of its own, such as `24h`. */
  timeFrom?: string
}

export interface Variable {
  name: string
  label: string
  description: string
  /** What the data source is asked for its values. */
  query: string
}

/** Lines of panels under a heading. */
export interface Section {
  title: string
  panels: readonly Panel[]
}

export interface Dashboard {
  /** Stable: links and the addresses of dashboards hold it. */
  uid: string
  title: string
  description: string
  /** What every query asks. */
  source: 'aiwatch' | 'prometheus'
  tags: readonly string[]
  variables: readonly Variable[]
  /** A page of the app with the same subject, as its path. */
  page?: { path: string; title: string }
  /** Default `now-1h`. */
  from?: string
  /** Default `30s`. */
  refresh?: string
  sections: readonly Section[]
}
