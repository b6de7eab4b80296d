import { applyBatch, type Cell, CODE, MAX_CELLS, OTHER_CELL, type SparseVector, tenantKeys, toCell, userKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callBatch, counters, emptyBatch, newTenant, userVectorAt, vectorAt } from './batches.ts'

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

const DAY_SECONDS = 86_400
const valueIn = (vector: SparseVector | undefined, code: number) => {
  const at = vector?.findIndex((entry, i) => i % 2 === 0 && entry === code) ?? -1
  return at < 0 ? undefined : vector?.[at + 1]
}

describe('users and sessions', () => {
  test('a session counts once, whether it comes with the totals of its user or before them', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    const user = userKey('ada')
    const seen = (...sessions: string[]) => [{ user, lastSeenMs: now, sessions: sessions.map((s) => [s, now] as [string, number]) }]
    const sessionsOf = async () => valueIn(await userVectorAt(redis, keys.user(user), 't'), CODE.sessions)
    await applyBatch(redis, emptyBatch({ tenant, sequence: 1, seen: seen('s1', 's1') }))
    expect(await sessionsOf()).toBe(1)
    expect(await redis.ttl(keys.user(user))).toBeGreaterThan(29 * DAY_SECONDS)
    await applyBatch(redis, emptyBatch({ tenant, sequence: 2, seen: seen('s1', 's2') }))
    expect(await sessionsOf()).toBe(2)
    await applyBatch(redis, callBatch(now, { tenant, sequence: 3, seen: seen('s2', 's3') }))
    expect(await sessionsOf()).toBe(3)
    expect(valueIn(await userVectorAt(redis, keys.user(user), 't'), CODE.calls)).toBe(1)
    expect(await redis.zcard(keys.seenSessions)).toBe(3)
  })

  test('last seen never goes back; first seen never forward', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const now = Date.now()
    for (const [sequence, time] of [now, now - 5000, now - 1000].entries())
      await applyBatch(redis, callBatch(time, { tenant, sequence: sequence + 1 }))
    const totals = await userVectorAt(redis, keys.user(userKey('ada')), 't')
    expect(valueIn(totals, CODE.lastSeenMs)).toBe(now)
    expect(valueIn(totals, CODE.firstSeenMs)).toBe(now - 5000)
    expect(await redis.zscore(keys.seenUsers, userKey('ada'))).toBe(String(now))
  })

  test('a user is renewed when the hour of the last call is another, and not on every call', async () => {
    const tenant = newTenant()
    const key = tenantKeys(tenant).user(userKey('ada'))
    const hourAgo = Date.now() - 3_600_000
    await applyBatch(redis, callBatch(hourAgo, { tenant, sequence: 1 }))
    await redis.expire(key, 1000)
    await applyBatch(redis, callBatch(hourAgo - 1, { tenant, sequence: 2 }))
    expect(await redis.ttl(key)).toBeLessThanOrEqual(1000)
    await applyBatch(redis, callBatch(Date.now(), { tenant, sequence: 3 }))
    expect(await redis.ttl(key)).toBeGreaterThan(29 * DAY_SECONDS)
  })

  test('those not seen for 25 hours leave the sets at the next renewal', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    await redis.zadd(keys.seenUsers, Date.now() - 25.1 * 3_600_000, 'gone', Date.now() - 24.9 * 3_600_000, 'stays')
    await applyBatch(redis, callBatch(Date.now(), { tenant }))
    expect((await redis.zrange(keys.seenUsers, 0, -1)).sort()).toEqual([userKey('ada'), 'stays'].sort())
  })
})

