import { type Collector, startCollector } from '@aiwatch/collector'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis, startTcpProxy, type TcpProxy } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MINUTE_MS = 60_000

describeOnEachRedis('a late flush', (kind) => {
  let redis: RedisServer
  let proxy: TcpProxy
  let collector: Collector
  let watch: AIWatch

  beforeAll(async () => {
    redis = await startRedis({ kind })
    proxy = await startTcpProxy({ targetPort: redis.port })
    collector = await startCollector({
      redisUrl: redis.url,
      analyticsPort: 0,
      timeseriesPort: 0,
      redisTimeoutMs: 20_000,
      answerCacheMs: 0,
      logLevel: 'silent',
    })
    watch = new AIWatch({ redis: `redis://127.0.0.1:${proxy.port}`, app: 'late', onError: () => {} })
  })

  afterAll(async () => {
    await watch.close({ timeoutMs: 100 })
    await collector.close()
    await proxy.close()
    await redis.stop()
  })

  async function readRequests(): Promise<number> {
    const analytics = (await (await fetch(`${collector.analyticsUrl}/analytics`)).json()) as { requests_5m: number }
    return analytics.requests_5m
  }

  async function readTokens(from: number, to: number): Promise<number> {
    const response = await fetch(`${collector.timeseriesUrl}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        key: 'tokens:input:late:in-house:m1',
        start_time: new Date(from).toISOString(),
        end_time: new Date(to).toISOString(),
        aggregation: 'sum',
      }),
    })
    const { data } = (await response.json()) as { data: { value: number }[] }
    return data.reduce((sum, point) => sum + point.value, 0)
  }

  test('a flush that arrives minutes late shows in /analytics and /query at once, though the buckets were closed and cached', async () => {
    const now = Date.now()
    const record = (startedAt: number, inputTokens: number) =>
      watch.record({ provider: 'in-house', model: 'm1', user: 'ada', startedAt, durationMs: 1, usage: { inputTokens, outputTokens: 1 } })
    record(now - 4 * MINUTE_MS, 100)
    await watch.flush()
    // Both answers are now made from closed buckets that the collector caches.
    expect(await readRequests()).toBe(1)
    expect(await readTokens(now - 10 * MINUTE_MS, now)).toBe(100)

    // The outage: what ends now was held for three minutes.
    proxy.refuse(true)
    proxy.cut()
    for (let i = 0; i < 50; i++) record(now - 3 * MINUTE_MS + i, 7)
    record(now - 4 * MINUTE_MS, 1000)
    await expect(watch.flush({ timeoutMs: 500 })).rejects.toThrow(/held/)
    expect(await readTokens(now - 10 * MINUTE_MS, now)).toBe(100)
    proxy.refuse(false)
    await watch.flush({ timeoutMs: 20_000 })

    expect(await readRequests()).toBe(52)
    expect(await readTokens(now - 10 * MINUTE_MS, now)).toBe(100 + 50 * 7 + 1000)
  })
})
