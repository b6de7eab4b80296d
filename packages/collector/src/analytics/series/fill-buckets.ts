/** Stored items into buckets, a point each. */
import type { Aggregation } from './aggregations.ts'
import { type BucketGrid, bucketStartOf, stampOf } from './bucket-grid.ts'
import type { DataPoint, Item } from './data-point.ts'

export interface Bucketing {
  startMs: number
  endMs: number
  /** Undefined: one bucket, stamped with the start of the range. */
  grid: BucketGrid | undefined
  /** Whether empty buckets between the first and the last that hold something get a point too, as in TS.RANGE EMPTY. */
  empty: boolean
}

export interface Folding<Value> extends Bucketing {
  aggregation: Aggregation
  /** The value of a bucket; it is never asked about none. */
  fold(values: readonly [Value, ...Value[]], bucketMs: number): number | null
}

/** The value of an empty bucket that follows `previous`. */
function valueOfEmpty(aggregation: Aggregation, previous: number | null): number | null {
  if (aggregation === 'sum' || aggregation === 'count' || aggregation === 'rate') return 0
  return aggregation === 'last' ? previous : null
}

function group<Value>(items: readonly Item<Value>[], startOf: (timestampMs: number) => number): Map<number, [Value, ...Value[]]> {
  const buckets = new Map<number, [Value, ...Value[]]>()
  for (const { timestamp, value } of items) {
    const start = startOf(timestamp)
    const values = buckets.get(start)
    if (values) values.push(value)
    else buckets.set(start, [value])
  }
  return buckets
}

/** Items are in order of time, and so are the points. */
export function fillBuckets<Value>(items: readonly Item<Value>[], folding: Folding<Value>): DataPoint[] {
  const { grid, startMs, endMs, aggregation, empty, fold } = folding
  if (!grid) return [...group(items, () => startMs)].map(([timestamp, values]) => ({ timestamp, value: fold(values, endMs - startMs) }))
  const points: DataPoint[] = []
  let next: number | undefined
  for (const [start, values] of group(items, (timestamp) => bucketStartOf(grid, timestamp))) {
    for (; empty && next !== undefined && next < start; next += grid.lengthMs) {
      points.push({ timestamp: stampOf(grid, next), value: valueOfEmpty(aggregation, points.at(-1)?.value ?? null) })
    }
    points.push({ timestamp: stampOf(grid, start), value: fold(values, grid.lengthMs) })
    next = start + grid.lengthMs
  }
  return points
}
