import { type Aggregation, isAdditive } from './aggregations.ts'
import { computeAggregate, type Values } from './compute-aggregate.ts'
import type { DataPoint } from './data-point.ts'
import type { Ranking } from './series-query.ts'

/** Amounts are ranked by their sum; sums of averages or percentiles would rank by how many buckets have data. */
export function defaultRanking(aggregation: Aggregation | undefined): Ranking {
  return aggregation === undefined || aggregation === 'count' || isAdditive(aggregation) ? 'sum' : 'avg'
}

function score(data: readonly DataPoint[], by: Ranking): number {
  const values = data.flatMap(({ value }) => value ?? [])
  return values.length === 0 ? Number.NEGATIVE_INFINITY : computeAggregate(by, values as unknown as Values, 0)
}

/** Highest first; of equals the one that came first. */
export function rankSeries<Series extends { data: readonly DataPoint[] }>(series: readonly Series[], by: Ranking): Series[] {
  const scored = series.map((one) => ({ one, rank: score(one.data, by) }))
  return scored.sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank)).map(({ one }) => one)
}
