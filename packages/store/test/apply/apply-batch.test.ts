import { applyBatch, bucketStart, CODE, countTornWriters, StoreError, TENANTS_KEY, tenantKeys, userKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CELL, callBatch, counters, dumpTenant, emptyBatch, newTenant, newWriter, vectorAt } from './batches.ts'

let server: RedisServer
let redis: Redis
beforeAll(async () => {
  server = await startRedis({ config: { 'repl-diskless-sync-delay': 0 } })
  redis = new Redis(server.url)
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

describe('the guard', () => {
  test('takes the next batch only: a repeated one is a duplicate, a later one a gap, and both change nothing', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    const batch = (sequence: number) => callBatch(now, { tenant, sequence })
    expect(await applyBatch(redis, batch(1))).toMatchObject({ status: 'applied', last: 1, refusedOperations: 0 })
    expect(await applyBatch(redis, batch(2))).toMatchObject({ status: 'applied', last: 2 })
    const before = await dumpTenant(redis, tenant)
    expect(await applyBatch(redis, batch(2))).toMatchObject({ status: 'duplicate', last: 2 })
    expect(await applyBatch(redis, batch(1))).toMatchObject({ status: 'duplicate', last: 2 })
    expect(await applyBatch(redis, batch(4))).toMatchObject({ status: 'gap', last: 2 })
    expect(await dumpTenant(redis, tenant)).toEqual(before)
    expect(await counters(redis, keys)).toEqual({ appliedBatches: 2, duplicateBatches: 2, gapBatches: 1 })
  })

  test('of a writer that the server does not know takes 1 and answers a gap from 0 to anything else', async () => {
    const tenant = newTenant()
    expect(await applyBatch(redis, emptyBatch({ tenant, sequence: 7 }))).toMatchObject({ status: 'gap', last: 0 })
    expect(await applyBatch(redis, emptyBatch({ tenant, sequence: 1, lostCalls: 12 }))).toMatchObject({ status: 'applied', last: 1 })
    expect(await counters(redis, tenantKeys(tenant))).toMatchObject({ gapBatches: 1, lostCalls: 12 })
  })

  test('whose ends differ is answered torn once, counted and repaired; the next batch is applied', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    await applyBatch(redis, callBatch(now, { tenant }))
    await redis.hset(keys.writer('writer'), 'first', 2)
    expect(await countTornWriters(redis, tenant)).toBe(1)
    const before = await dumpTenant(redis, tenant)
    expect(await applyBatch(redis, callBatch(now, { tenant, sequence: 2 }))).toMatchObject({ status: 'torn', last: 2 })
    expect(await dumpTenant(redis, tenant)).toEqual(before)
    expect(await countTornWriters(redis, tenant)).toBe(0)
    expect(await applyBatch(redis, callBatch(now, { tenant, sequence: 2 }))).toMatchObject({ status: 'duplicate', last: 2 })
    expect(await applyBatch(redis, callBatch(now, { tenant, sequence: 3 }))).toMatchObject({ status: 'applied', last: 3 })
    expect(await counters(redis, keys)).toMatchObject({ tornWriters: 1, appliedBatches: 2 })
  })

  test('keeps writers apart', async () => {
    const tenant = newTenant()
    const [a, b] = [newWriter(), newWriter()]
    for (const writer of [a, b]) expect(await applyBatch(redis, emptyBatch({ tenant, writer }))).toMatchObject({ status: 'applied' })
    expect(await applyBatch(redis, emptyBatch({ tenant, writer: a, sequence: 2 }))).toMatchObject({ status: 'applied' })
    expect(await redis.zrange(tenantKeys(tenant).writers, 0, -1)).toEqual([a, b].sort())
  })

  test('refuses a sequence or writer that no writer has, before anything is sent', async () => {
    for (const over of [{ sequence: 0 }, { sequence: 1.5 }, { writer: 'a b' }, { writer: '' }]) {
      await expect(applyBatch(redis, emptyBatch(over))).rejects.toMatchObject({ code: 'invalid_batch', retryable: false })
    }
  })
})

