/** What a panel asks the data source. */
import type { DataQuery } from '@grafana/schema'
import type { AnswerOperation } from '../data/frames/answer-parts.ts'
import type { EventKind } from './events.ts'

/** One part of a reply of the API. Parameters take template variables. */
export interface AnswerQuery extends DataQuery {
  kind: 'answer'
  operation: AnswerOperation
  part: string
  /** Of `model` (its name) and `user` (its key or id). */
  id?: string
  params?: Record<string, string>
  /** Only these columns of the part; absent: all. */
  fields?: string[]
  /** The overview, the calls and the sessions of a time that ends now: the frames go on each second; see `ask-live.ts`. */
  live?: boolean
}

export interface LabelFilter {
  label: string
  /** `absent`: only what does not have the label; `present`: only what has it. */
  operator: '=' | '!=' | 'absent' | 'present'
  /** Names, or template variables; of = and != alone. None of them: no filter. */
  values: string[]
}

/** Whether the filter has names at all. */
export const takesNames = ({ operator }: LabelFilter): boolean => operator === '=' || operator === '!='

/** Time series of a metric of the catalogue. */
export interface MetricQuery extends DataQuery {
  kind: 'metric'
  metric: string
  aggregation: string
  filters?: LabelFilter[]
  groupBy?: string[]
  /** Such as `30s` or `5m`; absent: what fits the panel. */
  step?: string
  /** `heatmap`: one frame of cells, for the panel of that name. Absent: a frame a series. */
  format?: 'heatmap'
  /** Most series; the rest are added up as `other`. Absent: 20. */
  limit?: number
  /** With `{{label}}`. */
  legend?: string
}

/** The body of `POST /v1/query` as JSON, with variables; see `ask-raw.ts`. */
export interface RawQuery extends DataQuery {
  kind: 'raw'
  body: string
  /** With `{{label}}`. */
  legend?: string
}

/** Annotations: instants with a title, a text and tags. Parameters take template variables. */
export interface EventQuery extends DataQuery {
  kind: 'events'
  event: EventKind
  params?: Record<string, string>
}

export type AIWatchQuery = AnswerQuery | MetricQuery | RawQuery | EventQuery

export interface AIWatchOptions {
  /** Grafana wants one; the address is the data source's own `url`. */
  [name: string]: unknown
}

export interface AIWatchSecrets {
  apiKey?: string
}

export const DEFAULT_QUERY: Omit<MetricQuery, 'refId'> = { kind: 'metric', metric: 'tokens', aggregation: 'rate', groupBy: ['model'] }

export const DEFAULT_RAW_BODY = `{
  "metric": "tokens",
  "filter": { "direction": "output" },
  "group_by": ["model"],
  "aggregation": "rate",
  "start_time": "$__from",
  "end_time": "$__to",
  "bucket_duration": "$__interval"
}`

/** Annotations of a dashboard begin with it. */
export const DEFAULT_EVENTS: Omit<EventQuery, 'refId'> = { kind: 'events', event: 'new_errors' }
