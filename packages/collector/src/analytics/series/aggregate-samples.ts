/** Aggregation of samples into buckets as TS.RANGE does it. */
import type { Aggregation } from './aggregations.ts'
import { computeAggregate } from './compute-aggregate.ts'
import type { DataPoint, Sample } from './data-point.ts'
import { type Bucketing, fillBuckets } from './fill-buckets.ts'

/** The samples as they are where there is no aggregation. They are in order of time. */
export function aggregateSamples(
  samples: readonly Sample[],
  { aggregation, ...bucketing }: Bucketing & { aggregation: Aggregation | undefined },
): DataPoint[] {
  if (aggregation === undefined) return [...samples]
  return fillBuckets(samples, { ...bucketing, aggregation, fold: (values, bucketMs) => computeAggregate(aggregation, values, bucketMs) })
}
