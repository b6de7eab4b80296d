import { applyBatch, bucketStart, CODE, tenantKeys, userKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELL, callBatch, counters, emptyBatch, newTenant, userVectorAt, vectorAt } from './batches.ts'

let server: RedisServer
let redis: Redis
beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

const HOUR_MS = 3_600_000
const ONE_CALL = [CODE.callsOk, 1, CODE.inputTokens, 100, CODE.outputTokens, 10, CODE.durationMs, 0.1]

describe('late calls', () => {
  test('of the open bucket, or one that closed a moment ago, are not late', async () => {
    const tenant = newTenant()
    const justClosed = emptyBatch({
      tenant,
      cells: [CELL],
      series: [{ tier: '10s', start: Math.floor(Date.now() / 1000) - 10 - 3, cell: 0, values: ONE_CALL }],
    })
    expect(await applyBatch(redis, justClosed)).toMatchObject({ status: 'applied', lateCalls: 0 })
    expect(await redis.exists(tenantKeys(tenant).late)).toBe(0)
  })

  test('land in their own buckets, which are announced, and count once', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const time = Date.now() - 3 * HOUR_MS
    const result = await applyBatch(redis, callBatch(time, { tenant }))
    expect(result).toMatchObject({ status: 'applied', lateCalls: 1, lateRefusedCalls: 0, refusedOperations: 0 })
    const expected = [
      `10s:${bucketStart(time, 10)}`,
      `1m:${bucketStart(time, 60)}`,
      `1h:${bucketStart(time, 3600)}`,
      `k1m:${bucketStart(time, 60)}`,
      `b:${bucketStart(time, 3600)}`,
    ]
    // The day of three hours ago is over only in the first hours of a day.
    const members = (await redis.zrange(keys.late, 0, -1)).filter((member) => !member.startsWith('k1d'))
    expect(members.sort()).toEqual(expected.sort())
    const score = Number(await redis.zscore(keys.late, `1m:${bucketStart(time, 60)}`))
    expect(score).toBe(result.serverTimeMs)
    expect(await redis.ttl(keys.late)).toBeGreaterThan(24 * 3600)
    for (const tier of ['10s', '1m', '1h'] as const) {
      const start = bucketStart(time, { '10s': 10, '1m': 60, '1h': 3600 }[tier])
      expect(await vectorAt(redis, keys.series(tier, start), CELL.id)).toEqual(ONE_CALL)
    }
    expect(await counters(redis, keys)).toMatchObject({ lateCalls: 1 })
  })

  test('over 24 hours late are refused in time buckets, counted, and in the lifetime totals', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const time = Date.now() - 26 * HOUR_MS
    expect(await applyBatch(redis, callBatch(time, { tenant }))).toMatchObject({ status: 'applied', lateCalls: 0, lateRefusedCalls: 1 })
    expect(await redis.keys(`aiw:{${tenant}}:[sb]:*`)).toEqual([])
    expect(await redis.exists(keys.sketch('1m', bucketStart(time, 60)))).toBe(0)
    // The day of the call may have ended less than 24 hours ago.
    expect((await redis.zrange(keys.late, 0, -1)).filter((member) => !member.startsWith('k1d'))).toEqual([])
    expect(await vectorAt(redis, keys.totals, CELL.id)).toEqual(ONE_CALL)
    expect(await counters(redis, keys)).toEqual({ appliedBatches: 1, lateRefusedCalls: 1 })
  })

  test('are forgotten as announcements after 25 hours', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    await redis.zadd(keys.late, Date.now() - 26 * HOUR_MS, '1m:60', Date.now() - 24 * HOUR_MS, '1m:120')
    await applyBatch(redis, callBatch(Date.now() - HOUR_MS, { tenant }))
    const members = await redis.zrange(keys.late, 0, -1)
    expect(members).not.toContain('1m:60')
    expect(members).toContain('1m:120')
  })

  test('of a sketch level that is not kept that long leave no key behind', async () => {
    const tenant = newTenant()
    const start = bucketStart(Date.now() - 8 * HOUR_MS, 60)
    const sketches = [{ level: '1m' as const, start, kind: 'latency' as const, cell: 'all' as const, counts: [1, 1] }]
    expect(await applyBatch(redis, emptyBatch({ tenant, sketches }))).toMatchObject({ status: 'applied', refusedOperations: 0 })
    expect(await redis.exists(tenantKeys(tenant).sketch('1m', start))).toBe(0)
  })
})

describe('calls ahead of the server', () => {
  test('are set back to its clock, merged with what is there, and counted', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const ahead = callBatch(Date.now() + 2 * HOUR_MS, { tenant })
    const atNow = callBatch(Date.now(), { tenant, cells: [] })
    const batch = {
      ...ahead,
      series: [...ahead.series, ...atNow.series],
      totals: [{ cell: 0, values: ONE_CALL.map((v, i) => (i % 2 ? v * 2 : v)) }],
    }
    const result = await applyBatch(redis, batch)
    expect(result).toMatchObject({ status: 'applied', last: 1, clampedCalls: 1, lateCalls: 0 })
    const hours = await redis.keys(`aiw:{${tenant}}:s:1h:*`)
    let calls = 0
    for (const key of hours) calls += (await vectorAt(redis, key, CELL.id))?.[1] ?? 0
    expect(calls).toBe(2)
    for (const key of await redis.keys(`aiw:{${tenant}}:[skb]*:*`)) {
      const start = Number(key.split(':').at(-1))
      if (Number.isFinite(start)) expect(start * 1000, key).toBeLessThanOrEqual(result.serverTimeMs)
    }
    expect(Number(await redis.zscore(keys.seenUsers, userKey('ada')))).toBeLessThanOrEqual(result.serverTimeMs)
    const user = await userVectorAt(redis, keys.user(userKey('ada')), 't')
    expect(user?.[user.indexOf(CODE.lastSeenMs) + 1]).toBeLessThanOrEqual(result.serverTimeMs)
    expect(await counters(redis, keys)).toEqual({ appliedBatches: 1, clampedCalls: 1 })
  })

  test('by less than the tolerance of a second are taken as they are', async () => {
    const tenant = newTenant()
    const time = Date.now() + 500
    expect(await applyBatch(redis, emptyBatch({ tenant, seen: [{ user: 'u', lastSeenMs: time, sessions: [] }] }))).toMatchObject({
      status: 'applied',
      clampedCalls: 0,
    })
    expect(await redis.zscore(tenantKeys(tenant).seenUsers, 'u')).toBe(String(time))
  })

  test('that were applied and are sent again are a duplicate', async () => {
    const tenant = newTenant()
    const batch = callBatch(Date.now() + 2 * HOUR_MS, { tenant })
    await applyBatch(redis, batch)
    expect(await applyBatch(redis, batch)).toMatchObject({ status: 'duplicate', last: 1 })
  })
})