describe('cells', () => {
  const cell = (n: number): Cell => toCell('app', 'provider', `model-${n}`)
  const totals = (cells: Cell[]) => cells.map((_, index) => ({ cell: index, values: [CODE.callsOk, 1, CODE.inputTokens, 10] }))

  test('are entered with their names', async () => {
    const tenant = newTenant()
    const odd = toCell('', 'a,b(c)=%!', 'emoji 🙂\n{}:"')
    await applyBatch(redis, emptyBatch({ tenant, cells: [odd], totals: totals([odd]) }))
    expect(JSON.parse((await redis.hget(tenantKeys(tenant).cells, odd.id)) as string)).toEqual(['unknown', 'a,b(c)=%!', 'emoji 🙂\n{}:"'])
  })

  test('beyond the limit count as other, in everything, and the known ones stay', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const many = Array.from({ length: MAX_CELLS }, (_, n) => cell(n))
    expect(await applyBatch(redis, emptyBatch({ tenant, cells: many, totals: totals(many) }))).toMatchObject({ foldedCells: 0 })
    const cells = [cell(0), cell(5001), cell(5002)]
    const now = Date.now()
    const base = callBatch(now, { tenant, sequence: 2, cells, totals: totals(cells) })
    const batch = {
      ...base,
      series: cells.flatMap((_, index) => base.series.map((row) => ({ ...row, cell: index }))),
      sketches: cells.map((_, index) => ({
        level: '1m' as const,
        start: Math.floor(now / 60_000) * 60,
        kind: 'latency' as const,
        cell: index,
        counts: [100, 1],
      })),
      errors: cells.map((_, index) => ({ type: 'timeout' as const, cell: index, values: [CODE.calls, 1, CODE.lastSeenMs, now - index] })),
      users: base.users.map((user) => ({ ...user, cells: cells.map((_, index) => [index, [CODE.calls, 1]] as [number, SparseVector]) })),
    }
    expect(await applyBatch(redis, batch)).toMatchObject({ status: 'applied', foldedCells: 2, refusedOperations: 0 })
    expect(await redis.hlen(keys.cells)).toBe(MAX_CELLS + 1)
    expect(JSON.parse((await redis.hget(keys.cells, OTHER_CELL.id)) as string)).toEqual(['other', 'other', 'other'])
    expect(await vectorAt(redis, keys.totals, cell(0).id)).toEqual([CODE.callsOk, 2, CODE.inputTokens, 20])
    expect(await vectorAt(redis, keys.totals, OTHER_CELL.id)).toEqual([CODE.callsOk, 2, CODE.inputTokens, 20])
    expect(valueIn(await vectorAt(redis, keys.series('1h', Math.floor(now / 3_600_000) * 3600), OTHER_CELL.id), CODE.callsOk)).toBe(2)
    expect(await vectorAt(redis, keys.sketch('1m', Math.floor(now / 60_000) * 60), `l:${OTHER_CELL.id}`)).toEqual([100, 2])
    expect(await vectorAt(redis, keys.errors, `timeout:${OTHER_CELL.id}`)).toEqual([CODE.calls, 2, CODE.lastSeenMs, now - 1])
    expect(await userVectorAt(redis, keys.user(userKey('ada')), OTHER_CELL.id)).toEqual([CODE.calls, 2])
    expect(await vectorAt(redis, keys.totals, cell(5001).id)).toBeUndefined()
    expect(await counters(redis, keys)).toMatchObject({ foldedCells: 2 })
  })
})

describe('what a connection has learnt of a tenant', () => {
  const seen = [{ user: userKey('ada'), lastSeenMs: Date.now(), sessions: [['s1', Date.now()] as [string, number]] }]
  const known = toCell('app', 'provider', 'known')
  const batch = (tenant: string, sequence: number) =>
    emptyBatch({ tenant, sequence, seen, cells: [known], totals: [{ cell: 0, values: [CODE.callsOk, 1] }] })

  test('is not sent or looked up again', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    await applyBatch(redis, batch(tenant, 1))
    await redis.del(keys.cells, keys.seenSessions)
    await applyBatch(redis, batch(tenant, 2))
    expect(await redis.exists(keys.cells)).toBe(0)
    expect(await redis.zcard(keys.seenSessions)).toBe(1)
    expect(valueIn(await userVectorAt(redis, keys.user(userKey('ada')), 't'), CODE.sessions)).toBe(1)
  })

  test('is forgotten when the server answers a gap', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    await applyBatch(redis, batch(tenant, 1))
    await redis.del(...(await redis.keys(`aiw:{${tenant}}:*`)))
    expect(await applyBatch(redis, batch(tenant, 2))).toMatchObject({ status: 'gap', last: 0 })
    await applyBatch(redis, batch(tenant, 1))
    expect(await redis.hlen(keys.cells)).toBe(1)
    expect(valueIn(await userVectorAt(redis, keys.user(userKey('ada')), 't'), CODE.sessions)).toBe(1)
    expect(await redis.get(keys.backend)).toBe('plain')
  })
})
