/** The data layer on a real collector with real calls: each part of each answer, each metric of the catalogue. */
import { type Collector, startCollector } from '@aiwatch/collector'
import type { Catalog, QueryReply } from '@aiwatch/collector/contract'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { firstValueFrom, from } from 'rxjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AnswerClient } from '../src/data/answer-client.ts'
import type { CollectorFailure } from '../src/data/describe-failure.ts'
import { ANSWERS, type AnswerOperation } from '../src/data/frames/answer-parts.ts'
import type { Frame } from '../src/data/frames/frame.ts'
import { answerFrames, answerQuestion } from '../src/datasource/ask-answer.ts'
import { checkMetricQuery, metricFrames, metricQuestion } from '../src/datasource/ask-metric.ts'
import { askQuery } from '../src/datasource/ask-query.ts'
import { EVENT_SOURCES, type EventKind } from '../src/datasource/events.ts'
import { findNames } from '../src/datasource/find-names.ts'
import type { AIWatchQuery, AnswerQuery, MetricQuery } from '../src/datasource/query.ts'

const RANGE = { from: 'now-1h', to: 'now' }
const MODEL = 'ai/llama3.2:1B'
const asWritten = (text: string) => text

let redis: RedisServer
let collector: Collector
let client: AnswerClient

/** As Grafana's proxy passes a question on, with its errors. */
async function send(request: { method: string; url: string; data?: unknown }): Promise<{ data: unknown }> {
  const url = `${collector.analyticsUrl}${request.url.replace('/proxy/api', '')}`
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: request.method, headers, body: request.data ? JSON.stringify(request.data) : undefined })
  const data: unknown = await response.json()
  if (!response.ok) throw { status: response.status, data }
  return { data }
}

beforeAll(async () => {
  redis = await startRedis()
  collector = await startCollector({ redisUrl: redis.url, analyticsPort: 0, timeseriesPort: 0, sampler: true, logLevel: 'silent' })
  client = new AnswerClient('/proxy', (request) => from(send(request)))
  const watch = new AIWatch({ redis: redis.url, app: 'shop' })
  const call = { provider: 'openai', model: MODEL, durationMs: 900, timeToFirstTokenMs: 200, stream: true }
  for (let index = 0; index < 20; index++) {
    await watch.with({ user: `user-${index % 3}`, session: 's1', tags: { team: 'search' } }, async () => {
      watch.record({ ...call, usage: { inputTokens: 100, outputTokens: 20 } })
    })
  }
  watch.record({ ...call, outcome: 'rate_limit', usage: { inputTokens: 0, outputTokens: 0 } })
  await watch.flush()
  await watch.close()
})

afterAll(async () => {
  await collector?.close()
  await redis?.stop()
})

const answer = async (query: Omit<AnswerQuery, 'refId' | 'kind'>): Promise<Frame[]> => {
  const whole: AnswerQuery = { refId: 'A', kind: 'answer', ...query }
  return answerFrames(whole, await firstValueFrom(client.ask(answerQuestion(whole, RANGE, asWritten, {}))))
}

const IDS: Partial<Record<AnswerOperation, string>> = { model: MODEL, user: 'user-1' }
/** What these calls leave empty: all have a price or none is known, and Redis was not slow. */
const MAY_BE_EMPTY = ['redis.slow_log', 'costs.unpriced']
const PARTS = Object.entries(ANSWERS).flatMap(([operation, { parts }]) =>
  Object.keys(parts).map((part) => [operation as AnswerOperation, part] as const),
)

describe('every part of every answer', () => {
  test.each(PARTS)('%s: %s has rows, and columns of one length with names', async (operation, part) => {
    const frames = await answer({ operation, part, id: IDS[operation] })
    if (MAY_BE_EMPTY.includes(`${operation}.${part}`)) return
    expect(frames.length).toBeGreaterThan(0)
    for (const frame of frames) {
      expect(frame.length).toBeGreaterThan(0)
      for (const { name, values, type } of frame.fields) {
        expect({ name, length: values.length }).toEqual({ name, length: frame.length })
        expect(values.includes(undefined as never)).toBe(false)
        if (type === 'time') expect(values.filter((value) => value !== null && !(Number(value) > 1e12))).toEqual([])
        if (type === 'number') expect(values.filter((value) => value !== null && typeof value !== 'number')).toEqual([])
      }
    }
  })
})

describe('every parameter that an answer offers', () => {
  const VALUES: Record<string, string> = {
    app: 'shop',
    provider: 'openai',
    model: MODEL,
    limit: '5',
    window: '7d',
    search: 'user',
    user: 'user-1',
    session: 's1',
    tag: 'team=search',
    min_duration_ms: '1',
    kind: 'first_token',
    by: 'app',
    writers: '5',
  }
  /** By what each sorts. */
  const SORTS: Partial<Record<AnswerOperation, string>> = { models: 'cost', users: 'calls', calls: 'slowest' }
  const OUTCOMES: Partial<Record<AnswerOperation, string>> = { calls: 'error', errors: 'rate_limit' }
  const CASES = Object.entries(ANSWERS).flatMap(([operation, { params }]) =>
    params.map((name) => [operation as AnswerOperation, name] as const),
  )
  test.each(CASES)('%s takes %s', async (operation, name) => {
    const value = name === 'sort' ? SORTS[operation] : name === 'outcome' ? OUTCOMES[operation] : VALUES[name]
    // Of costs by user and by tag alone.
    const by: Record<string, string> =
      operation === 'costs' && name === 'user' ? { by: 'user' } : operation === 'costs' && name === 'tag' ? { by: 'tag' } : {}
    const part = Object.keys(ANSWERS[operation].parts)[0] ?? ''
    await expect(
      answer({
        operation,
        part,
        id: IDS[operation],
        params: { [name]: name === 'tag' && operation === 'costs' ? 'team' : (value ?? ''), ...by },
      }),
    ).resolves.toBeDefined()
  })
})

