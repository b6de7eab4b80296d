/** Questions about time series, however they came in. */
import type { Aggregation, Reducer } from './aggregations.ts'
import type { BucketGrid, Stamp } from './bucket-grid.ts'
import type { LabelMatcher } from './label-filter.ts'
import type { LevelName } from './levels.ts'

export interface RangeQuery {
  /** Milliseconds since the epoch; both ends are inclusive. */
  startMs: number
  endMs: number
  /** Undefined: the samples as they are. */
  aggregation: Aggregation | undefined
  /** Undefined: one bucket over the range. Only with an aggregation. */
  bucketMs: number | undefined
  /** An instant in milliseconds since the epoch at which one bucket begins, or an end of the range. */
  align: 'start' | 'end' | number
  /** Whether empty buckets are answered as TS.RANGE EMPTY does. */
  empty: boolean
  /** By which instant a bucket is answered. */
  stamp: Stamp
  /** Undefined: what fits range and bucket. */
  tier: LevelName | undefined
}

/** One series. */
export interface KeyQuery extends RangeQuery {
  key: string
}

export const RANKINGS = ['sum', 'avg', 'min', 'max', 'last'] as const
export type Ranking = (typeof RANKINGS)[number]

export interface TopSeries {
  k: number
  /** What of a series' points they are ranked by. Undefined: `sum` for amounts, `avg` for all else. */
  by: Ranking | undefined
  /** Whether the rest is answered too, as one series. */
  other: boolean
}

/** Every series of a metric whose labels match. */
export interface LabelQuery extends RangeQuery {
  metric: string
  matchers: readonly LabelMatcher[]
  /** Series that agree in these labels are made one. Undefined: each series apart. */
  groupBy: readonly string[] | undefined
  /** How, point by point. */
  reduce: Reducer | undefined
  top: TopSeries | undefined
  /** Most series in the answer. */
  limit: number
}

export type SeriesQuery = KeyQuery | LabelQuery

export interface QueryLimits {
  nowMs: number
  /** Most points in the answer of one query. */
  maxPoints: number
  /** Most stored buckets read for all queries of a request. */
  maxBuckets: number
}

/** The buckets of a query; undefined where it has one bucket or none. */
export function gridOf({ bucketMs, align, stamp, startMs, endMs }: RangeQuery): BucketGrid | undefined {
  if (bucketMs === undefined) return undefined
  const alignMs = align === 'start' ? startMs : align === 'end' ? endMs : align
  return { lengthMs: bucketMs, alignMs, stamp }
}
