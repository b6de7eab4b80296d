import { decodeLabel, encodeLabel, formatSeriesName, publishSeries } from '@aiwatch/store'
import { TIMESERIES_KINDS } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Aggregation, Reducer } from '../../src/analytics/series/aggregations.ts'
import type { DataPoint } from '../../src/analytics/series/data-point.ts'
import type { LabelAnswer } from '../../src/analytics/series/label-answer.ts'
import type { SeriesAnswer } from '../../src/analytics/series/series-source.ts'
import { openStage, type Stage } from '../run-collector.ts'
import { CallWriter, testCall } from '../write-calls.ts'

const HOUR = 3_600_000
const MODELS = ['gpt-4o', 'a=b,(c)!', '🦊 100%']

type Row = [name: string, labels: unknown, samples: [number, string][]]
const toPoints = (samples: [number, string][]): DataPoint[] =>
  samples.map(([timestamp, value]) => ({ timestamp, value: value === 'NaN' ? null : Number(value) }))

describeOnEachRedis('questions beside the published series', TIMESERIES_KINDS, (kind) => {
  let stage: Stage
  let startMs = 0
  let endMs = 0

  beforeAll(async () => {
    stage = await openStage({ kind })
    endMs = Date.now()
    startMs = endMs - 4 * HOUR
    const calls = Array.from({ length: 500 }, (_, index) =>
      testCall({
        endedMs: endMs - index * 23_000,
        app: index % 2 === 0 ? 'shop' : 'desk',
        model: MODELS[index % 3] as string,
        outcome: index % 5 === 0 ? 'timeout' : 'ok',
        inputTokens: 1 + index * 13,
      }),
    )
    await new CallWriter(stage.redis).write(calls)
    await publishSeries(stage.redis, 'default', { all: true })
  })
  afterAll(() => stage.stop())

  const ask = async <Answer>(body: Record<string, unknown>): Promise<Answer> => {
    const { status, body: answer } = await stage.query<Answer>({ start_time: startMs, end_time: endMs, ...body })
    expect(answer).not.toHaveProperty('error')
    expect(status).toBe(200)
    return answer
  }

  it.each<[tier: string, aggregation: Aggregation, bucketMs: number, reduce: Reducer, label: string, filter: string[]]>([
    ['10s', 'sum', 60_000, 'sum', 'model', []],
    ['1m', 'sum', 300_000, 'sum', 'model', []],
    ['1h', 'sum', HOUR, 'sum', 'model', []],
    ['10s', 'max', 600_000, 'sum', 'app', ['app!=nobody']],
    ['1m', 'count', HOUR, 'max', 'model', [`model!=${encodeLabel('gpt-4o')}`]],
    ['1m', 'avg', HOUR, 'avg', 'direction', ['direction=input']],
    ['10s', 'last', HOUR, 'range', 'model', [`model=(gpt-4o,${encodeLabel('🦊 100%')})`]],
  ])(
    'equals TS.MRANGE over tier %s: %s of %d ms, reduced by %s over %s, filtered by %s',
    async (...[tier, aggregation, bucketMs, reduce, label, filter]) => {
      for (const empty of [false, true]) {
        const answer = await ask<LabelAnswer>({
          metric: 'tokens',
          filter,
          group_by: [label],
          reduce,
          aggregation,
          bucket_duration: bucketMs,
          align: 'start',
          tier,
          empty,
        })
        const rows = (await stage.redis.call(
          'TS.MRANGE',
          ...[startMs, endMs, 'ALIGN', 'start', 'AGGREGATION', aggregation, bucketMs, ...(empty ? ['EMPTY'] : [])],
          ...['FILTER', 'tenant=default', `tier=${tier}`, 'metric=tokens', ...filter, 'GROUPBY', label, 'REDUCE', reduce],
        )) as Row[]
        const theirs = rows.map(([name, , samples]) => [decodeLabel(name.slice(label.length + 1)), toPoints(samples)] as const)
        const ours = answer.series.map(({ labels, data }) => [labels[label], data] as const)
        expect(ours.length).toBeGreaterThan(0)
        expect(new Map(ours)).toEqual(new Map(theirs))
      }
    },
  )

  it('answers for one key what TS.RANGE answers for its series', async () => {
    for (const model of MODELS) {
      const names = { metric: 'calls', split: 'timeout', app: 'shop', provider: 'openai', model }
      const filter = ['tenant=default', 'tier=10s', 'metric=calls', 'outcome=timeout', 'app=shop', `model=${encodeLabel(model)}`]
      const [series] = (await stage.redis.call('TS.QUERYINDEX', ...filter)) as string[]
      const range = ['TS.RANGE', series as string, startMs, endMs] as const
      const raw = await ask<SeriesAnswer>({ key: formatSeriesName(names) })
      expect(raw.data).toEqual(toPoints((await stage.redis.call(...range)) as [number, string][]))
      expect(raw.data.length).toBeGreaterThan(5)
      const stamped = { aggregation: 'avg', bucket_duration: '15m', align: 'end', bucket_timestamp: 'mid', empty: true }
      const buckets = await ask<SeriesAnswer>({ key: formatSeriesName(names), ...stamped })
      const asked = ['ALIGN', 'end', 'AGGREGATION', 'avg', 900_000, 'BUCKETTIMESTAMP', 'mid', 'EMPTY']
      expect(buckets.data).toEqual(toPoints((await stage.redis.call(...range, ...asked)) as [number, string][]))
    }
  })
})
