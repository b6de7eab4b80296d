/** Several series into one, point by point: the rules of TS.MRANGE … GROUPBY … REDUCE. */
import type { Reducer } from './aggregations.ts'
import { computeAggregate, type Values } from './compute-aggregate.ts'
import type { DataPoint } from './data-point.ts'

/**
 * A point for every timestamp that one of the series has. Points without a value take no part; where no series has one the answer has none
 * either.
 */
export function reduceSeries(series: readonly (readonly DataPoint[])[], reducer: Reducer): DataPoint[] {
  const values = new Map<number, number[]>()
  for (const points of series) {
    for (const { timestamp, value } of points) {
      const known = values.get(timestamp) ?? []
      if (known.length === 0) values.set(timestamp, known)
      if (value !== null) known.push(value)
    }
  }
  return [...values]
    .sort((a, b) => a[0] - b[0])
    .map(([timestamp, found]) => ({
      timestamp,
      value: found.length === 0 ? null : computeAggregate(reducer, found as unknown as Values, 0),
    }))
}
