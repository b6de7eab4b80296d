import { applyBatch, bucketStart, CODE, emptyContents, formatSeriesName, openReader, TIERS, type Tier, toCell } from '@aiwatch/store'
import { startTcpProxy } from '@aiwatch/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabelAnswer } from '../../src/analytics/series/label-answer.ts'
import { querySeries } from '../../src/analytics/series/query-series.ts'
import type { SeriesAnswer } from '../../src/analytics/series/series-source.ts'
import { startCollector } from '../../src/index.ts'
import { getJson, openStage, postJson, QUIET, type Stage } from '../run-collector.ts'
import { CallWriter, testCall } from '../write-calls.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const names = { app: 'shop', provider: 'openai', model: 'gpt-4o' }
const INPUT = formatSeriesName({ metric: 'tokens', split: 'input', ...names })
const OUTPUT = formatSeriesName({ metric: 'tokens', split: 'output', ...names })

describe('what an answer says about itself', () => {
  let stage: Stage
  let nowMs = 0

  beforeAll(async () => {
    stage = await openStage()
    nowMs = Date.now()
    await new CallWriter(stage.redis).write([testCall({ endedMs: nowMs - 2 * HOUR }), testCall({ endedMs: nowMs })])
    const { app, provider, model } = names
    const values = [CODE.callsOk, 1, CODE.inputTokens, 7, CODE.outputTokens, 9, CODE.estimatedOutputTokens, 9, CODE.costNanoUsd, 3]
    const rows = (Object.keys(TIERS) as Tier[]).map((tier) => ({
      tier,
      start: bucketStart(nowMs - HOUR, TIERS[tier].seconds),
      cell: 0,
      values,
    }))
    const contents = { ...emptyContents('default', 'estimator'), cells: [toCell(app, provider, model)], series: rows }
    expect(await applyBatch(stage.redis, { ...contents, sequence: 1 })).toMatchObject({ status: 'applied', refusedOperations: 0 })
  })
  afterAll(() => stage.stop())

  const ask = async <Answer = SeriesAnswer>(body: Record<string, unknown>): Promise<Answer> => {
    const { status, body: answer } = await stage.query<Answer>({ start_time: nowMs - 90 * 60_000, end_time: nowMs, ...body })
    expect(answer).not.toHaveProperty('error')
    expect(status).toBe(200)
    return answer
  }

  it('is estimated where tokens of its range were, and only there', async () => {
    expect(await ask({ key: OUTPUT })).toMatchObject({ estimated: true })
    expect(await ask({ key: INPUT })).toMatchObject({ estimated: false })
    expect(await ask({ key: OUTPUT, start_time: nowMs - 30 * 60_000 })).toMatchObject({ estimated: false })
    expect(await ask({ key: `cost_nano_usd:shop:openai:gpt-4o` })).toMatchObject({ estimated: true, unit: 'nUSD' })
    expect(await ask({ key: `wasted_tokens:shop:openai:gpt-4o` })).not.toHaveProperty('estimated')
    expect(await ask({ metric: 'tokens', filter: { direction: 'output' } })).toMatchObject({ estimated: true })
    expect(await ask({ metric: 'tokens', filter: { direction: 'input' } })).toMatchObject({ estimated: false })
    expect(await ask({ metric: 'tokens', filter: { model: 'nobody' } })).toMatchObject({ estimated: false, series: [] })
    expect(await ask({ key: 'metrics:response_time:p95' })).toMatchObject({ estimated: true, error_bound: 0.02 })
    expect(await ask({ key: 'metrics:tokens:input_rate' })).not.toHaveProperty('estimated')
  })

  it('names the tier and the unit', async () => {
    expect(await ask({ key: INPUT })).toMatchObject({ tier: '10s', unit: '{token}' })
    expect(await ask({ key: INPUT, tier: '1h', aggregation: 'rate', bucket_duration: '1h' })).toMatchObject({
      tier: '1h',
      unit: '{token}/s',
    })
    expect(await ask({ key: INPUT, aggregation: 'var.s' })).toMatchObject({ unit: '{token}^2' })
    expect(await ask({ key: INPUT, aggregation: 'count' })).toMatchObject({ unit: '{sample}' })
    expect(await ask({ key: 'metrics:error_rate' })).not.toHaveProperty('tier')
  })

  it('says from where on it holds what is still kept', async () => {
    const { partial, data } = await ask({ key: INPUT, start_time: 'now-500d', aggregation: 'sum', bucket_duration: '1d' })
    expect(partial?.reason).toBe('past_retention')
    expect(Math.abs((partial?.from ?? 0) - (nowMs - 400 * DAY))).toBeLessThan(2 * HOUR)
    expect(data.reduce((sum, { value }) => sum + Number(value), 0)).toBe(207)
    expect(await ask({ key: INPUT, start_time: 'now-400d', aggregation: 'sum' })).not.toHaveProperty('partial')
    expect(await ask({ key: 'metrics:error_rate', start_time: 'now-2d' })).toHaveProperty('partial')
  })

  it('moves from tier to tier as the range grows old', async () => {
    const reader = openReader(stage.redis, { tenant: 'default' })
    const question = { key: INPUT, startMs: nowMs - 3 * HOUR, endMs: nowMs, aggregation: undefined, bucketMs: undefined }
    const rest = { align: 0, empty: false, stamp: 'start', tier: undefined } as const
    const tierAt = async (atMs: number) =>
      (await querySeries(reader, { ...question, ...rest }, { nowMs: atMs, maxPoints: 100_000, maxBuckets: 100_000 })) as SeriesAnswer
    expect((await tierAt(nowMs)).tier).toBe('10s')
    expect((await tierAt(nowMs + 21 * HOUR)).tier).toBe('10s')
    const minutes = await tierAt(nowMs + 21.1 * HOUR)
    expect({ tier: minutes.tier, values: minutes.data.map(({ value }) => value) }).toEqual({ tier: '1m', values: [100, 7, 100] })
    expect((await tierAt(nowMs + 7 * DAY)).tier).toBe('1h')
    await expect(tierAt(nowMs + 401 * DAY)).rejects.toMatchObject({ kind: 'invalid', field: 'start_time' })
  })

  it('includes the open bucket', async () => {
    const { data } = await ask({ key: INPUT, end_time: 'now', aggregation: 'sum', bucket_duration: '1h' })
    const openHour = Math.floor(nowMs / HOUR) * HOUR
    await new CallWriter(stage.redis).write([testCall({ endedMs: openHour })])
    const later = await ask({ key: INPUT, end_time: 'now', aggregation: 'sum', bucket_duration: '1h' })
    const total = (points: typeof data) => points.reduce((sum, { value }) => sum + Number(value), 0)
    expect(total(later.data)).toBe(total(data) + 100)
  })

  it('fills, aligns and stamps buckets, with null where an empty one has no value', async () => {
    const question = { key: OUTPUT, start_time: nowMs - 125 * 60_000, bucket_duration: '20m', align: 'start', empty: true }
    const { data } = await ask({ ...question, aggregation: 'max', bucket_timestamp: 'end' })
    expect(data[0]?.timestamp).toBe(nowMs - 105 * 60_000)
    expect(data.map(({ timestamp }, index) => timestamp - (data[0]?.timestamp ?? 0) - index * 20 * 60_000)).toEqual(data.map(() => 0))
    expect(data.filter(({ value }) => value === null).length).toBeGreaterThanOrEqual(data.length - 4)
    const summed = await ask({ ...question, aggregation: 'sum' })
    expect(summed.data.filter(({ value }) => value === 0)).toHaveLength(data.filter(({ value }) => value === null).length)
  })

  it('holds cells that were written after names were read', async () => {
    const question = { metric: 'calls', filter: { app: 'newcomers' }, aggregation: 'sum' }
    expect((await ask<LabelAnswer>(question)).series).toEqual([])
    await new CallWriter(stage.redis).write([testCall({ endedMs: nowMs, app: 'newcomers', model: 'first' })])
    expect((await ask<LabelAnswer>(question)).series).toHaveLength(1)
    await new CallWriter(stage.redis).write([testCall({ endedMs: nowMs, app: 'newcomers', model: 'second' })])
    expect((await ask<LabelAnswer>(question)).series.map(({ labels }) => labels['model'])).toEqual(['first', 'second'])
    const slow = { metric: 'duration_ms', filter: { app: 'newcomers' }, aggregation: 'p95', group_by: ['model'] }
    expect((await ask<LabelAnswer>(slow)).series).toHaveLength(2)
  })

  it('takes one round trip for all queries of a request, once names are known', async () => {
    const proxy = await startTcpProxy({ targetPort: stage.server.port })
    const collector = await startCollector({ ...QUIET, redisUrl: `redis://127.0.0.1:${proxy.port}` })
    const range = { start_time: 'now-2h', end_time: 'now' }
    const grouped = { metric: 'tokens', aggregation: 'sum', bucket_duration: '10m', ...range }
    const queries = [
      { key: INPUT, ...range },
      { key: 'duration_ms:shop:openai:gpt-4o', aggregation: 'p95', ...range },
      { key: 'metrics:error_rate', ...range },
      { ...grouped, group_by: ['model'] },
      { ...grouped, filter: { app: 'shop' }, top_k: { k: 1, other: true } },
      { ...grouped, metric: 'calls', aggregation: 'avg', group_by: ['outcome'] },
      { ...grouped, metric: 'duration_ms', aggregation: 'p95', group_by: ['model'] },
      { ...grouped, metric: 'duration_ms', aggregation: 'p95', group_by: [] },
    ]
    const tripsOf = async () => {
      const before = proxy.roundTrips()
      const { body } = await postJson<Record<string, object>>(`${collector.timeseriesUrl}/multi-query`, queries)
      expect(Object.values(body).filter((answer) => 'error' in answer)).toEqual([])
      expect(Object.keys(body)).toHaveLength(queries.length)
      return proxy.roundTrips() - before
    }
    try {
      expect(await tripsOf()).toBeLessThanOrEqual(2)
      expect(await tripsOf()).toBe(1)
    } finally {
      await collector.close()
      await proxy.close()
    }
  })

  it('lists keys by their labels', async () => {
    const list = async (query: string) =>
      (await getJson<{ keys: { key: string }[]; truncated: boolean }>(`${stage.collector.timeseriesUrl}/keys${query}`)).body
    expect((await list('?metric=tokens&model=gpt-4o')).keys.map(({ key }) => key)).toEqual([INPUT, OUTPUT])
    expect((await list('?direction=input&app=shop&app=nobody')).keys.map(({ key }) => key)).toEqual([INPUT])
    expect(await list('?model=nobody')).toEqual({ keys: [], truncated: false })
    expect(await list('?metric=tokens&model=gpt-4o&limit=1')).toMatchObject({ keys: [{ key: INPUT }], truncated: true })
    expect(await getJson(`${stage.collector.timeseriesUrl}/keys?user=ada`)).toMatchObject({ status: 400, body: { field: 'user' } })
    expect(await getJson(`${stage.collector.timeseriesUrl}/keys?model=`)).toMatchObject({ status: 400, body: { field: 'model' } })
  })
})
