import { describe, expect, it } from 'vitest'
import { aggregateSamples } from '../src/analytics/series/aggregate-samples.ts'
import { AGGREGATIONS, type Aggregation } from '../src/analytics/series/aggregations.ts'

const at = (values: number[], stepMs = 10_000, startMs = 0) =>
  values.map((value, index) => ({ timestamp: startMs + index * stepMs, value }))
const whole = { startMs: 0, endMs: 80_000, grid: undefined, empty: false }
const one = (aggregation: Aggregation, values: number[]) => aggregateSamples(at(values), { ...whole, aggregation })[0]?.value
const every = (lengthMs: number, alignMs = 0) => ({ ...whole, grid: { lengthMs, alignMs, stamp: 'start' as const } })

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
    ['rate', 40 / 80],
    ['p50', 4],
    ['p90', 9],
    ['p95', 9],
    ['p99', 9],
  ])('%s of a known list is %d', (aggregation, expected) => {
    expect(one(aggregation, [2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(expected, 12)
  })

  it('takes percentiles by nearest rank, whatever the order of the values', () => {
    const values = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1)
    expect((['p50', 'p90', 'p95', 'p99'] as const).map((name) => one(name, values))).toEqual([50, 90, 95, 99])
    expect((['p50', 'p99'] as const).map((name) => one(name, [7]))).toEqual([7, 7])
  })

  it('keeps the digits of the variance of large values', () => {
    expect(one('var.p', [1e15, 1e15 + 1, 1e15 + 2])).toBeCloseTo(2 / 3, 9)
  })

  it('gives a single sample no variance, and no sample no point', () => {
    for (const aggregation of ['std.p', 'std.s', 'var.p', 'var.s'] as const) expect(one(aggregation, [7])).toBe(0)
    for (const aggregation of AGGREGATIONS) expect(aggregateSamples([], { ...every(1000), empty: true, aggregation })).toEqual([])
  })

  it('starts buckets at multiples of their length since the epoch, whatever the range starts at', () => {
    const samples = at([1, 2, 3, 4], 10_000, 50_000)
    expect(aggregateSamples(samples, { ...every(30_000), startMs: 50_000, aggregation: 'sum' })).toEqual([
      { timestamp: 30_000, value: 1 },
      { timestamp: 60_000, value: 9 },
    ])
  })

  it('divides a rate by the seconds of the bucket, or of the range', () => {
    expect(aggregateSamples(at([10, 20]), { ...every(10_000), aggregation: 'rate' }).map(({ value }) => value)).toEqual([1, 2])
    expect(aggregateSamples(at([10, 20]), { ...whole, endMs: 60_000, aggregation: 'rate' })).toEqual([{ timestamp: 0, value: 0.5 }])
  })

  it('leaves out buckets without samples, and makes one bucket of the range when none is given', () => {
    const samples = [...at([1], 1, 0), ...at([2], 1, 100_000)]
    expect(aggregateSamples(samples, { ...every(10_000), aggregation: 'sum' }).map((point) => point.timestamp)).toEqual([0, 100_000])
    expect(aggregateSamples(samples, { ...whole, startMs: -5, aggregation: 'avg' })).toEqual([{ timestamp: -5, value: 1.5 }])
  })

  it.each<[Aggregation, number | null]>([
    ['sum', 0],
    ['count', 0],
    ['rate', 0],
    ['last', 1],
    ['avg', null],
    ['first', null],
    ['std.s', null],
    ['p95', null],
  ])('fills empty buckets between two full ones with the %s of nothing: %s', (aggregation, filling) => {
    const samples = [...at([1], 1, 60_000), ...at([2], 1, 240_000)]
    const points = aggregateSamples(samples, { ...every(60_000), endMs: 600_000, empty: true, aggregation })
    expect(points.map(({ timestamp }) => timestamp)).toEqual([60_000, 120_000, 180_000, 240_000])
    expect(points.slice(1, 3).map(({ value }) => value)).toEqual([filling, filling])
  })
})
