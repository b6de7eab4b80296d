import { LATENCY_BUCKETS_SECONDS, SKETCH_RELATIVE_ERROR, writeSample } from '@aiwatch/store'
import { Gauge, Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCollector } from '../src/index.ts'
import { renderFamilies } from '../src/metrics/family.ts'
import { type ParsedFamily, parseExposition } from './parse-exposition.ts'
import { openStage, QUIET, type Stage } from './run-collector.ts'
import { CallWriter, type TestCall, testCall } from './write-calls.ts'

const STRANGE = ['a"b\\c\nd', '{model="x"} 5', '模型 🦊', '', '#', 'le', '%25', '\r\t\u0000', 'x'.repeat(10_000)]
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

async function scrape(url: string): Promise<{ status: number; type: string | null; text: string; families: Map<string, ParsedFamily> }> {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type'), text, families: parseExposition(text) }
}

function readValue(families: Map<string, ParsedFamily>, name: string, labels: Record<string, string> = {}): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
  return family?.samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value
}

describe('GET /metrics', () => {
  let stage: Stage
  let calls: TestCall[] = []
  const durations = [10, 50, 51, 700, 4000, 29_000, 31_000, 299_000, 700_000]

  beforeAll(async () => {
    stage = await openStage()
    const nowMs = Date.now()
    calls = [
      ...durations.map((durationMs) => testCall({ endedMs: nowMs, durationMs, user: 'ada', inputTokens: 1000 })),
      testCall({ endedMs: nowMs, outcome: 'rate_limit', inputTokens: 0, outputTokens: 0, costNanoUsd: null }),
      testCall({ endedMs: nowMs, app: 'search', outcome: 'aborted', user: 'grace', session: 's' }),
      ...STRANGE.map((name, index) =>
        testCall({ endedMs: nowMs, model: name, app: name, provider: name, user: name || 'nobody', inputTokens: index }),
      ),
    ]
    await new CallWriter(stage.redis).write(calls)
  })
  afterAll(() => stage.stop())

  it('is valid text on both ports, whatever the labels', async () => {
    for (const url of [stage.collector.analyticsUrl, stage.collector.timeseriesUrl]) {
      const { status, type, families } = await scrape(url)
      expect(status).toBe(200)
      expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
      const models = families.get('token_analytics_calls_total')?.samples.map((sample) => sample.labels['model'])
      for (const name of STRANGE.slice(0, 3)) expect(models).toContain(name)
      expect(models).toContain('unknown')
    }
  })

  it('has every name of the contract', async () => {
    const { families } = await scrape(stage.collector.analyticsUrl)
    for (const name of [
      'token_analytics_active_users',
      'token_analytics_active_sessions',
      'token_analytics_token_rate',
      'token_analytics_model_usage',
      'token_analytics_response_time_seconds',
      'token_analytics_error_rate',
      'token_analytics_user_tokens',
      'redis_timeseries_operations_total',
      'redis_timeseries_operation_duration_seconds',
      'http_server_request_duration_seconds',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
    ]) {
      expect(families.has(name), name).toBe(true)
    }
    expect(families.get('token_analytics_active_users')?.samples.map((sample) => sample.labels['window'])).toEqual([
      '5m',
      '15m',
      '1h',
      '24h',
    ])
    expect(readValue(families, 'token_analytics_redis_up')).toBe(1)
    expect(readValue(families, 'token_analytics_redis_memory_used_bytes')).toBeGreaterThan(100_000)
  })

  it('counts calls, tokens and cost as the list of calls does', async () => {
    const { families } = await scrape(stage.collector.analyticsUrl)
    const own = calls.filter((call) => call.app === 'shop')
    const cell = { app: 'shop', provider: 'openai', model: 'gpt-4o' }
    expect(readValue(families, 'token_analytics_calls_total', { ...cell, outcome: 'ok' })).toBe(durations.length)
    expect(readValue(families, 'token_analytics_calls_total', { ...cell, outcome: 'rate_limit' })).toBe(1)
    expect(readValue(families, 'token_analytics_calls_total', { app: 'search', outcome: 'aborted' })).toBe(1)
    expect(readValue(families, 'token_analytics_tokens_total', { ...cell, direction: 'input' })).toBe(
      sum(own.map((call) => call.inputTokens)),
    )
    expect(readValue(families, 'token_analytics_cost_usd_total', cell)).toBeCloseTo(sum(own.map((call) => call.costNanoUsd ?? 0)) / 1e9, 12)
    expect(readValue(families, 'token_analytics_unpriced_calls_total', cell)).toBe(1)
    expect(readValue(families, 'token_analytics_model_usage', { model: 'gpt-4o', metric: 'requests' })).toBe(durations.length + 2)
    expect(readValue(families, 'token_analytics_integrity_total', { counter: 'applied_batches' })).toBeGreaterThan(0)
    const all = sum((families.get('token_analytics_calls_total')?.samples ?? []).map((sample) => sample.value))
    expect(all).toBe(calls.length)
  })

  it('shows response times as a histogram with buckets beyond 30 s', async () => {
    const { families } = await scrape(stage.collector.analyticsUrl)
    const own = calls.filter((call) => call.model === 'gpt-4o').map((call) => call.durationMs / 1000)
    for (const bound of LATENCY_BUCKETS_SECONDS) {
      const value = readValue(families, 'token_analytics_response_time_seconds_bucket', { model: 'gpt-4o', le: String(bound) })
      expect(value, `le ${bound}`).toBe(own.filter((seconds) => seconds <= bound).length)
    }
    expect(readValue(families, 'token_analytics_response_time_seconds_count', { model: 'gpt-4o' })).toBe(own.length)
    expect(readValue(families, 'token_analytics_response_time_seconds_sum', { model: 'gpt-4o' })).toBeCloseTo(sum(own), 9)
  })

  it('names the users with most tokens, and sums all others', async () => {
    const { families } = await scrape(stage.collector.analyticsUrl)
    const samples = families.get('token_analytics_user_tokens')?.samples ?? []
    expect(samples).toHaveLength(11)
    expect(readValue(families, 'token_analytics_user_tokens', { user: 'ada', window: '1h' })).toBe(durations.length * 1020)
    expect(sum(samples.map((sample) => sample.value))).toBe(sum(calls.map((call) => call.inputTokens + call.outputTokens)))
  })

  it('gives error rates by type', async () => {
    const { families } = await scrape(stage.collector.analyticsUrl)
    expect(readValue(families, 'token_analytics_error_rate', { error_type: 'rate_limit' })).toBeCloseTo(1 / calls.length, 12)
    expect(readValue(families, 'token_analytics_error_rate', { error_type: 'timeout' })).toBe(0)
  })

  it('says the same from every collector, also from one that has just started', async () => {
    const second = await startCollector({ ...QUIET, redisUrl: stage.server.url })
    try {
      const [first, other] = await Promise.all([scrape(stage.collector.analyticsUrl), scrape(second.analyticsUrl)])
      for (const name of [
        'token_analytics_calls_total',
        'token_analytics_tokens_total',
        'token_analytics_response_time_seconds',
        'token_analytics_user_tokens',
      ]) {
        expect(other.families.get(name)).toEqual(first.families.get(name))
      }
    } finally {
      await second.close()
    }
  })

  it('counts its own store operations, failed ones too', async () => {
    const read = async (operation: string, status: string) =>
      readValue((await scrape(stage.collector.analyticsUrl)).families, 'redis_timeseries_operations_total', { operation, status }) ?? 0
    const before = [await read('query_range', 'success'), await read('query_range', 'error')]
    await stage.query({ key: 'metrics:error_rate', start_time: 'now-1h', end_time: 'now' })
    await stage.query({ key: 'metrics:nothing', start_time: 'now-1h', end_time: 'now' })
    expect([await read('query_range', 'success'), await read('query_range', 'error')]).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1])
  })
})

