import { openReader, type RedisClient, SEED_METRICS, tenantKeys } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { measureSlot } from '../src/analytics/measure-slot.ts'
import type { LatestAnswer } from '../src/analytics/series/query-series.ts'
import { startCollector } from '../src/index.ts'
import { cpuShare } from '../src/jobs/host-cpu.ts'
import { type SamplerOptions, SLOT_MS, sampleSlot, slotStart, startSampler } from '../src/jobs/sampler.ts'
import { createLog } from '../src/log.ts'
import { openRedisConnection, type RedisConnection } from '../src/redis/redis-connection.ts'
import { eventually, getJson, QUIET } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

describeOnEachRedis('sampler', (kind) => {
  let server: RedisServer
  let redis: Redis
  const connections: RedisConnection[] = []

  beforeEach(async () => {
    server = await startRedis({ kind })
    redis = new Redis(server.url)
  })
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close()
    redis.disconnect()
    await server.stop()
  })

  async function samplerOptions(extra: Partial<SamplerOptions> = {}): Promise<SamplerOptions> {
    const connection = openRedisConnection(server.url, 1500)
    connections.push(connection)
    await connection.settled(1000)
    return {
      connection,
      log: createLog('silent'),
      tenant: 'default',
      measure: (tenant, slotMs) => measureSlot(openReader(connection.redis, { tenant, now: () => slotMs }), slotMs),
      ...extra,
    }
  }

  const readAll = (tenant: string, fromMs: number, client: RedisClient = redis) => {
    const reader = openReader(client, { tenant })
    return Promise.all(SEED_METRICS.map(({ name }) => reader.samples(name, fromMs, Date.now())))
  }

  it('writes the values that the calls give, as of the start of the slot', async () => {
    const slotMs = slotStart(Date.now()) - SLOT_MS
    const before = (secondsAgo: number, extra = {}) => testCall({ endedMs: slotMs - secondsAgo * 1000, user: 'ada', ...extra })
    await new CallWriter(redis).write([
      before(5, { inputTokens: 300, outputTokens: 30, durationMs: 100 }),
      before(59, { inputTokens: 500, outputTokens: 50, durationMs: 100, user: 'grace' }),
      before(61, { inputTokens: 7000, outputTokens: 700, durationMs: 4000, outcome: 'timeout', user: 'joan' }),
      before(1200, { inputTokens: 9, outputTokens: 9, durationMs: 60_000, user: 'barbara' }),
    ])
    expect(await sampleSlot(await samplerOptions(), slotMs, 0.5)).toBe(1)
    const values = Object.fromEntries((await readAll('default', slotMs)).map((samples, index) => [SEED_METRICS[index]?.name, samples]))
    const at = (value: unknown) => [{ timestampMs: slotMs, value }]
    expect(values).toEqual({
      'tokens:input_rate': at(800),
      'tokens:output_rate': at(80),
      'users:active_5m': at(3),
      'users:active_1h': at(4),
      'response_time:p95': at(expect.closeTo(4, 0)),
      'response_time:p99': at(expect.closeTo(4, 0)),
      error_rate: at(1 / 3),
      'memory:redis_used': at(expect.any(Number)),
      'cpu:usage': at(0.5),
    })
    const memory = values['memory:redis_used']?.[0]?.value ?? 0
    expect(memory).toBeGreaterThan(500_000)
    expect(memory).toBeLessThan(100_000_000)
  })

  it('writes one sample per slot and tenant, whoever of many is first, and a second changes nothing', async () => {
    await new CallWriter(redis, 'acme').write([testCall({ endedMs: Date.now() - 60_000 })])
    const slotMs = slotStart(Date.now())
    const samplers = await Promise.all([0.1, 0.2, 0.3, 0.4].map(async (cpu) => [await samplerOptions(), cpu] as const))
    const counts = await Promise.all(samplers.map(([options, cpu]) => sampleSlot(options, slotMs, cpu)))
    // Two tenants: the one with data, and the collectors' own.
    expect(counts.reduce((total, count) => total + count, 0)).toBe(2)
    const first = [await readAll('default', slotMs), await readAll('acme', slotMs)]
    for (const samples of first.flat()) expect(samples).toHaveLength(1)
    // Even without the lock the first stays.
    await redis.del(tenantKeys('default').lock(`sampler:${slotMs / 1000}`), tenantKeys('acme').lock(`sampler:${slotMs / 1000}`))
    expect(await sampleSlot((samplers[0] as (typeof samplers)[0])[0], slotMs, 0.9)).toBe(2)
    expect([await readAll('default', slotMs), await readAll('acme', slotMs)]).toEqual(first)
  })

  it('takes over a slot whose sampler died, once its lock has run out', async () => {
    const slotMs = slotStart(Date.now())
    const dying = await samplerOptions({ measure: () => Promise.reject(new Error('died')) })
    await expect(sampleSlot(dying, slotMs, 0)).rejects.toThrow('died')
    const other = await samplerOptions()
    expect(await sampleSlot(other, slotMs, 0)).toBe(0)
    await redis.del(tenantKeys('default').lock(`sampler:${slotMs / 1000}`))
    expect(await sampleSlot(other, slotMs, 0)).toBe(1)
  })

  it('samples the current slot at the start and each one after it, three seconds in, and leaves missed ones empty', async () => {
    // A clock that runs 25 times as fast, and jumps: the process was asleep for three slots.
    const startedMs = Date.now()
    let jumpMs = 0
    const first = slotStart(startedMs) - 20 * SLOT_MS
    const now = () => first + 4000 + (Date.now() - startedMs) * 25 + jumpMs
    const sampled: number[] = []
    const options = await samplerOptions({
      now,
      measure: async (_tenant, slotMs) => {
        sampled.push(slotMs)
        expect(now() - slotMs).toBeGreaterThanOrEqual(3000)
        return new Map([['error_rate', 0.25]])
      },
    })
    const sampler = startSampler(fastTimers(options))
    try {
      await eventually(
        async () => sampled.length,
        (count) => count >= 2,
      )
      jumpMs += 3 * SLOT_MS
      await eventually(
        async () => sampled.length,
        (count) => count >= 4,
      )
    } finally {
      sampler.stop()
    }
    expect(sampled.slice(0, 2)).toEqual([first, first + SLOT_MS])
    expect(new Set(sampled).size).toBe(sampled.length)
    const written = (await openReader(redis, { tenant: 'default' }).samples('error_rate', first, Date.now())).map(
      (sample) => sample.timestampMs,
    )
    expect(written).toEqual(sampled.slice(0, written.length))
    const gaps = written.slice(1).map((time, index) => time - (written[index] as number))
    expect(gaps.some((gap) => gap > SLOT_MS)).toBe(true)
    expect(sampler.check()).toMatchObject({ status: 'up' })
  })

  it('gives a collector its first values within seconds of its start', async () => {
    const collector = await startCollector({ ...QUIET, redisUrl: server.url, sampler: true })
    try {
      const reply = await eventually(
        () => getJson<LatestAnswer>(`${collector.timeseriesUrl}/latest?key=metrics:memory:redis_used`),
        ({ status }) => status === 200,
      )
      expect(reply.body).toMatchObject({ value: expect.any(Number), labels: { unit: 'By', metric: 'memory:redis_used' } })
      expect(reply.body.timestamp % SLOT_MS).toBe(0)
    } finally {
      await collector.close()
    }
  })
})

/** The sampler waits by the real clock; this one runs as fast as the test's. */
function fastTimers(options: SamplerOptions): SamplerOptions {
  return { ...options, wait: (milliseconds, then) => setTimeout(then, milliseconds / 25) }
}

describe('cpuShare', () => {
  it('is the busy part of the time between two readings, 0 to 1', () => {
    expect(cpuShare({ busy: 100, total: 1000 }, { busy: 150, total: 1200 })).toBe(0.25)
    expect(cpuShare({ busy: 100, total: 1000 }, { busy: 100, total: 1000 })).toBe(0)
    // Counters of a container that moved to another host may go back.
    expect(cpuShare({ busy: 100, total: 1000 }, { busy: 50, total: 1100 })).toBe(0)
  })
})
