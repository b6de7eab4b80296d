/** Aggregates of a list of values, with the meanings of RedisTimeSeries' aggregators. */
import { type Aggregation, PERCENTILES } from './aggregations.ts'

export type Values = readonly [number, ...number[]]

function sum(values: Values): number {
  let total = 0
  for (const value of values) total += value
  return total
}

function least(values: Values): number {
  return values.reduce((low, value) => Math.min(low, value))
}

function greatest(values: Values): number {
  return values.reduce((high, value) => Math.max(high, value))
}

/** Two passes: the textbook one-pass form, which the module has, loses its digits when the values are large and close together. */
function variance(values: Values, divisor: number): number {
  // As RedisTimeSeries does, a single sample has variance 0, the estimate from a sample too.
  if (values.length < 2) return 0
  const mean = sum(values) / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return squares / divisor
}

/** The smallest value that at least this share of the values does not exceed. */
function nearestRank(values: Values, quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1] as number
}

const COMPUTE: Record<Aggregation, (values: Values, bucketMs: number) => number> = {
  avg: (values) => sum(values) / values.length,
  sum,
  min: least,
  max: greatest,
  count: (values) => values.length,
  first: (values) => values[0],
  last: (values) => values[values.length - 1] as number,
  range: (values) => greatest(values) - least(values),
  'std.p': (values) => Math.sqrt(variance(values, values.length)),
  'std.s': (values) => Math.sqrt(variance(values, values.length - 1)),
  'var.p': (values) => variance(values, values.length),
  'var.s': (values) => variance(values, values.length - 1),
  rate: (values, bucketMs) => sum(values) / (bucketMs / 1000),
  p50: (values) => nearestRank(values, PERCENTILES.p50),
  p90: (values) => nearestRank(values, PERCENTILES.p90),
  p95: (values) => nearestRank(values, PERCENTILES.p95),
  p99: (values) => nearestRank(values, PERCENTILES.p99),
}

/** `values` in order of time; `bucketMs` is the length of the bucket, of which a rate is made. */
export function computeAggregate(aggregation: Aggregation, values: Values, bucketMs: number): number {
  return COMPUTE[aggregation](values, bucketMs)
}