describe('HTTP requests', () => {
  it('are counted by route, not by path, with their status', async () => {
    const stage = await openStage()
    try {
      const read = async (method: string, route: string, status: number) =>
        readValue((await scrape(stage.collector.analyticsUrl)).families, 'http_server_request_duration_seconds_count', {
          http_request_method: method,
          http_route: route,
          http_response_status_code: String(status),
        })
      for (const path of ['/v1/models/a', '/v1/models/b', '/nowhere/1', '/nowhere/2', '/v1/users?limit=x'])
        await fetch(`${stage.collector.analyticsUrl}${path}`)
      await stage.query({ key: 'metrics:nothing', start_time: 'now-1h', end_time: 'now' })
      expect(await read('GET', '/v1/models/:id', 404)).toBe(2)
      expect(await read('GET', 'unknown', 404)).toBe(2)
      expect(await read('GET', '/v1/users', 400)).toBe(1)
      expect(await read('POST', '/query', 404)).toBe(1)
      expect(await read('GET', '/metrics', 200)).toBeGreaterThanOrEqual(4)
    } finally {
      await stage.stop()
    }
  })
})

describe('the gauges that alert rules stand on', () => {
  let stage: Stage
  const read = async (name: string, labels: Record<string, string> = {}) =>
    readValue((await scrape(stage.collector.analyticsUrl)).families, name, labels)

  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.stop())

  it('count no calls as 0, say no time to first token without streams, and bound the age of a sample that is not there', async () => {
    const { families } = await scrape(stage.collector.analyticsUrl)
    expect(readValue(families, 'token_analytics_recent_calls', { window: '5m' })).toBe(0)
    expect(families.get('token_analytics_first_token_seconds')?.samples ?? []).toEqual([])
    expect(readValue(families, 'token_analytics_sample_age_seconds')).toBe(7200)
    expect(readValue(families, 'token_analytics_integrity_total', { counter: 'lost_calls' })).toBe(0)
    expect(readValue(families, 'token_analytics_redis_memory_system_bytes')).toBeGreaterThan(1e8)
  })

  it('hold the calls of the last 5 minutes, older ones left out', async () => {
    const nowMs = Date.now()
    const streams = Array.from({ length: 20 }, (_, index) =>
      testCall({ endedMs: nowMs, durationMs: 9000, firstTokenMs: 100 * (index + 1) }),
    )
    const old = testCall({ endedMs: nowMs - 8 * 60_000, firstTokenMs: 60_000 })
    await new CallWriter(stage.redis).write([...streams, testCall({ endedMs: nowMs, outcome: 'timeout' }), old])
    expect(await read('token_analytics_recent_calls', { window: '5m' })).toBe(21)
    for (const [quantile, seconds] of [
      ['0.5', 1],
      ['0.95', 1.9],
      ['0.99', 2],
    ] as const) {
      const value = (await read('token_analytics_first_token_seconds', { quantile, window: '5m' })) ?? Number.NaN
      expect(Math.abs(value - seconds) / seconds).toBeLessThanOrEqual(SKETCH_RELATIVE_ERROR)
    }
  })

  it('hold the age of the newest sample, whoever wrote it', async () => {
    const slotSeconds = Math.floor(Date.now() / 1000) - 300
    await writeSample(stage.redis, 'default', { name: 'cpu:usage', slotSeconds, value: 0.5, keepSeconds: 86_400 })
    const age = (await read('token_analytics_sample_age_seconds')) ?? 0
    expect(age).toBeGreaterThanOrEqual(300)
    expect(age).toBeLessThan(400)
  })
})

describe('renderFamilies', () => {
  it('leaves out what is no number, which a registry would print in a form that the format does not have', async () => {
    const registry = new Registry()
    new Gauge({ name: 'none', help: 'h', registers: [registry] }).set(Number.NaN)
    new Gauge({ name: 'some', help: 'h', registers: [registry] }).set(Number.POSITIVE_INFINITY)
    const families = parseExposition(await renderFamilies([], registry))
    expect(families.get('none')?.samples).toEqual([])
    expect(families.get('some')?.samples).toEqual([{ name: 'some', labels: {}, value: Number.POSITIVE_INFINITY }])
  })

  it('escapes label values so that a scraper reads what was written', async () => {
    const values = [...STRANGE.slice(0, 8), '\\', '\\n', '"', '\n'].map((name, value) => ({ labels: { name }, value }))
    const text = await renderFamilies([{ name: 'strange', help: 'a\nb \\ c', type: 'gauge', values }], new Registry())
    expect(
      parseExposition(text)
        .get('strange')
        ?.samples.map((sample) => sample.labels['name']),
    ).toEqual(values.map((sample) => sample.labels.name))
  })
})
