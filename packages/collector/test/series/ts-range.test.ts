import { type RedisServer, startRedis, TIMESERIES_KINDS } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aggregateSamples } from '../../src/analytics/series/aggregate-samples.ts'
import { REDUCERS, type Reducer, SAMPLE_AGGREGATIONS, type SampleAggregation } from '../../src/analytics/series/aggregations.ts'
import { STAMPS, type Stamp } from '../../src/analytics/series/bucket-grid.ts'
import type { DataPoint, Sample } from '../../src/analytics/series/data-point.ts'
import { reduceSeries } from '../../src/analytics/series/reduce-series.ts'
import { type RandomChoices, randomChoices } from './random-choices.ts'

interface Question {
  startMs: number
  endMs: number
  lengthMs: number
  /** As TS.RANGE takes it. */
  align: 'start' | 'end' | number | undefined
  stamp: Stamp
  empty: boolean
}

/** Steps of 1 s with holes; whole numbers, and some with decimals. */
function randomSamples({ whole, chance }: RandomChoices): Sample[] {
  const samples: Sample[] = []
  let timestamp = whole(0, 40) * 1000
  for (let left = whole(1, 60); left > 0; left--) {
    const value = whole(-1000, 1000)
    samples.push({ timestamp, value: chance(0.3) ? value / 7 : value })
    timestamp += 1000 * (chance(0.2) ? whole(5, 40) : whole(1, 3))
  }
  return samples
}

function randomQuestion({ whole, oneOf, chance }: RandomChoices, lastMs: number): Question {
  const startMs = whole(0, lastMs)
  return {
    startMs,
    endMs: startMs + whole(0, lastMs),
    lengthMs: oneOf([500, 1000, 3000, 4500, 10_000, 60_000, 7777]),
    align: oneOf(['start', 'end', undefined, 0, whole(0, lastMs * 2)]),
    stamp: oneOf(STAMPS),
    empty: chance(0.6),
  }
}

const alignMsOf = ({ align, startMs, endMs }: Question) => (align === 'start' ? startMs : align === 'end' ? endMs : (align ?? 0))

function aggregatePart({ align, lengthMs, stamp, empty }: Question, aggregation: SampleAggregation): (string | number)[] {
  const alignPart = align === undefined ? [] : ['ALIGN', align]
  return [...alignPart, 'AGGREGATION', aggregation, lengthMs, 'BUCKETTIMESTAMP', stamp, ...(empty ? ['EMPTY'] : [])]
}

function answer(samples: readonly Sample[], question: Question, aggregation: SampleAggregation): DataPoint[] {
  const { startMs, endMs, lengthMs, stamp, empty } = question
  const inside = samples.filter(({ timestamp }) => timestamp >= startMs && timestamp <= endMs)
  return aggregateSamples(inside, { startMs, endMs, empty, aggregation, grid: { lengthMs, alignMs: alignMsOf(question), stamp } })
}

const toPoints = (reply: unknown): DataPoint[] =>
  (reply as [number, string][]).map(([timestamp, value]) => ({ timestamp, value: value === 'NaN' ? null : Number(value) }))

function isClose(own: number | null, theirs: number | null): boolean {
  if (own === null || theirs === null) return own === theirs
  return Math.abs(own - theirs) <= 1e-9 * Math.max(1, Math.abs(theirs))
}

/** Equal to 1e-9 of the value; where it is below 1, to 1e-9: the module loses digits of small variances of large values. */
function expectEqual(ours: DataPoint[], theirs: DataPoint[], context: unknown): void {
  const equal =
    ours.length === theirs.length &&
    ours.every(({ timestamp, value }, index) => {
      const other = theirs[index] as DataPoint
      return timestamp === other.timestamp && isClose(value, other.value)
    })
  if (!equal) expect(ours, JSON.stringify(context)).toEqual(theirs)
}

describeOnEachRedis('answers of the module', TIMESERIES_KINDS, (kind) => {
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis({ kind })
    redis = new Redis(server.url)
  })
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  const store = async (key: string, samples: readonly Sample[], labels: readonly string[]) => {
    await redis.call('TS.CREATE', key, 'LABELS', ...labels)
    await redis.call('TS.MADD', ...samples.flatMap(({ timestamp, value }) => [key, timestamp, value]))
  }

  it('are ours for every aggregation, alignment, stamp and range, empty buckets too', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const choices = randomChoices(seed)
      const samples = randomSamples(choices)
      await store(`range:${seed}`, samples, ['seed', String(seed)])
      const lastMs = (samples.at(-1) as Sample).timestamp
      const asked = SAMPLE_AGGREGATIONS.flatMap((aggregation) =>
        Array.from({ length: 3 }, () => ({ aggregation, question: randomQuestion(choices, lastMs) })),
      )
      const replies = await Promise.all(
        asked.map(({ aggregation, question }) =>
          redis.call('TS.RANGE', `range:${seed}`, question.startMs, question.endMs, ...aggregatePart(question, aggregation)),
        ),
      )
      for (const [index, { aggregation, question }] of asked.entries())
        expectEqual(answer(samples, question, aggregation), toPoints(replies[index]), { seed, aggregation, question })
    }
  })

  it('are ours for every reducer over groups of series', async () => {
    for (let seed = 101; seed <= 125; seed++) {
      const choices = randomChoices(seed)
      const series = Array.from({ length: choices.whole(1, 4) }, () => randomSamples(choices))
      for (const [index, samples] of series.entries())
        await store(`group:${seed}:${index}`, samples, ['seed', String(seed), 'index', String(index)])
      const lastMs = Math.max(...series.map((samples) => (samples.at(-1) as Sample).timestamp))
      const asked = REDUCERS.map((reducer: Reducer) => ({
        reducer,
        aggregation: choices.oneOf(SAMPLE_AGGREGATIONS),
        question: randomQuestion(choices, lastMs),
      }))
      const replies = await Promise.all(
        asked.map(({ reducer, aggregation, question }) =>
          redis.call(
            'TS.MRANGE',
            ...[question.startMs, question.endMs, ...aggregatePart(question, aggregation)],
            ...['FILTER', `seed=${seed}`, 'GROUPBY', 'seed', 'REDUCE', reducer],
          ),
        ),
      )
      for (const [index, { reducer, aggregation, question }] of asked.entries()) {
        const [group] = replies[index] as [string, unknown, unknown][]
        const ours = reduceSeries(
          series.map((samples) => answer(samples, question, aggregation)),
          reducer,
        )
        expectEqual(ours, toPoints(group?.[2] ?? []), { seed, reducer, aggregation, question })
      }
    }
  })
})
