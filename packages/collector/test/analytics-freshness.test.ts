import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

const MINUTE = 60_000

describe('GET /analytics as data comes', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.stop())

  it('is all zeros and empty lists before the first call', async () => {
    expect(await stage.analytics()).toMatchObject({
      active_users_5m: 0,
      active_users_1h: 0,
      active_users_24h: 0,
      active_sessions: 0,
      token_rates: { input_per_minute: 0, output_per_minute: 0 },
      top_users: [],
      model_usage: {},
      response_time_p50: 0,
      response_time_p95: 0,
      response_time_p99: 0,
      error_rate: 0,
      requests_5m: 0,
      error_patterns: [],
      models: [],
    })
  })

  it('shows a call in the first answer after its flush, new cells included', async () => {
    const writer = new CallWriter(stage.redis)
    for (let count = 1; count <= 5; count++) {
      const model = `model-${count}`
      await writer.write([testCall({ endedMs: Date.now(), model, user: `u${count}` })])
      const analytics = await stage.analytics()
      expect(analytics.model_usage[model]?.total_requests).toBe(1)
      expect(analytics.requests_5m).toBe(count)
      expect(analytics.active_users_5m).toBe(count)
      expect(analytics.models.map((row) => row.model)).toContain(model)
    }
  })

  it('shows a flush that comes minutes late at once, though the buckets were closed and cached', async () => {
    const before = await stage.analytics()
    await stage.analytics()
    const lateMs = Date.now() - 3 * MINUTE
    await new CallWriter(stage.redis).write([testCall({ endedMs: lateMs, model: 'model-1', outcome: 'timeout', user: 'late' })])
    const after = await stage.analytics()
    expect(after.requests_5m).toBe(before.requests_5m + 1)
    expect(after.error_rate).toBeCloseTo(1 / after.requests_5m, 12)
    expect(after.active_users_5m).toBe(before.active_users_5m + 1)
    expect(after.error_patterns).toEqual([{ error_type: 'timeout', model: 'model-1', count: 1, last_seen: new Date(lateMs).toISOString() }])
    expect(after.models.find((row) => row.model === 'model-1')?.calls_24h).toBe(2)
  })

  it('keeps names of whatever characters apart', async () => {
    const names = ['__proto__', 'constructor', 'a:b,c(d)e=f%g!h', '🦊\n模型', '{}', '"\\', 'x'.repeat(10_000), 'x'.repeat(9999), '']
    await new CallWriter(stage.redis).write(names.map((model) => testCall({ endedMs: Date.now(), model, user: model || 'empty' })))
    const { model_usage, top_users } = await stage.analytics()
    const text = JSON.stringify(model_usage)
    for (const name of names.slice(0, 6)) expect(text).toContain(`${JSON.stringify(name)}:{"total_requests":1`)
    expect(Object.keys(model_usage).filter((name) => name.startsWith('xxx'))).toHaveLength(2)
    expect(model_usage['unknown']?.total_requests).toBe(1)
    expect(top_users).toHaveLength(10)
  })
})

it('shares an answer for the time that is set, with its ETag', async () => {
  const stage = await openStage({ answerCacheMs: 60_000 })
  try {
    const url = `${stage.collector.analyticsUrl}/analytics`
    const first = await fetch(url)
    const etag = first.headers.get('etag') as string
    await new CallWriter(stage.redis).write([testCall({ endedMs: Date.now() })])
    const second = await fetch(url)
    expect(await second.text()).toBe(await first.text())
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  } finally {
    await stage.stop()
  }
})
