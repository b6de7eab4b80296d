/** Live queries on a real collector, which streams what a program calls meanwhile. */
import { type Collector, startCollector } from '@aiwatch/collector'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { BehaviorSubject, from, Observable, type Subscription } from 'rxjs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { AnswerClient } from '../../src/data/answer-client.ts'
import type { Frame } from '../../src/data/frames/frame.ts'
import { StreamClient } from '../../src/data/stream/stream-client.ts'
import { answerQuestion } from '../../src/datasource/ask-answer.ts'
import { askLive, isLive, type LiveAnswer, liveTicks } from '../../src/datasource/ask-live.ts'
import type { AnswerQuery } from '../../src/datasource/query.ts'

const RANGE = { from: 'now-15m', to: 'now' }
const CALL = { provider: 'openai', model: 'gpt-5-mini', durationMs: 900, usage: { inputTokens: 100, outputTokens: 20 } }
const WAIT = { timeout: 15_000 }

let redis: RedisServer
let collector: Collector
let watch: AIWatch
let running: Subscription[] = []
/** Streams that are open at this moment. */
let open = 0
let refuseStreams = false

async function send(request: { method: string; url: string; data?: unknown }): Promise<{ data: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const body = request.data ? JSON.stringify(request.data) : undefined
  const response = await fetch(request.url, { method: request.method, headers, ...(body === undefined ? {} : { body }) })
  const data: unknown = await response.json()
  if (!response.ok) throw { status: response.status, data }
  return { data }
}

/** As Grafana's backend service and its proxy do it. */
const openStream = (url: string): Observable<Uint8Array> =>
  new Observable((asker) => {
    if (refuseStreams) return asker.error({ status: 502 })
    const controller = new AbortController()
    open++
    const read = async () => {
      const response = await fetch(url, { signal: controller.signal })
      if (!response.ok || !response.body) throw { status: response.status, data: await response.text() }
      const reader = response.body.getReader()
      for (let part = await reader.read(); !part.done; part = await reader.read()) asker.next(part.value)
      asker.complete()
    }
    read().catch((error: unknown) => asker.error(error))
    return () => {
      open--
      controller.abort()
    }
  })

function stage() {
  const isSeen = new BehaviorSubject(true)
  const ticks = liveTicks()
  // The proxy's address and the collector's differ by `/api`.
  const toCollector = (url: string) => url.replace('/api/v1', '/v1')
  const client = new AnswerClient(collector.analyticsUrl, (request) => from(send({ ...request, url: toCollector(request.url) })))
  const streams = new StreamClient(collector.analyticsUrl, (url) => openStream(toCollector(url)), isSeen)
  const ask = (query: Pick<AnswerQuery, 'operation' | 'part' | 'params'>) => {
    const whole: AnswerQuery = { refId: 'A', kind: 'answer', live: true, ...query }
    const question = answerQuestion(whole, RANGE, (text) => text, {})
    const answers: LiveAnswer[] = []
    const subscription = askLive({ client, streams, isSeen, ticks, query: whole, question }).subscribe((answer) => answers.push(answer))
    running.push(subscription)
    const last = (): Frame => {
      const answer = answers.at(-1)
      return (answer && 'frames' in answer && answer.frames[0]) || expect.fail('no frame yet')
    }
    return { answers, last, subscription }
  }
  return { ask, isSeen }
}

const column = (frame: Frame, name: string) => frame.fields.find((field) => field.name === name)?.values ?? []

async function record(outcome?: 'rate_limit', count = 1): Promise<void> {
  for (let index = 0; index < count; index++) watch.record({ ...CALL, ...(outcome ? { outcome } : {}) })
  await watch.flush()
}

beforeAll(async () => {
  redis = await startRedis()
  collector = await startCollector({ redisUrl: redis.url, analyticsPort: 0, timeseriesPort: 0, sampler: false, logLevel: 'silent' })
  watch = new AIWatch({ redis: redis.url, app: 'shop' })
  await record()
})

afterEach(async () => {
  for (const one of running) one.unsubscribe()
  running = []
  refuseStreams = false
  await vi.waitFor(() => expect(open).toBe(0), WAIT)
})

afterAll(async () => {
  await watch?.close()
  await collector?.close()
  await redis?.stop()
})