describe('what is stored', () => {
  test('is exact beyond 10^14 and for decimals', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const large = 1_123_456_789_012_345
    const start = bucketStart(Date.now(), HOUR_SECONDS)
    for (let sequence = 1; sequence <= 7; sequence++) {
      const values = [CODE.costNanoUsd, large, CODE.durationMs, 0.1, CODE.firstTokenMs, 1234.567]
      const batch = emptyBatch({
        tenant,
        sequence,
        cells: [CELL],
        totals: [{ cell: 0, values }],
        boards: [{ board: 'user_cost', start, entries: [[userKey('ada'), large]] }],
        integrity: { ...emptyBatch().integrity, dropped: large },
      })
      await applyBatch(redis, batch)
    }
    expect(await vectorAt(redis, keys.totals, CELL.id)).toEqual([
      CODE.costNanoUsd,
      large * 7,
      CODE.durationMs,
      0.7,
      CODE.firstTokenMs,
      8641.969,
    ])
    expect(await redis.zscore(keys.board('user_cost', start), userKey('ada'))).toBe(String(large * 7))
    expect(await redis.hget(keys.integrity, 'droppedCalls')).toBe(String(large * 7))
  })

  test('has a time to live, but for what is kept for ever', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    await applyBatch(redis, callBatch(now, { tenant }))
    const forEver = [keys.totals, keys.cells, keys.backend, keys.integrity, keys.errors, keys.recent]
    const left: Record<string, number> = {}
    for (const key of await redis.keys(`aiw:{${tenant}}:*`)) left[key] = await redis.ttl(key)
    for (const key of forEver) expect(left[key]).toBe(-1)
    const endIn = (start: number, seconds: number) => start + seconds - Math.floor(Date.now() / 1000)
    const bounded: [key: string, seconds: number][] = [
      [keys.series('10s', bucketStart(now, 10)), endIn(bucketStart(now, 10), 10) + 25 * HOUR_SECONDS],
      [keys.series('1m', bucketStart(now, 60)), endIn(bucketStart(now, 60), 60) + 7 * DAY_SECONDS + HOUR_SECONDS],
      [keys.series('1h', bucketStart(now, 3600)), endIn(bucketStart(now, 3600), 3600) + 400 * DAY_SECONDS + HOUR_SECONDS],
      [keys.sketch('1m', bucketStart(now, 60)), endIn(bucketStart(now, 60), 60) + 7 * HOUR_SECONDS],
      [
        keys.sketch('1d', bucketStart(now, DAY_SECONDS)),
        endIn(bucketStart(now, DAY_SECONDS), DAY_SECONDS) + 400 * DAY_SECONDS + HOUR_SECONDS,
      ],
      [keys.board('user_tokens', bucketStart(now, 3600)), endIn(bucketStart(now, 3600), 3600) + 7 * DAY_SECONDS + HOUR_SECONDS],
      [keys.dayUsers(bucketStart(now, DAY_SECONDS)), endIn(bucketStart(now, DAY_SECONDS), DAY_SECONDS) + 40 * DAY_SECONDS + HOUR_SECONDS],
      [keys.seenUsers, 26 * HOUR_SECONDS],
      [keys.seenSessions, 26 * HOUR_SECONDS],
      [keys.user(userKey('ada')), 30 * DAY_SECONDS],
      [keys.writer('writer'), 48 * HOUR_SECONDS],
      [keys.writers, 48 * HOUR_SECONDS],
    ]
    for (const [key, seconds] of bounded) {
      expect(left[key], key).toBeGreaterThan(seconds - 5)
      expect(left[key], key).toBeLessThanOrEqual(seconds + 1)
    }
    expect(Object.keys(left).sort()).toEqual([...forEver, ...bounded.map(([key]) => key)].sort())
  })

  test('of a row that a batch has twice is their sum', async () => {
    const tenant = newTenant()
    const row = { cell: 0, values: [CODE.callsOk, 1, CODE.inputTokens, 5] }
    await applyBatch(redis, emptyBatch({ tenant, cells: [CELL], totals: [row, row, { cell: 0, values: [CODE.outputTokens, 2] }] }))
    expect(await vectorAt(redis, tenantKeys(tenant).totals, CELL.id)).toEqual([CODE.callsOk, 2, CODE.inputTokens, 10, CODE.outputTokens, 2])
  })

  test('adds sketch counters whose index is the code of a time elsewhere', async () => {
    const tenant = newTenant()
    const start = bucketStart(Date.now(), 60)
    for (let sequence = 1; sequence <= 2; sequence++) {
      const counts = [99, 1, 100, 2, 109, 3, 110, 4, 119, 5, 120, 6]
      await applyBatch(
        redis,
        emptyBatch({ tenant, sequence, sketches: [{ level: '1m', start, kind: 'first_token', cell: 'all', counts }] }),
      )
    }
    expect(await vectorAt(redis, tenantKeys(tenant).sketch('1m', start), 'f:all')).toEqual([
      99, 2, 100, 4, 109, 6, 110, 8, 119, 10, 120, 12,
    ])
  })

  test('of more rows than one command takes is complete', async () => {
    const tenant = newTenant()
    const now = Date.now()
    const seen = Array.from({ length: 9001 }, (_, i) => ({
      user: `u${i}`,
      lastSeenMs: now,
      sessions: [[`s${i}`, now]] as [string, number][],
    }))
    const entries = seen.map(({ user }) => [user, 1] as [string, number])
    const start = bucketStart(now, HOUR_SECONDS)
    const days: [number, string[]][] = [[bucketStart(now, DAY_SECONDS), seen.map(({ user }) => user)]]
    expect(await applyBatch(redis, emptyBatch({ tenant, seen, days, boards: [{ board: 'user_calls', start, entries }] }))).toMatchObject({
      status: 'applied',
      refusedOperations: 0,
    })
    const keys = tenantKeys(tenant)
    expect(await redis.zcard(keys.seenUsers)).toBe(9001)
    expect(await redis.zcard(keys.seenSessions)).toBe(9001)
    expect(await redis.zcard(keys.board('user_calls', start))).toBe(9001)
  })

  test('enters the tenant in the list of tenants, again when the first time failed', async () => {
    const other = new Redis(server.url)
    const tenant = newTenant()
    const cut = vi.spyOn(other, 'zadd').mockRejectedValue(new Error('cut'))
    await applyBatch(other, emptyBatch({ tenant }))
    expect(await redis.zscore(TENANTS_KEY, tenant)).toBeNull()
    cut.mockRestore()
    await applyBatch(other, emptyBatch({ tenant, sequence: 2 }))
    expect(Number(await redis.zscore(TENANTS_KEY, tenant))).toBeCloseTo(Date.now() / 1000, -1)
    other.disconnect()
  })
})

