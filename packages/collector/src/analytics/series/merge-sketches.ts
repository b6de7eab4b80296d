/** Percentiles of what sketches counted. */
import { sketchQuantiles } from '@aiwatch/store'
import { addSums } from '../sums.ts'
import { PERCENTILES, type Percentile } from './aggregations.ts'
import type { DataPoint, Item } from './data-point.ts'
import { type Bucketing, fillBuckets } from './fill-buckets.ts'

/** Calls by index of a sketch bucket. */
export type Counters = ReadonlyMap<number, number>

function merge(sketches: readonly Counters[]): Map<number, number> {
  const merged = new Map<number, number>()
  for (const counters of sketches) addSums(merged, counters)
  return merged
}

/** A percentile per bucket, in milliseconds, of all calls that its sketches counted together. The sketches are in order of time. */
export function mergeSketches(
  sketches: readonly Item<Counters>[],
  { aggregation, ...bucketing }: Bucketing & { aggregation: Percentile },
): DataPoint[] {
  const quantile = PERCENTILES[aggregation]
  return fillBuckets(sketches, { ...bucketing, aggregation, fold: (counters) => sketchQuantiles(merge(counters), [quantile])?.[0] ?? null })
}