describe('live queries', () => {
  test('the overview goes on between two answers, and grows by no rows but those of new buckets', { timeout: 40_000 }, async () => {
    const { answers, last } = stage().ask({ operation: 'overview', part: 'rates' })
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(6), WAIT)
    const times = column(last(), 'time').map(Number)
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    // 15 minutes in steps of 10 s, and what began while this ran.
    expect(times.length).toBeGreaterThanOrEqual(90)
    expect(times.length).toBeLessThan(96)
    expect(last().refId).toBe('A')
  })

  test('cost and calls of a program arrive by themselves', { timeout: 40_000 }, async () => {
    const { ask } = stage()
    const cost = ask({ operation: 'overview', part: 'cost' })
    const calls = ask({ operation: 'calls', part: 'table' })
    await vi.waitFor(() => expect(column(calls.last(), 'model').length).toBeGreaterThan(0), WAIT)
    await vi.waitFor(() => cost.last(), WAIT)
    expect(open).toBe(1)
    const [costBefore, callsBefore] = [Number(column(cost.last(), 'cost_usd').at(-1)), column(calls.last(), 'model').length]
    await record('rate_limit')
    await record(undefined, 200)
    await vi.waitFor(() => expect(column(calls.last(), 'model').length).toBeGreaterThan(callsBefore), WAIT)
    await vi.waitFor(() => expect(Number(column(cost.last(), 'cost_usd').at(-1))).toBeGreaterThan(costBefore), WAIT)
  })

  test('a filter of the list of calls holds for new ones too', { timeout: 40_000 }, async () => {
    const { last } = stage().ask({ operation: 'calls', part: 'table', params: { outcome: 'timeout' } })
    await vi.waitFor(() => expect(last().length).toBe(0), WAIT)
    await record('rate_limit')
    watch.record({ ...CALL, outcome: 'timeout' })
    await watch.flush()
    await vi.waitFor(() => expect(column(last(), 'outcome')).toEqual(['timeout']), WAIT)
  })

  test('under a filter the overview is asked for, not taken from what the stream says of all', { timeout: 40_000 }, async () => {
    const { answers } = stage().ask({ operation: 'overview', part: 'rates', params: { model: CALL.model } })
    await vi.waitFor(() => expect(answers.length).toBe(2), WAIT)
    expect(open).toBe(0)
  })

  test('panels share one stream; none is open while nobody looks', { timeout: 40_000 }, async () => {
    const { ask, isSeen } = stage()
    const panels = ['rates', 'latency', 'active', 'cost'].map((part) => ask({ operation: 'overview', part }))
    await vi.waitFor(() => expect(panels.every(({ answers }) => answers.length > 2)).toBe(true), WAIT)
    expect(open).toBe(1)
    isSeen.next(false)
    expect(open).toBe(0)
    const counts = panels.map(({ answers }) => answers.length)
    await new Promise((resolve) => setTimeout(resolve, 2500))
    expect(panels.map(({ answers }) => answers.length)).toEqual(counts)
    isSeen.next(true)
    await vi.waitFor(() => expect(panels.every(({ answers }, index) => answers.length > (counts[index] ?? 0) + 1)).toBe(true), WAIT)
  })

  test('without a stream the answers still come, with a notice', { timeout: 40_000 }, async () => {
    refuseStreams = true
    const { answers, last } = stage().ask({ operation: 'overview', part: 'active' })
    await vi.waitFor(() => expect(last().meta?.notices?.[0]?.text).toContain('cannot reach the collector (502)'), WAIT)
    const count = answers.length
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(count + 1), WAIT)
    expect(last().length).toBe(1)
  })

  test('a question that the collector does not take is said, and asked again', { timeout: 40_000 }, async () => {
    const { answers } = stage().ask({ operation: 'calls', part: 'table', params: { outcome: 'sideways' } })
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(1), WAIT)
    expect(answers.at(-1)).toEqual({ message: expect.stringContaining('outcome must be error, or one of') })
  })
})

describe('isLive', () => {
  const query: AnswerQuery = { refId: 'A', kind: 'answer', operation: 'overview', part: 'rates', live: true }
  test('only what was asked to be, of the answers that go on, in a time that ends now', () => {
    expect(isLive(query, RANGE)).toBe(true)
    expect(isLive({ ...query, live: false }, RANGE)).toBe(false)
    expect(isLive({ ...query, operation: 'redis' }, RANGE)).toBe(false)
    expect(isLive(query, { from: 'now-15m', to: 'now-5m' })).toBe(false)
    expect(isLive({ refId: 'A', kind: 'metric', metric: 'calls', aggregation: 'rate' }, RANGE)).toBe(false)
  })
})
