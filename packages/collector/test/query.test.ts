import { formatSeriesName, writeSample } from '@aiwatch/store'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DataPoint } from '../src/analytics/series/data-point.ts'
import type { LatestAnswer } from '../src/analytics/series/query-series.ts'
import type { SeriesAnswer } from '../src/analytics/series/series-source.ts'
import { type ErrorReply, getJson, openStage, postJson, type Stage } from './run-collector.ts'
import { CallWriter, type TestCall, testCall } from './write-calls.ts'

const HOUR = 3_600_000
const names = { app: 'shop', provider: 'openai', model: 'gpt-4o' }
const INPUT = formatSeriesName({ metric: 'tokens', split: 'input', ...names })
const CALLS = formatSeriesName({ metric: 'calls', split: 'ok', ...names })

const floor = (timeMs: number, stepMs: number) => Math.floor(timeMs / stepMs) * stepMs

/** Sums of the calls per bucket: what a series should answer. */
function bucketSums(calls: readonly TestCall[], stepMs: number, value: (call: TestCall) => number) {
  const sums = new Map<number, number>()
  for (const call of calls) {
    const start = floor(call.endedMs, stepMs)
    sums.set(start, (sums.get(start) ?? 0) + value(call))
  }
  return [...sums].sort((a, b) => a[0] - b[0]).map(([timestamp, total]) => ({ timestamp, value: total }))
}

