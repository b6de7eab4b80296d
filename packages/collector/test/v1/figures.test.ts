import { isError, SKETCH_RELATIVE_ERROR, userKey } from '@aiwatch/store'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStage, type Stage } from '../run-collector.ts'
import { CallWriter, type TestCall } from '../write-calls.ts'
import { askV1 } from './ask-v1.ts'
import { exampleCalls, sumOf, tokensOf, usdOf } from './example-calls.ts'

/** Near a quantile of the values, which lies between two of them, within the error of a sketch. */
function expectQuantile(seconds: number | null | undefined, milliseconds: readonly number[], quantile: number): void {
  const sorted = [...milliseconds].sort((a, b) => a - b)
  const at = quantile * (sorted.length - 1)
  const [low, high] = [Math.floor(at), Math.ceil(at)].map((index) => (sorted[index] as number) / 1000) as [number, number]
  expect(seconds).toBeGreaterThanOrEqual(low * (1 - SKETCH_RELATIVE_ERROR - 1e-9))
  expect(seconds).toBeLessThanOrEqual(high * (1 + SKETCH_RELATIVE_ERROR + 1e-9))
}

const namesOf = (calls: readonly TestCall[], part: 'model' | 'app' | 'provider') => [...new Set(calls.map((call) => call[part]))]

