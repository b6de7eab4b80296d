import { isError, type Outcome, SKETCH_RELATIVE_ERROR } from '@aiwatch/store'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStage, type Stage } from './run-collector.ts'
import { CallWriter, type TestCall, testCall } from './write-calls.ts'

const MINUTE = 60_000

/** A repeatable sequence of numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

function makeCalls(count: number, nowMs: number): TestCall[] {
  const random = randomFrom(7)
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  return Array.from({ length: count }, () => {
    const user = random() < 0.9 ? `user-${Math.floor(random() ** 2 * 40)}` : undefined
    return testCall({
      // Most in the last hour, some up to 20 h ago; none in the future.
      endedMs: Math.floor(nowMs - (random() < 0.7 ? random() * 60 : random() * 1200) * MINUTE),
      app: pick(['shop', 'search']),
      provider: pick(['openai', 'azure']),
      model: pick(['gpt-4o', 'gpt-4o-mini', 'o3']),
      user,
      session: user && pick(['s1', 's2', 's3']),
      outcome: pick<Outcome>(['ok', 'ok', 'ok', 'ok', 'aborted', 'rate_limit', 'timeout']),
      inputTokens: Math.floor(random() * 5000),
      outputTokens: Math.floor(random() * 900),
      durationMs: Math.floor(50 + random() ** 3 * 40_000),
      costNanoUsd: random() < 0.1 ? null : Math.floor(random() * 1e7),
    })
  })
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
const tokens = (call: TestCall) => call.inputTokens + call.outputTokens

describeOnEachRedis('GET /analytics', (kind) => {
  let stage: Stage
  let nowMs = 0
  let calls: TestCall[] = []

  beforeAll(async () => {
    stage = await openStage({ kind })
    nowMs = Date.now()
    calls = makeCalls(3000, nowMs)
    await new CallWriter(stage.redis).write(calls)
  })
  afterAll(() => stage.stop())

  it('has every field of the contract, with its type', async () => {
    const analytics = await stage.analytics()
    for (const name of ['active_users_5m', 'active_users_1h', 'active_users_24h', 'active_sessions', 'error_rate', 'requests_5m'] as const)
      expect(analytics[name], name).toBeTypeOf('number')
    for (const name of ['response_time_p50', 'response_time_p95', 'response_time_p99'] as const)
      expect(analytics[name], name).toBeTypeOf('number')
    expect(Object.keys(analytics.token_rates)).toEqual(['input_per_minute', 'output_per_minute'])
    expect(Object.keys(analytics.top_users[0] ?? {})).toEqual(
      expect.arrayContaining([
        'user_id',
        'total_input_tokens',
        'total_output_tokens',
        'total_sessions',
        'avg_tokens_per_request',
        'last_seen',
      ]),
    )
    expect(Object.keys(analytics.model_usage['gpt-4o'] ?? {})).toEqual([
      'total_requests',
      'total_input_tokens',
      'total_output_tokens',
      'avg_response_time',
      'avg_tokens_per_second',
    ])
    expect(Object.keys(analytics.error_patterns[0] ?? {})).toEqual(['error_type', 'model', 'count', 'last_seen'])
    expect(new Date(analytics.timestamp).toISOString()).toBe(analytics.timestamp)
  })

  it('counts users and sessions as the list of calls does', async () => {
    const analytics = await stage.analytics()
    const askedMs = Date.parse(analytics.timestamp)
    const seen = (name: (call: TestCall) => string | undefined, windowMs: number) => {
      const last = new Map<string, number>()
      for (const call of calls) {
        const id = name(call)
        if (id !== undefined) last.set(id, Math.max(last.get(id) ?? 0, call.endedMs))
      }
      // The collector's clock moves on between the question and the count, so what lies at the edge may go either way.
      const countSince = (edgeMs: number) => [...last.values()].filter((time) => time > edgeMs - windowMs).length
      return [countSince(askedMs + 1000), countSince(askedMs - 1000)] as const
    }
    const user = (call: TestCall) => call.user
    const session = (call: TestCall) => call.user && `${call.user}/${call.session}`
    for (const [value, [low, high]] of [
      [analytics.active_users_5m, seen(user, 5 * MINUTE)],
      [analytics.active_users_1h, seen(user, 60 * MINUTE)],
      [analytics.active_users_24h, seen(user, 24 * 60 * MINUTE)],
      [analytics.active_sessions, seen(session, 30 * MINUTE)],
    ] as const) {
      expect(value).toBeGreaterThanOrEqual(low)
      expect(value).toBeLessThanOrEqual(high)
    }
    expect(analytics.active_users_24h).toBe(40)
  })

  it('sums models since the beginning exactly', async () => {
    const { model_usage } = await stage.analytics()
    expect(Object.keys(model_usage).sort()).toEqual(['gpt-4o', 'gpt-4o-mini', 'o3'])
    for (const [model, usage] of Object.entries(model_usage)) {
      const own = calls.filter((call) => call.model === model)
      const seconds = sum(own.map((call) => call.durationMs)) / 1000
      expect(usage.total_requests).toBe(own.length)
      expect(usage.total_input_tokens).toBe(sum(own.map((call) => call.inputTokens)))
      expect(usage.total_output_tokens).toBe(sum(own.map((call) => call.outputTokens)))
      expect(usage.avg_response_time).toBeCloseTo(seconds / own.length, 9)
      expect(usage.avg_tokens_per_second).toBeCloseTo(usage.total_output_tokens / seconds, 9)
    }
  })

  it('lists the ten users with most tokens, with their totals', async () => {
    const { top_users } = await stage.analytics()
    const byUser = Map.groupBy(
      calls.filter((call) => call.user !== undefined),
      (call) => call.user as string,
    )
    const expected = [...byUser].map(([user, own]) => ({ user, tokens: sum(own.map(tokens)) })).sort((a, b) => b.tokens - a.tokens)
    expect(top_users.map((row) => row.user_id)).toEqual(expected.slice(0, 10).map((row) => row.user))
    for (const row of top_users) {
      const own = byUser.get(row.user_id) ?? []
      expect(row.total_input_tokens).toBe(sum(own.map((call) => call.inputTokens)))
      expect(row.total_output_tokens).toBe(sum(own.map((call) => call.outputTokens)))
      expect(row.total_sessions).toBe(new Set(own.map((call) => call.session)).size)
      expect(row.avg_tokens_per_request).toBeCloseTo(sum(own.map(tokens)) / own.length, 9)
      expect(row.last_seen).toBe(new Date(Math.max(...own.map((call) => call.endedMs))).toISOString())
      expect(row.tokens_24h).toBe(sum(own.map(tokens)))
    }
  })

  it('counts error patterns of 24 h by type and model, with the last of each', async () => {
    const { error_patterns } = await stage.analytics()
    const expected = Map.groupBy(
      calls.filter((call) => isError(call.outcome)),
      (call) => `${call.outcome} ${call.model}`,
    )
    expect(error_patterns).toHaveLength(expected.size)
    for (const row of error_patterns) {
      const own = expected.get(`${row.error_type} ${row.model}`) ?? []
      expect(row.count).toBe(own.length)
      expect(row.last_seen).toBe(new Date(Math.max(...own.map((call) => call.endedMs))).toISOString())
    }
    expect(error_patterns.map((row) => row.count)).toEqual(error_patterns.map((row) => row.count).sort((a, b) => b - a))
  })

  it('takes rates from the six newest closed buckets, error rate and percentiles from five minutes and the open one', async () => {
    const analytics = await stage.analytics()
    const open = Math.floor(Date.parse(analytics.timestamp) / 10_000) * 10_000
    const closedMinute = calls.filter((call) => call.endedMs >= open - 60_000 && call.endedMs < open)
    expect(analytics.token_rates.input_per_minute).toBe(sum(closedMinute.map((call) => call.inputTokens)))
    expect(analytics.token_rates.output_per_minute).toBe(sum(closedMinute.map((call) => call.outputTokens)))
    const recent = calls.filter((call) => call.endedMs >= open - 300_000)
    expect(recent.length).toBeGreaterThan(20)
    expect(analytics.requests_5m).toBe(recent.length)
    expect(analytics.error_rate).toBeCloseTo(recent.filter((call) => isError(call.outcome)).length / recent.length, 12)
    const durations = recent.map((call) => call.durationMs / 1000).sort((a, b) => a - b)
    for (const [quantile, value] of [
      [0.5, analytics.response_time_p50],
      [0.95, analytics.response_time_p95],
      [0.99, analytics.response_time_p99],
    ] as const) {
      const exact = durations[Math.ceil(quantile * durations.length) - 1] as number
      expect(Math.abs(value - exact) / exact).toBeLessThanOrEqual(SKETCH_RELATIVE_ERROR + 1e-9)
    }
  })

  it('adds models of the last 24 h with cost, unpriced calls and percentiles', async () => {
    const analytics = await stage.analytics()
    expect(analytics.cost_usd_24h).toBeCloseTo(sum(calls.map((call) => call.costNanoUsd ?? 0)) / 1e9, 9)
    expect(analytics.unpriced_calls_24h).toBe(calls.filter((call) => call.costNanoUsd === null).length)
    for (const row of analytics.models) {
      const own = calls.filter((call) => call.model === row.model)
      expect(row.calls_24h).toBe(own.length)
      expect(row.input_tokens_24h).toBe(sum(own.map((call) => call.inputTokens)))
      expect(row.cost_usd_24h).toBeCloseTo(sum(own.map((call) => call.costNanoUsd ?? 0)) / 1e9, 9)
      expect(row.response_time_p50).toBeGreaterThan(0)
      expect(row.response_time_p99).toBeGreaterThanOrEqual(row.response_time_p95)
    }
  })

  it('says per model what streams waited for, and how long the provider read and wrote where it says so', async () => {
    const other = await openStage({ tenant: 'timed', redisUrl: stage.server.url })
    try {
      const timed = { endedMs: Date.now(), model: 'm-timed' }
      await new CallWriter(stage.redis, 'timed').write([
        testCall({ ...timed, firstTokenMs: 200, prefillMs: 120.5, decodeMs: 1000 }),
        testCall({ ...timed, firstTokenMs: 200, prefillMs: 79.5, decodeMs: 500.25 }),
        testCall(timed),
        testCall({ endedMs: timed.endedMs, model: 'm-silent' }),
      ])
      const { models } = await other.analytics()
      const row = models.find(({ model }) => model === 'm-timed')
      expect(row).toMatchObject({ calls_24h: 3, prefill_seconds_24h: 0.2, decode_seconds_24h: 1.50025 })
      for (const value of [row?.first_token_p50, row?.first_token_p95])
        expect(Math.abs((value ?? 0) / 0.2 - 1)).toBeLessThanOrEqual(SKETCH_RELATIVE_ERROR)
      expect(models.find(({ model }) => model === 'm-silent')).toMatchObject({
        first_token_p50: 0,
        prefill_seconds_24h: 0,
        decode_seconds_24h: 0,
      })
    } finally {
      await other.stop()
    }
  })

  it('answers another tenant with its own data only', async () => {
    const other = await openStage({ tenant: 'acme', redisUrl: stage.server.url })
    try {
      const writer = new CallWriter(stage.redis, 'acme')
      await writer.write([testCall({ endedMs: Date.now(), model: 'm-acme' })])
      expect(Object.keys((await other.analytics()).model_usage)).toEqual(['m-acme'])
      expect(Object.keys((await stage.analytics()).model_usage)).not.toContain('m-acme')
    } finally {
      await other.stop()
    }
  })

  it('answers 100 requests at once, all alike and all right', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => stage.analytics()))
    for (const answer of answers) expect(sum(Object.values(answer.model_usage).map((usage) => usage.total_requests))).toBe(calls.length)
  })
})
