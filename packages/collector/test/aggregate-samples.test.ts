import { describe, expect, it } from 'vitest'
import { AGGREGATIONS, type Aggregation, aggregateSamples } from '../src/analytics/series/aggregate-samples.ts'

const at = (values: number[], stepMs = 10_000, startMs = 0) =>
  values.map((value, index) => ({ timestamp: startMs + index * stepMs, value }))
const one = (aggregation: Aggregation, values: number[]) =>
  aggregateSamples(at(values), { aggregation, bucketMs: undefined, startMs: 0 })[0]?.value

describe('aggregateSamples', () => {
  it.each<[Aggregation, number]>([
    ['avg', 5],
    ['sum', 40],
    ['min', 2],
    ['max', 9],
    ['count', 8],
    ['first', 2],
    ['last', 9],
    ['range', 7],
    ['var.p', 4],
    ['std.p', 2],
    ['var.s', 32 / 7],
    ['std.s', Math.sqrt(32 / 7)],
  ])('%s of a known list is %d', (aggregation, expected) => {
    expect(one(aggregation, [2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(expected, 12)
  })

  it('keeps the digits of the variance of large values', () => {
    expect(one('var.p', [1e15, 1e15 + 1, 1e15 + 2])).toBeCloseTo(2 / 3, 9)
  })

  it('gives a single sample no variance, and no sample no point', () => {
    for (const aggregation of ['std.p', 'std.s', 'var.p', 'var.s'] as const) expect(one(aggregation, [7])).toBe(0)
    for (const aggregation of AGGREGATIONS) expect(aggregateSamples([], { aggregation, bucketMs: 1000, startMs: 0 })).toEqual([])
  })

  it('starts buckets at multiples of their length since the epoch, whatever the range starts at', () => {
    const samples = at([1, 2, 3, 4], 10_000, 50_000)
    expect(aggregateSamples(samples, { aggregation: 'sum', bucketMs: 30_000, startMs: 50_000 })).toEqual([
      { timestamp: 30_000, value: 1 },
      { timestamp: 60_000, value: 9 },
    ])
  })

  it('leaves out buckets without samples, and makes one bucket of the range when none is given', () => {
    const samples = [...at([1], 1, 0), ...at([2], 1, 100_000)]
    expect(aggregateSamples(samples, { aggregation: 'sum', bucketMs: 10_000, startMs: 0 }).map((point) => point.timestamp)).toEqual([
      0, 100_000,
    ])
    expect(aggregateSamples(samples, { aggregation: 'avg', bucketMs: undefined, startMs: -5 })).toEqual([{ timestamp: -5, value: 1.5 }])
  })
})
