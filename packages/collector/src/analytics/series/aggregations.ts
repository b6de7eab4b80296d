/** What can be made of the samples of a bucket. */
export const SAMPLE_AGGREGATIONS = [
  'avg',
  'sum',
  'min',
  'max',
  'count',
  'first',
  'last',
  'range',
  'std.p',
  'std.s',
  'var.p',
  'var.s',
] as const
export type SampleAggregation = (typeof SAMPLE_AGGREGATIONS)[number]

export const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const
export type Percentile = keyof typeof PERCENTILES

export const AGGREGATIONS = [...SAMPLE_AGGREGATIONS, 'rate', 'p50', 'p90', 'p95', 'p99'] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

/** What TS.MRANGE … GROUPBY … REDUCE takes. */
export const REDUCERS = ['sum', 'avg', 'min', 'max', 'count', 'range', 'std.p', 'std.s', 'var.p', 'var.s'] as const
export type Reducer = (typeof REDUCERS)[number]

/** Below this a bucket holds too few samples for a percentile, and sketches are not kept apart. */
export const MIN_PERCENTILE_BUCKET_MS = 60_000

export function isPercentile(aggregation: Aggregation | undefined): aggregation is Percentile {
  return aggregation !== undefined && aggregation in PERCENTILES
}

/** True when the aggregate of a bucket is the same whatever the length of the samples that it is made of. */
export function isAdditive(aggregation: Aggregation | undefined): boolean {
  return aggregation === 'sum' || aggregation === 'rate'
}

/** Unit of the aggregate of samples of this unit. */
export function unitOf(aggregation: Aggregation | undefined, unit: string): string {
  if (aggregation === 'rate') return `${unit}/s`
  if (aggregation === 'count') return '{sample}'
  return aggregation === 'var.p' || aggregation === 'var.s' ? `${unit}^2` : unit
}