describeOnEachRedis('figures of /v1', (kind) => {
  let stage: Stage
  let base = ''
  let nowMs = 0
  let calls: TestCall[] = []
  /** Those of a window that ends now, as it is rounded to buckets. */
  const within = (from: string) => calls.filter(({ endedMs }) => endedMs >= Date.parse(from))

  beforeAll(async () => {
    stage = await openStage({ kind })
    base = stage.collector.analyticsUrl
    nowMs = Date.now()
    calls = exampleCalls(1500, nowMs)
    await new CallWriter(stage.redis).write(calls)
  })
  afterAll(() => stage.stop())

  it.each(['now-10m', 'now-1h', 'now-6h', 'now-24h'])(
    'overview from %s has the sums, percentiles, course and mix of its calls',
    async (from) => {
      const overview = await askV1(base, 'overview', { query: { from } })
      const own = within(overview.window.from)
      const { figures, previous, points } = overview
      expect(own.length).toBeGreaterThan(20)
      expect(figures).toMatchObject({
        calls: own.length,
        errors: own.filter(({ outcome }) => isError(outcome)).length,
        aborted_calls: own.filter(({ outcome }) => outcome === 'aborted').length,
        input_tokens: sumOf(own.map((call) => call.inputTokens)),
        output_tokens: sumOf(own.map((call) => call.outputTokens)),
        cache_read_tokens: sumOf(own.map((call) => call.cacheReadTokens ?? 0)),
        unpriced_calls: own.filter(({ costNanoUsd }) => costNanoUsd === null).length,
        wasted_attempts: sumOf(own.map((call) => call.wastedAttempts ?? 0)),
      })
      expect(figures.cost_usd).toBeCloseTo(usdOf(own), 9)
      expect(figures.cache_saved_usd).toBeCloseTo(sumOf(own.map((call) => call.cacheSavedNanoUsd ?? 0)) / 1e9, 9)
      expect(figures.wasted_usd).toBeCloseTo(sumOf(own.map((call) => call.wastedNanoUsd ?? 0)) / 1e9, 9)
      expect(figures.error_rate).toBeCloseTo(figures.errors / figures.calls, 9)
      expect(figures.latency_mean_seconds).toBeCloseTo(sumOf(own.map((call) => call.durationMs)) / 1000 / own.length, 6)
      const seconds = (Date.parse(overview.window.to) - Date.parse(overview.window.from)) / 1000
      expect(figures.calls_per_second).toBeCloseTo(own.length / seconds, 9)
      expect(sumOf(points.map((point) => point.calls))).toBe(own.length)
      expect(sumOf(points.map((point) => point.errors))).toBe(figures.errors)
      expect(sumOf(points.map((point) => point.output_tokens))).toBe(figures.output_tokens)
      expect(
        points.every((point, i) => i === 0 || point.timestamp - (points[i - 1]?.timestamp ?? 0) === overview.step_seconds * 1000),
      ).toBe(true)
      expect(overview.models.map(({ model, calls: count }) => [model, count])).toEqual(
        namesOf(own, 'model')
          .map((model) => [model, own.filter((call) => call.model === model).length] as const)
          .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])),
      )
      expect(previous?.calls).toBe(
        calls.filter(
          ({ endedMs }) => endedMs >= Date.parse(overview.previous_window.from) && endedMs < Date.parse(overview.previous_window.to),
        ).length,
      )
      // Sketches are kept by the minute and the hour: the window of theirs begins at the start of one.
      const unit = from === 'now-24h' ? 3_600_000 : 60_000
      const measured = calls.filter(({ endedMs }) => endedMs >= Math.floor(Date.parse(overview.window.from) / unit) * unit)
      expectQuantile(
        figures.latency_p50_seconds,
        measured.map((call) => call.durationMs),
        0.5,
      )
      expectQuantile(
        figures.latency_p95_seconds,
        measured.map((call) => call.durationMs),
        0.95,
      )
      expectQuantile(
        figures.first_token_p50_seconds,
        measured.flatMap((call) => call.firstTokenMs ?? []),
        0.5,
      )
      expectQuantile(
        figures.per_output_token_p50_seconds,
        measured.flatMap((call) => call.perOutputTokenMs ?? []),
        0.5,
      )
      expect(sumOf(overview.latency_points.map((point) => point.calls))).toBe(measured.length)
    },
  )

  it('overview tells who is there, who asks most, and what today cost', async () => {
    const overview = await askV1(base, 'overview')
    const seenSince = (ms: number) =>
      new Set(calls.filter(({ user, endedMs }) => user !== undefined && endedMs > Date.now() - ms).map(({ user }) => user)).size
    expect(overview.active).toMatchObject({ users_1h: seenSince(3_600_000), users_24h: seenSince(86_400_000) })
    const midnight = Math.floor(nowMs / 86_400_000) * 86_400_000
    expect(overview.cost_today_usd).toBeCloseTo(usdOf(calls.filter(({ endedMs }) => endedMs >= midnight)), 9)
    expect(overview.cost_yesterday_usd).toBeCloseTo(
      usdOf(calls.filter(({ endedMs }) => endedMs < midnight && endedMs >= midnight - 86_400_000)),
      9,
    )
    const byUser = [...new Set(calls.flatMap(({ user }) => user ?? []))]
      .map((user) => ({ user_id: user, key: userKey(user), tokens: sumOf(calls.filter((call) => call.user === user).map(tokensOf)) }))
      .sort((a, b) => b.tokens - a.tokens)
    expect(overview.top_users).toEqual(byUser)
  })

  it.each<[string, (call: TestCall) => boolean]>([
    ['app=shop', (call) => call.app === 'shop'],
    ['model=gpt-4o&model=gpt-4o-mini', (call) => call.model.startsWith('gpt')],
    ['provider=azure&app=search', (call) => call.provider === 'azure' && call.app === 'search'],
    ['model=nothing', () => false],
  ])('overview, models, latency, errors and costs under %s are of those calls alone', async (filter, test) => {
    const query = `from=now-24h&${filter}`
    const get = async (path: string) => (await (await fetch(`${base}/v1/${path}?${query}`)).json()) as never
    const overview: {
      figures: { calls: number; cost_usd: number; latency_p95_seconds: number | null }
      active: unknown
      top_users: unknown
      window: { from: string }
      points: { calls: number }[]
    } = await get('overview')
    const own = within(overview.window.from).filter(test)
    expect(overview.figures.calls).toBe(own.length)
    expect(overview.figures.cost_usd).toBeCloseTo(usdOf(own), 9)
    expect(sumOf(overview.points.map(({ calls: count }) => count))).toBe(own.length)
    expect(overview).toMatchObject({ active: null, top_users: null })
    const models: { models: { model: string; figures: { calls: number } }[]; models_in_all: number } = await get('models')
    expect(sumOf(models.models.map(({ figures }) => figures.calls))).toBe(own.length)
    expect(models.models_in_all).toBe(namesOf(own, 'model').length)
    const latency: { models: { calls: number; points: { calls: number }[] }[] } = await get('latency')
    expect(sumOf(latency.models.map(({ calls: count }) => count))).toBe(own.length)
    const errors: { errors: number; patterns: { calls: number }[] } = await get('errors')
    expect(errors.errors).toBe(own.filter(({ outcome }) => isError(outcome)).length)
    expect(sumOf(errors.patterns.map(({ calls: count }) => count))).toBe(errors.errors)
    const costs: { cost_usd: number } = await get('costs')
    expect(costs.cost_usd).toBeCloseTo(usdOf(own), 9)
  })

  it('models compares each model, and one model tells the same of itself', async () => {
    const { models, window } = await askV1(base, 'models', { query: { from: 'now-6h', sort: 'cost' } })
    const own = within(window.from)
    expect(models.map(({ figures }) => figures.cost_usd)).toEqual(models.map(({ figures }) => figures.cost_usd).sort((a, b) => b - a))
    for (const row of models) {
      const ofModel = own.filter((call) => call.model === row.model)
      expect(row.figures.calls).toBe(ofModel.length)
      expect(row.apps).toEqual(namesOf(ofModel, 'app').sort())
      expect(row.providers).toEqual(namesOf(ofModel, 'provider').sort())
      expect(row.time_per_call.prefill_seconds).toBeCloseTo(sumOf(ofModel.map((call) => call.prefillMs ?? 0)) / 1000 / ofModel.length, 6)
      expect(row.time_per_call.queue_seconds).toBeNull()
      const model = await askV1(base, 'model', { id: row.model, query: { from: window.from, to: window.to } })
      expect(model.figures).toEqual(row.figures)
      expect(sumOf(model.apps.map(({ figures }) => figures.calls))).toBe(ofModel.length)
      expect(sumOf(model.points.map(({ calls: count }) => count))).toBe(ofModel.length)
      expect(Object.fromEntries(model.errors.map(({ error_type, calls: count }) => [error_type, count]))).toEqual({
        rate_limit: ofModel.filter(({ outcome }) => outcome === 'rate_limit').length,
        timeout: ofModel.filter(({ outcome }) => outcome === 'timeout').length,
      })
    }
  })

  it('errors tells patterns by cell with first and last seen, one type alone, and when they came', async () => {
    const errors = await askV1(base, 'errors', { query: { from: 'now-24h', outcome: 'timeout' } })
    const own = calls.filter(({ outcome }) => outcome === 'timeout')
    expect(sumOf(errors.patterns.map(({ calls: count }) => count))).toBe(own.length)
    for (const pattern of errors.patterns) {
      const same = own.filter((call) => call.app === pattern.app && call.provider === pattern.provider && call.model === pattern.model)
      const times = same.map(({ endedMs }) => endedMs)
      expect(pattern).toMatchObject({
        error_type: 'timeout',
        calls: same.length,
        first_seen: new Date(Math.min(...times)).toISOString(),
        last_seen: new Date(Math.max(...times)).toISOString(),
        is_new: true,
      })
    }
    expect(errors.heatmap.map(({ error_type }) => error_type)).toEqual(['timeout'])
    expect(sumOf(errors.heatmap.flatMap(({ buckets }) => buckets.map((bucket) => bucket.calls)))).toBe(own.length)
  })

  it.each(['latency', 'first_token', 'per_output_token'] as const)(
    'latency tells %s by model within the stated error',
    async (measured) => {
      const { models, accuracy, window } = await askV1(base, 'latency', { query: { from: 'now-1h', kind: measured } })
      expect(accuracy.percentile_error).toBe(SKETCH_RELATIVE_ERROR)
      const since = Math.floor(Date.parse(window.from) / 60_000) * 60_000
      const measureOf = (call: TestCall) =>
        ({ latency: call.durationMs, first_token: call.firstTokenMs, per_output_token: call.perOutputTokenMs })[measured]
      expect(models).toHaveLength(3)
      for (const row of models) {
        const values = calls
          .filter(({ endedMs, model }) => model === row.model && endedMs >= since)
          .flatMap((call) => measureOf(call) ?? [])
        expect(row.calls).toBe(values.length)
        expectQuantile(row.p50_seconds, values, 0.5)
        expectQuantile(row.p99_seconds, values, 0.99)
        expect(sumOf(row.points.map(({ calls: count }) => count))).toBe(values.length)
      }
    },
  )

  it.each(['model', 'app', 'provider'] as const)('costs by %s adds up to the whole', async (by) => {
    const costs = await askV1(base, 'costs', { query: { from: 'now-24h', by } })
    expect(costs.cost_usd).toBeCloseTo(usdOf(calls), 9)
    expect(costs.unpriced_calls).toBe(calls.filter(({ costNanoUsd }) => costNanoUsd === null).length)
    for (const row of costs.rows) {
      const own = calls.filter((call) => call[by] === row.name)
      expect(row.cost_usd).toBeCloseTo(usdOf(own), 9)
      expect(row.calls).toBe(own.length)
      expect(row.tokens).toBe(sumOf(own.map(tokensOf)))
    }
    expect(costs.rows).toHaveLength(namesOf(calls, by).length)
    expect(sumOf(costs.points.map(({ cost_usd }) => cost_usd))).toBeCloseTo(costs.cost_usd, 9)
    expect(sumOf(costs.unpriced_models.map(({ calls: count }) => count))).toBe(costs.unpriced_calls)
  })

  it('costs by user and by tag tells what each gained, and finds one user or one tag', async () => {
    const byUser = await askV1(base, 'costs', { query: { from: 'now-24h', by: 'user' } })
    for (const row of byUser.rows) {
      const own = calls.filter(({ user }) => user === row.name)
      expect(row).toMatchObject({ key: userKey(row.name), calls: own.length, tokens: sumOf(own.map(tokensOf)) })
      expect(row.cost_usd).toBeCloseTo(usdOf(own), 9)
    }
    expect(byUser.rows).toHaveLength(6)
    const one = await askV1(base, 'costs', { query: { from: 'now-24h', by: 'user', user: 'grace' } })
    expect(one.rows).toEqual(byUser.rows.filter(({ name }) => name === 'grace'))
    expect((await askV1(base, 'costs', { query: { by: 'user', user: 'nobody' } })).rows).toEqual([])
    const byTag = await askV1(base, 'costs', { query: { from: 'now-24h', by: 'tag', tag: 'feature' } })
    expect(byTag.rows.map(({ name }) => name).sort()).toEqual(['feature=chat', 'feature=summary'])
    for (const row of byTag.rows) {
      const own = calls.filter(({ tags }) => `feature=${tags?.['feature']}` === row.name)
      expect(row.cost_usd).toBeCloseTo(usdOf(own), 9)
      expect(row.calls).toBe(own.length)
    }
  })

  it('query answers as port 8082 does', async () => {
    const body = { metric: 'calls', group_by: ['app'], start_time: nowMs - 3_600_000, end_time: nowMs, aggregation: 'sum' }
    const here = await askV1(base, 'query', { body })
    expect(here).toEqual((await stage.query(body)).body)
    const several = await askV1(base, 'multiQuery', {
      body: [
        { ...body, id: 'a' },
        { key: 'calls:ok:none:none:none', start_time: 'now-1h', end_time: 'now' },
      ],
    })
    expect(several['a']).toEqual(here)
    expect(several['calls:ok:none:none:none']).toMatchObject({ error: expect.any(String), field: 'key' })
  })

  it('catalog names what was recorded', async () => {
    const catalog = await askV1(base, 'catalog')
    expect(catalog).toMatchObject({
      apps: ['search', 'shop'],
      providers: ['azure', 'openai'],
      models: ['gpt-4o', 'gpt-4o-mini', 'meta/llama 3'],
      tags: ['feature', 'team'],
    })
    for (const { name, aggregations, kind: sort } of catalog.metrics)
      for (const aggregation of aggregations) {
        const named = sort === 'sampled' ? { key: name } : { metric: name }
        const question = { ...named, start_time: nowMs - 600_000, end_time: nowMs, aggregation }
        const { status, body } = await stage.query<object>(question)
        expect(status === 200 || status === 404, `${name} ${aggregation}: ${JSON.stringify(body).slice(0, 200)}`).toBe(true)
      }
  })
})
