/** How the series of a group become one list of points. */
import type { SketchCounters } from '@aiwatch/store'
import { aggregateSamples } from './aggregate-samples.ts'
import { isPercentile, type Percentile } from './aggregations.ts'
import type { DataPoint, Item } from './data-point.ts'
import { percentilesOf } from './percentiles-of.ts'
import type { Member } from './read-members.ts'
import { reduceSeries } from './reduce-series.ts'
import type { LabelQuery } from './series-query.ts'
import { bucketingOf } from './series-source.ts'

export type Combine<Value> = (members: readonly Member<Value>[]) => DataPoint[]

function inOrder<Value>(members: readonly Member<Value>[]): Item<Value>[] {
  return members.flatMap(({ items }) => items).sort((a, b) => a.timestamp - b.timestamp)
}

/** Percentiles do not add up: the sketches are merged first. */
export function combineSketches(query: LabelQuery, aggregation: Percentile): Combine<SketchCounters> {
  return (members) => percentilesOf(inOrder(members), { ...bucketingOf(query), aggregation })
}

/** Percentiles are of the samples of the group; all other aggregates are made series by series and then reduced, as TS.MRANGE does. */
export function combineSamples(query: LabelQuery): Combine<number> {
  const { aggregation, reduce = 'sum' } = query
  const bucketing = { ...bucketingOf(query), aggregation }
  if (isPercentile(aggregation)) {
    return (members) => {
      const reduced = reduceSeries(
        members.map(({ items }) => items),
        reduce,
      )
      return aggregateSamples(
        reduced.flatMap(({ timestamp, value }) => (value === null ? [] : [{ timestamp, value }])),
        bucketing,
      )
    }
  }
  return (members) =>
    reduceSeries(
      members.map(({ items }) => aggregateSamples(items, bucketing)),
      reduce,
    )
}