test('the figures are those of the calls', async () => {
  const [frame] = await answer({
    operation: 'overview',
    part: 'figures',
    fields: ['calls', 'errors', 'input_tokens', 'latency_p50_seconds'],
  })
  const last = Object.fromEntries(frame?.fields.map(({ name, values }) => [name, values.at(-1)]) ?? [])
  expect(last).toMatchObject({ calls: 21, errors: 1, input_tokens: 2000 })
  expect(Math.abs(Number(last['latency_p50_seconds']) - 0.9)).toBeLessThan(0.9 * 0.02)
})

test('every metric of the catalogue is answered with its first aggregation, grouped and filtered by its labels', async () => {
  const catalog = await firstValueFrom(client.ask<Catalog>({ path: 'catalog' }))
  expect(catalog.metrics.length).toBeGreaterThan(20)
  for (const { name, aggregations, labels, unit } of catalog.metrics) {
    const filters = labels.includes('model') ? [{ label: 'model', operator: '=' as const, values: [MODEL] }] : []
    const query: MetricQuery = { refId: 'A', kind: 'metric', metric: name, aggregation: aggregations[0] ?? '', groupBy: labels, filters }
    expect(checkMetricQuery(query, catalog)).toBeUndefined()
    const question = metricQuestion({ query, range: RANGE, intervalMs: 10_000, replace: asWritten, scopedVars: {} })
    const reply = await firstValueFrom(client.ask<QueryReply>(question))
    expect({ name, unit: reply.unit }).toEqual({ name, unit })
    if (name === 'calls') {
      const values = metricFrames(query, reply).flatMap((frame) => frame.fields[1]?.values ?? [])
      expect(values.reduce((sum: number, value) => sum + Number(value ?? 0), 0)).toBe(21)
    }
  }
})

const HOUR_MS = 3_600_000
/** A minute longer than now, so that a clock that goes on does not matter. */
const panelRange = () => ({ ...RANGE, fromMs: Date.now() - HOUR_MS, toMs: Date.now() + 60_000 })
const asked = (query: AIWatchQuery) =>
  firstValueFrom(askQuery(client, query, { range: panelRange(), intervalMs: 60_000, replace: asWritten, scopedVars: {} }))
const askRaw = (body: object) => asked({ refId: 'A', kind: 'raw', body: JSON.stringify(body) })

test('a body as somebody wrote it has the frames of a metric query; a refusal names the field', async () => {
  const frames = await askRaw({ metric: 'calls', group_by: ['outcome'], aggregation: 'sum' })
  const sums = frames.map(({ name, fields }) => [name, fields[1]?.values.reduce((sum: number, value) => sum + Number(value), 0)])
  expect(Object.fromEntries(sums)).toEqual({ ok: 20, rate_limit: 1 })
  await expect(askRaw({ metric: 'calls', aggregation: 'sum', bucket_duration: 'soon' })).rejects.toMatchObject({
    failure: { kind: 'question', field: 'bucket_duration', message: expect.stringContaining('"soon"') },
  })
})

test.each([
  ['new_errors', ['New error: rate_limit'], 'error,rate_limit,shop,openai,ai/llama3.2:1B'],
  ['failed_calls', ['Failed: rate_limit'], 'call,rate_limit,shop,openai,ai/llama3.2:1B'],
  ['new_users', ['New user: user-0', 'New user: user-1', 'New user: user-2'], 'user'],
] as const)('annotations of %s', async (event, titles, tags) => {
  const [frame] = await asked({ refId: 'Anno', kind: 'events', event })
  const column = (name: string) => frame?.fields.find((field) => field.name === name)?.values ?? []
  expect(column('title').toSorted()).toEqual(titles)
  expect(new Set(column('tags'))).toEqual(new Set([tags]))
  for (const at of column('time')) expect(Math.abs(Number(at) - Date.now())).toBeLessThan(HOUR_MS)
})

test('annotations take every filter that their editor offers', async () => {
  const values: Record<string, string> = { outcome: 'rate_limit', tag: 'team=search', min_duration_ms: '1', app: 'none' }
  for (const [event, { params }] of Object.entries(EVENT_SOURCES)) {
    const given = Object.fromEntries(params.map((name) => [name, values[name] ?? 'none']))
    const [frame] = await asked({ refId: 'Anno', kind: 'events', event: event as EventKind, params: given })
    expect(frame?.length).toBe(0)
  }
})

test('variables have the names that were seen', async () => {
  expect(await findNames('models', client)).toEqual([{ text: MODEL, value: MODEL }])
  expect(await findNames({ of: 'apps' }, client)).toEqual([{ text: 'shop', value: 'shop' }])
  expect((await findNames('users', client)).map(({ value }) => value).sort()).toEqual(['user-0', 'user-1', 'user-2'])
  await expect(findNames('colours', client)).rejects.toThrow('one of apps, providers, models, tags, users, got "colours"')
})

test('a question that the collector does not take names the field', async () => {
  const failure = await answer({ operation: 'models', part: 'table', params: { sort: 'colour' } }).catch(
    (error: CollectorFailure) => error.failure,
  )
  expect(failure).toMatchObject({ kind: 'question', field: 'sort' })
})