describeOnEachRedis('series of a cell', (kind) => {
  let stage: Stage
  let nowMs = 0
  let calls: TestCall[] = []

  beforeAll(async () => {
    stage = await openStage({ kind })
    nowMs = Date.now()
    calls = Array.from({ length: 400 }, (_, index) => testCall({ endedMs: nowMs - index * 137_000, inputTokens: 1 + index * 7 }))
    await new CallWriter(stage.redis).write([...calls, testCall({ endedMs: nowMs, model: 'other' })])
  })
  afterAll(() => stage.stop())

  const ask = async (body: Record<string, unknown>) => {
    const { status, body: answer } = await stage.query<SeriesAnswer>({ key: INPUT, end_time: nowMs, ...body })
    expect(answer).not.toHaveProperty('error')
    expect(status).toBe(200)
    return answer
  }
  const since = (startMs: number) => calls.filter((call) => floor(call.endedMs, 10_000) >= startMs)

  it('answers its 10 s samples as they are, with its labels', async () => {
    const startMs = nowMs - 2 * HOUR
    const { key, data, labels } = await ask({ start_time: startMs })
    expect(key).toBe(INPUT)
    expect(data).toEqual(bucketSums(since(startMs), 10_000, (call) => call.inputTokens))
    expect(labels).toEqual({ tenant: 'default', tier: '10s', metric: 'tokens', direction: 'input', unit: '{token}', ...names })
  })

  it('takes times as ISO text, seconds and milliseconds', async () => {
    const startMs = floor(nowMs - HOUR, 1000)
    const expected = (await ask({ start_time: startMs })).data
    expect(expected.length).toBeGreaterThan(10)
    expect((await ask({ start_time: startMs / 1000 })).data).toEqual(expected)
    expect((await ask({ start_time: new Date(startMs).toISOString() })).data).toEqual(expected)
  })

  it('includes both ends of the range', async () => {
    const [first, second] = (await ask({ start_time: nowMs - HOUR })).data as [DataPoint, DataPoint, ...DataPoint[]]
    const { data } = await ask({ start_time: first.timestamp, end_time: second.timestamp })
    expect(data.map((point) => point.timestamp)).toEqual([first.timestamp, second.timestamp])
    expect((await ask({ start_time: first.timestamp + 1, end_time: second.timestamp - 1 })).data).toEqual([])
  })

  it.each([60_000, 300_000, '1h', '20s'])('sums into buckets of %s that start at multiples since the epoch', async (bucket) => {
    const stepMs = typeof bucket === 'number' ? bucket : bucket === '1h' ? HOUR : 20_000
    const startMs = floor(nowMs - 10 * HOUR, HOUR)
    const { data } = await ask({ start_time: startMs, aggregation: 'sum', bucket_duration: bucket })
    expect(data).toEqual(bucketSums(since(startMs), stepMs, (call) => call.inputTokens))
  })

  it.each([
    ['count', (values: number[]) => values.length],
    ['min', (values: number[]) => Math.min(...values)],
    ['max', (values: number[]) => Math.max(...values)],
    ['avg', (values: number[]) => values.reduce((a, b) => a + b) / values.length],
    ['range', (values: number[]) => Math.max(...values) - Math.min(...values)],
    ['first', (values: number[]) => values[0] as number],
    ['last', (values: number[]) => values.at(-1) as number],
  ] as const)('%s without a bucket is one point over the whole range', async (aggregation, compute) => {
    const startMs = nowMs - 3 * HOUR
    const values = bucketSums(since(startMs), 10_000, (call) => call.inputTokens).map((point) => point.value)
    const { data } = await ask({ start_time: startMs, aggregation })
    expect(data).toEqual([{ timestamp: startMs, value: expect.closeTo(compute(values), 9) }])
  })

  it('takes the minute tier where the 10 s tier does not reach, and the hour tier beyond', async () => {
    const minutes = await ask({ start_time: nowMs - 3 * 24 * HOUR })
    expect(minutes).toMatchObject({ tier: '1m', labels: { tier: '1m' } })
    expect(minutes.data).toEqual(bucketSums(calls, 60_000, (call) => call.inputTokens))
    const hours = await ask({ start_time: nowMs - 30 * 24 * HOUR })
    expect(hours).toMatchObject({ tier: '1h', labels: { tier: '1h' } })
    expect(hours.data).toEqual(bucketSums(calls, HOUR, (call) => call.inputTokens))
  })

  it('sums in hours with minutes and 10 s at the edges, which makes no difference to the answer', async () => {
    const question = { aggregation: 'sum', bucket_duration: '1h', start_time: nowMs - 3 * 24 * HOUR }
    const { tier, tiers, data } = await ask(question)
    expect({ tier, tiers }).toEqual({ tier: '1h', tiers: ['1h', '1m', '10s'] })
    expect(data).toEqual(bucketSums(calls, HOUR, (call) => call.inputTokens))
    const startMs = nowMs - 10 * HOUR - 1_234_567
    const cut = await ask({ ...question, start_time: startMs, end_time: nowMs - 777_777 })
    const inside = since(startMs).filter((call) => floor(call.endedMs, 10_000) <= nowMs - 777_777)
    expect(cut.data).toEqual(bucketSums(inside, HOUR, (call) => call.inputTokens))
  })

  it('refuses a bucket that the tier of the range cannot be put into', async () => {
    for (const [days, bucket, step] of [
      [0.5, 15_000, '10000 ms'],
      [3, '30s', '60000 ms'],
      [30, '1m', '3600000 ms'],
    ] as const) {
      const { status, body } = await stage.query<ErrorReply>({
        key: INPUT,
        start_time: nowMs - days * 24 * HOUR,
        end_time: nowMs,
        aggregation: 'sum',
        bucket_duration: bucket,
      })
      expect(status).toBe(400)
      expect(body.field).toBe('bucket_duration')
      expect(body.error).toContain(step)
    }
  })

  it('shows a late flush at once, though the buckets were closed and cached', async () => {
    const lateMs = nowMs - 6 * 60_000
    const range = { start_time: lateMs - 60_000, end_time: lateMs + 60_000 }
    const count = async () => (await ask({ key: CALLS, ...range, aggregation: 'sum' })).data[0]?.value ?? 0
    const before = await count()
    await count()
    await new CallWriter(stage.redis).write([testCall({ endedMs: lateMs, inputTokens: 0 })])
    expect(await count()).toBe(before + 1)
  })

  it('answers the newest value at /latest', async () => {
    const { status, body } = await getJson<LatestAnswer>(`${stage.collector.timeseriesUrl}/latest?key=${encodeURIComponent(INPUT)}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ key: INPUT, timestamp: floor(nowMs, 10_000), value: 1, labels: { tier: '10s', model: 'gpt-4o' } })
  })

  it('lists the seed keys and its series at /keys, each of which can be asked', async () => {
    const { body } = await getJson<{ keys: { key: string; labels: Record<string, string> }[]; truncated: boolean }>(
      `${stage.collector.timeseriesUrl}/keys`,
    )
    expect(body.truncated).toBe(false)
    const keys = body.keys.map((row) => row.key)
    expect(keys).toEqual(
      expect.arrayContaining(['metrics:tokens:input_rate', 'metrics:cpu:usage', INPUT, CALLS, 'cost_nano_usd:shop:openai:gpt-4o']),
    )
    const queries = keys.slice(0, 40).map((key) => ({ key, start_time: 'now-1h', end_time: 'now' }))
    const answers = await postJson<Record<string, SeriesAnswer | ErrorReply>>(`${stage.collector.timeseriesUrl}/multi-query`, queries)
    for (const key of keys.slice(0, 40)) expect(answers.body[key]).toMatchObject({ key, labels: { tenant: 'default' } })
    expect((await getJson<{ truncated: boolean }>(`${stage.collector.timeseriesUrl}/keys?limit=3`)).body.truncated).toBe(true)
  })

  it('answers several at once by key, with an error per key beside the results', async () => {
    const range = { start_time: nowMs - HOUR, end_time: nowMs }
    const { status, body } = await postJson<Record<string, SeriesAnswer & ErrorReply>>(`${stage.collector.timeseriesUrl}/multi-query`, [
      { key: INPUT, ...range },
      { key: CALLS, ...range, aggregation: 'sum' },
      { key: 'metrics:nothing', ...range },
      { key: 'tokens:input:shop:openai:unheard-of', ...range },
      { key: 'metrics:error_rate', ...range, aggregation: 'median' },
    ])
    expect(status).toBe(200)
    expect(body[INPUT]?.data.length).toBeGreaterThan(10)
    expect(body[CALLS]?.data).toHaveLength(1)
    expect(body['metrics:nothing']).toMatchObject({ error: expect.stringContaining('metrics:nothing'), field: 'key' })
    expect(body['tokens:input:shop:openai:unheard-of']).toMatchObject({
      error: expect.stringContaining('nothing was recorded'),
      field: 'key',
    })
    expect(body['metrics:error_rate']).toMatchObject({ error: expect.stringContaining('must be one of avg, sum'), field: 'aggregation' })
  })

  it('finds names of whatever characters by their encoded form', async () => {
    const strange = ['a:b,c(d)e=f%g!h', '🦊\n模型', '__proto__', 'x'.repeat(10_000)]
    await new CallWriter(stage.redis).write(strange.map((model) => testCall({ endedMs: nowMs, model })))
    for (const model of strange) {
      const key = formatSeriesName({ metric: 'tokens', split: 'input', ...names, model })
      expect((await ask({ key, start_time: nowMs - HOUR, end_time: 'now' })).data).toEqual([
        { timestamp: floor(nowMs, 10_000), value: 100 },
      ])
    }
  })
})

describeOnEachRedis('sampled metrics', (kind) => {
  let stage: Stage
  let slotMs = 0

  beforeAll(async () => {
    stage = await openStage({ kind })
    slotMs = floor(Date.now(), 30_000)
    const day = 24 * 3600
    // A slot in the middle is missing.
    for (const [index, value] of [5, 6, undefined, 8, 9].entries()) {
      if (value === undefined) continue
      const slotSeconds = slotMs / 1000 - (4 - index) * 30
      await writeSample(stage.redis, 'default', { name: 'tokens:input_rate', slotSeconds, value, keepSeconds: day })
    }
    await writeSample(stage.redis, 'default', {
      name: 'cpu:usage',
      slotSeconds: slotMs / 1000 - 3 * day,
      value: 0.25,
      keepSeconds: 7 * day,
    })
  })
  afterAll(() => stage.stop())

  it('are answered at 30 s steps, missing slots left out', async () => {
    const { body } = await stage.query<SeriesAnswer>({ key: 'metrics:tokens:input_rate', start_time: 'now-10m', end_time: 'now' })
    expect(body.data).toEqual(
      [5, 6, 8, 9].map((value, index) => ({ timestamp: slotMs - ([120, 90, 30, 0][index] as number) * 1000, value })),
    )
    expect(body.labels).toEqual({ tenant: 'default', metric: 'tokens:input_rate', unit: '{token}/min' })
  })

  it('take times and buckets in milliseconds', async () => {
    const { status, body } = await stage.query<SeriesAnswer>({
      key: 'metrics:tokens:input_rate',
      start_time: slotMs - 3_600_000,
      end_time: slotMs,
      aggregation: 'avg',
      bucket_duration: 3_600_000,
    })
    expect(status).toBe(200)
    expect(body.data.reduce((total, point) => total + Number(point.value), 0)).toBeGreaterThanOrEqual(7)
  })

  it('take a bucket that is no multiple of their step', async () => {
    const bucketMs = 45_000
    const { status, body } = await stage.query<SeriesAnswer>({
      key: 'metrics:tokens:input_rate',
      start_time: 'now-10m',
      end_time: 'now',
      aggregation: 'sum',
      bucket_duration: bucketMs,
    })
    const sums = new Map<number, number>()
    for (const [value, age] of [
      [5, 120],
      [6, 90],
      [8, 30],
      [9, 0],
    ] as const) {
      const start = floor(slotMs - age * 1000, bucketMs)
      sums.set(start, (sums.get(start) ?? 0) + value)
    }
    expect({ status, data: body.data }).toEqual({ status: 200, data: [...sums].map(([timestamp, value]) => ({ timestamp, value })) })
  })

  it('are kept for 7 days where the table says so', async () => {
    const { body } = await stage.query<SeriesAnswer>({ key: 'metrics:cpu:usage', start_time: 'now-7d', end_time: 'now' })
    expect(body.data).toEqual([{ timestamp: slotMs - 3 * 24 * HOUR, value: 0.25 }])
  })

  it('have a latest value, or a 404 that says that there is none yet', async () => {
    const url = `${stage.collector.timeseriesUrl}/latest?key=`
    expect((await getJson<LatestAnswer>(`${url}metrics:tokens:input_rate`)).body).toMatchObject({ timestamp: slotMs, value: 9 })
    expect(await getJson<ErrorReply>(`${url}metrics:error_rate`)).toMatchObject({
      status: 404,
      body: { field: 'key', error: expect.stringContaining('no value yet') },
    })
  })
})
