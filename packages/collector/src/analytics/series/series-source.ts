import type { DataPoint } from './data-point.ts'
import type { Bucketing } from './fill-buckets.ts'
import type { AnswerNotes, Labels, PlannedQuery } from './planned-query.ts'
import { gridOf, type KeyQuery, type QueryLimits, type RangeQuery } from './series-query.ts'

export interface SeriesAnswer extends AnswerNotes {
  key: string
  data: DataPoint[]
  labels: Labels
}

export interface LatestPoint {
  point: DataPoint
  labels: Labels
}

/** A key of `/query` as something that can be read: a sampled metric, or a series of a cell. */
export interface SeriesSource {
  /** Throws what can be said against the query without Redis. */
  plan(query: KeyQuery, limits: QueryLimits): PlannedQuery<SeriesAnswer>
  /** The newest value and the labels of where it was found; undefined when there is none. Throws an `unknown_key` error like `read`. */
  latest(): Promise<LatestPoint | undefined>
  /** What its values are of, without the tier. */
  labels(): Labels
}

export function bucketingOf(query: RangeQuery): Bucketing {
  const { startMs, endMs, empty } = query
  return { startMs, endMs, empty, grid: gridOf(query) }
}
