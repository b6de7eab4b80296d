import { startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startCollector } from '../src/index.ts'
import { getJson, postJson, QUIET } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

it('answers /analytics in at most two round trips to Redis, /query in one, and 100 requests at once in a few', async () => {
  const server = await startRedis()
  const proxy = await startTcpProxy({ targetPort: server.port })
  const redis = new Redis(server.url)
  const collector = await startCollector({ ...QUIET, redisUrl: `redis://127.0.0.1:${proxy.port}` })
  const nowMs = Date.now()
  const write = (count: number) =>
    new CallWriter(redis).write(
      Array.from({ length: count }, (_, index) =>
        testCall({ endedMs: nowMs - index * 61_000, model: `m${index % 25}`, user: `u${index % 60}`, session: `s${index}` }),
      ),
    )
  const tripsOf = async (ask: () => Promise<unknown>) => {
    const before = proxy.roundTrips()
    await ask()
    return proxy.roundTrips() - before
  }
  /** Once in a while the API keys are read too, which may be a trip more. */
  const leastOf = async (tries: number, ask: () => Promise<unknown>) => {
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < tries; i++) least = Math.min(least, await tripsOf(ask))
    return least
  }
  const getAnalytics = () => getJson(`${collector.analyticsUrl}/analytics`)
  try {
    await write(600)
    // Uncached: nothing was asked before, so buckets, names and sketches are all read.
    expect(await tripsOf(getAnalytics)).toBeLessThanOrEqual(2)
    expect(await tripsOf(getAnalytics)).toBeLessThanOrEqual(2)
    await new CallWriter(redis).write([testCall({ endedMs: nowMs, model: 'brand-new' })])
    expect(await tripsOf(getAnalytics)).toBeLessThanOrEqual(2)

    const hundred = await tripsOf(async () => {
      const replies = await Promise.all(Array.from({ length: 100 }, getAnalytics))
      expect(replies.every((reply) => reply.status === 200)).toBe(true)
    })
    expect(hundred).toBeLessThanOrEqual(40)

    const range = { start_time: 'now-2h', end_time: 'now' }
    const series = ['tokens:input:shop:openai:m1', 'calls:ok:shop:openai:m2', 'metrics:error_rate'].map((key) => ({ key, ...range }))
    expect(await leastOf(3, () => postJson(`${collector.timeseriesUrl}/query`, series[0]))).toBe(1)
    expect(await leastOf(3, () => postJson(`${collector.timeseriesUrl}/multi-query`, series))).toBe(1)
    expect(await leastOf(3, () => getJson(`${collector.timeseriesUrl}/latest?key=metrics:error_rate`))).toBe(1)
  } finally {
    await collector.close()
    redis.disconnect()
    await proxy.close()
    await server.stop()
  }
})
