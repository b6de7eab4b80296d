/** Aggregation of samples into buckets, with the meanings of RedisTimeSeries' aggregators. */
export const AGGREGATIONS = ['avg', 'sum', 'min', 'max', 'count', 'first', 'last', 'range', 'std.p', 'std.s', 'var.p', 'var.s'] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

export interface DataPoint {
  /** Milliseconds since the epoch. */
  timestamp: number
  value: number
}

type Values = readonly [number, ...number[]]

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

/** Two passes: the textbook one-pass form loses its digits when the values are large and close together. */
function variance(values: Values, divisor: number): number {
  // As RedisTimeSeries does, a single sample has variance 0, the estimate from a sample too.
  if (values.length < 2) return 0
  const mean = sum(values) / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return squares / divisor
}

const COMPUTE: Record<Aggregation, (values: Values) => number> = {
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
}

export interface AggregateOptions {
  aggregation: Aggregation
  /** Length of a bucket in milliseconds; buckets start at multiples of it since the epoch. Undefined: one bucket, stamped with the start of the range. */
  bucketMs: number | undefined
  startMs: number
}

/** One point per bucket that has samples. `samples` are in order of time. */
export function aggregateSamples(samples: readonly DataPoint[], options: AggregateOptions): DataPoint[] {
  const compute = COMPUTE[options.aggregation]
  const buckets = new Map<number, [number, ...number[]]>()
  for (const { timestamp, value } of samples) {
    const start = options.bucketMs === undefined ? options.startMs : Math.floor(timestamp / options.bucketMs) * options.bucketMs
    const values = buckets.get(start)
    if (values) values.push(value)
    else buckets.set(start, [value])
  }
  return [...buckets].map(([timestamp, values]) => ({ timestamp, value: compute(values) }))
}