describe('refusals', () => {
  test('of one key are counted and told; the rest is applied', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    await redis.set(keys.series('10s', bucketStart(now, 10)), 'not a hash')
    await redis.hset(keys.errors, `timeout:${CELL.id}`, 'not packed')
    const result = await applyBatch(redis, callBatch(now, { tenant }))
    expect(result).toMatchObject({ status: 'applied', refusedOperations: 2 })
    expect(result.status === 'applied' && result.firstRefusal).toBeTruthy()
    expect(await vectorAt(redis, keys.totals, CELL.id)).toEqual([
      CODE.callsOk,
      1,
      CODE.inputTokens,
      100,
      CODE.outputTokens,
      10,
      CODE.durationMs,
      0.1,
    ])
    expect(await redis.zcard(keys.seenUsers)).toBe(1)
    expect(await counters(redis, keys)).toEqual({ appliedBatches: 1, refusedOperations: 2 })
    expect(await redis.hgetall(keys.writer('writer'))).toMatchObject({ first: '1', last: '1', refusedOperations: '2' })
  })

  test('of every data key leave the guard whole', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    const guard = keys.writer('writer')
    await applyBatch(redis, callBatch(now, { tenant }))
    for (const key of await redis.keys(`aiw:{${tenant}}:*`)) {
      if (key !== guard && key !== keys.backend) await redis.multi().del(key).pfadd(`${key}x`, '1').rename(`${key}x`, key).exec()
    }
    for (const key of [keys.dayUsers(bucketStart(now, DAY_SECONDS))]) await redis.multi().del(key).lpush(key, '1').exec()
    const result = await applyBatch(redis, callBatch(now, { tenant, sequence: 2 }))
    expect(result).toMatchObject({ status: 'applied', last: 2, firstRefusal: expect.stringContaining('WRONGTYPE') })
    expect(result.status === 'applied' && result.refusedOperations).toBeGreaterThanOrEqual(14)
    expect(await redis.hgetall(guard)).toMatchObject({ first: '2', last: '2' })
  })

  test('of a tenant with the other backend is whole, and names it', async () => {
    const tenant = newTenant()
    await redis.set(tenantKeys(tenant).backend, 'module')
    const failure = applyBatch(redis, callBatch(Date.now(), { tenant }))
    await expect(failure).rejects.toThrow(/"module"/)
    await expect(failure).rejects.toMatchObject({ code: 'wrong_backend', retryable: false })
    expect(await redis.keys(`aiw:{${tenant}}:*`)).toEqual([tenantKeys(tenant).backend])
  })

  test('of a number that is not finite is ours, before anything is sent', async () => {
    const tenant = newTenant()
    const batch = emptyBatch({ tenant, cells: [CELL], totals: [{ cell: 0, values: [CODE.callsOk, Number.NaN] }] })
    await expect(applyBatch(redis, batch)).rejects.toMatchObject({ code: 'invalid_batch', retryable: false })
    expect(await redis.keys(`aiw:{${tenant}}:*`)).toEqual([])
  })

  test('a script that Redis forgot is sent again', async () => {
    const tenant = newTenant()
    await applyBatch(redis, emptyBatch({ tenant }))
    await redis.script('FLUSH')
    expect(await applyBatch(redis, emptyBatch({ tenant, sequence: 2 }))).toMatchObject({ status: 'applied', last: 2 })
  })

  test('a full Redis refuses the whole batch and takes it when there is room', async () => {
    const tenant = newTenant()
    await applyBatch(redis, callBatch(Date.now(), { tenant }))
    const before = await dumpTenant(redis, tenant)
    const next = callBatch(Date.now(), { tenant, sequence: 2 })
    await redis.config('SET', 'maxmemory', '1')
    try {
      await expect(applyBatch(redis, next)).rejects.toMatchObject({ name: 'StoreError', code: 'out_of_memory', retryable: true })
    } finally {
      await redis.config('SET', 'maxmemory', '0')
    }
    expect(await dumpTenant(redis, tenant)).toEqual(before)
    expect(await redis.hgetall(tenantKeys(tenant).writer('writer'))).toMatchObject({ first: '1', last: '1' })
    expect(await applyBatch(redis, next)).toMatchObject({ status: 'applied', last: 2 })
  })

  test('a read-only replica refuses the whole batch', async () => {
    const replica = await startRedis({ config: { replicaof: `127.0.0.1 ${server.port}` } })
    const client = new Redis(replica.url)
    try {
      for (let i = 0; i < 200 && !(await client.info('replication')).includes('master_link_status:up'); i++) {
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      await expect(applyBatch(client, callBatch(Date.now(), { tenant: newTenant() }))).rejects.toMatchObject({
        code: 'read_only',
        retryable: true,
      })
    } finally {
      client.disconnect()
      await replica.stop()
    }
  })

  test('a connection that is gone is a StoreError that can be retried', async () => {
    const client = new Redis({ port: 1, host: '127.0.0.1', lazyConnect: true, retryStrategy: null, maxRetriesPerRequest: 0 })
    client.on('error', () => {})
    const failure = await applyBatch(client, emptyBatch()).catch((error) => error)
    expect(failure).toBeInstanceOf(StoreError)
    expect(failure).toMatchObject({ code: 'connection', retryable: true })
    client.disconnect()
  })
})
