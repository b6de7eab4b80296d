/** Percentiles of what sketches counted. */
import { mergeSketches, type SketchCounters, sketchQuantiles } from '@aiwatch/store'
import { PERCENTILES, type Percentile } from './aggregations.ts'
import type { DataPoint, Item } from './data-point.ts'
import { type Bucketing, fillBuckets } from './fill-buckets.ts'

/** A percentile per bucket, in milliseconds, of all calls that its sketches counted together. The sketches are in order of time. */
export function percentilesOf(
  sketches: readonly Item<SketchCounters>[],
  { aggregation, ...bucketing }: Bucketing & { aggregation: Percentile },
): DataPoint[] {
  const quantile = PERCENTILES[aggregation]
  return fillBuckets(sketches, {
    ...bucketing,
    aggregation,
    fold: (counters) => sketchQuantiles(mergeSketches(counters), [quantile])?.[0] ?? null,
  })
}
