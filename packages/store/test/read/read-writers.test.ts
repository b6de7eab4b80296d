import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyBatch, emptyIntegrity, readWriters, splitBatch, tenantKeys } from '../../src/index.ts'
import { callBatch, newTenant } from '../apply/batches.ts'

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

describe('writers', () => {
  test('are listed with app, origin, sequence and when they were heard', async () => {
    const tenant = newTenant()
    const before = Date.now()
    await applyBatch(redis, callBatch(before, { tenant, writer: 'a', origin: 'host-1:42' }))
    await applyBatch(redis, callBatch(before, { tenant, writer: 'a', origin: 'host-1:42', sequence: 2 }))
    const { count, writers } = await readWriters(redis, tenant)
    expect(count).toBe(1)
    expect(writers).toEqual([
      {
        writer: 'a',
        app: 'app',
        origin: 'host-1:42',
        lastSequence: 2,
        lastHeardMs: expect.any(Number),
        isTorn: false,
        clockAheadMs: 0,
        counters: {},
      },
    ])
    expect(Math.abs((writers[0]?.lastHeardMs as number) - before)).toBeLessThan(60_000)
  })

  test('have counters of their own beside those of the tenant', async () => {
    const tenant = newTenant()
    const now = Date.now()
    const integrity = { ...emptyIntegrity(), dropped: 3, resent: 2 }
    await applyBatch(redis, callBatch(now, { tenant, writer: 'bad', integrity }))
    await applyBatch(redis, callBatch(now, { tenant, writer: 'bad' }))
    await applyBatch(redis, callBatch(now, { tenant, writer: 'bad', sequence: 7 }))
    await applyBatch(redis, callBatch(now - 3 * 3600_000, { tenant, writer: 'bad', sequence: 2, lostCalls: 4 }))
    await applyBatch(redis, callBatch(now, { tenant, writer: 'good' }))
    const { writers } = await readWriters(redis, tenant)
    expect(writers.find(({ writer }) => writer === 'bad')?.counters).toEqual({
      droppedCalls: 3,
      resentBatches: 2,
      duplicateBatches: 1,
      gapBatches: 1,
      lostCalls: 4,
      lateCalls: 1,
    })
    expect(writers.find(({ writer }) => writer === 'good')?.counters).toEqual({})
  })

  test('say how far their clock is ahead when their calls are set back', async () => {
    const tenant = newTenant()
    await applyBatch(redis, callBatch(Date.now() + 90_000, { tenant, writer: 'fast' }))
    const [fast] = (await readWriters(redis, tenant)).writers
    expect(fast?.clockAheadMs).toBeGreaterThan(80_000)
    expect(fast?.clockAheadMs).toBeLessThanOrEqual(90_000)
    expect(fast?.counters).toEqual({ clampedCalls: 1 })
  })

  test('whose last batch was replayed in part are torn until they are told, which is counted', async () => {
    const tenant = newTenant()
    const now = Date.now()
    await applyBatch(redis, callBatch(now, { tenant, writer: 'torn' }))
    await redis.hset(tenantKeys(tenant).writer('torn'), 'first', 2)
    expect((await readWriters(redis, tenant)).writers[0]).toMatchObject({ isTorn: true, lastSequence: 1 })
    await applyBatch(redis, callBatch(now, { tenant, writer: 'torn', sequence: 2 }))
    expect((await readWriters(redis, tenant)).writers[0]).toMatchObject({ isTorn: false, lastSequence: 2, counters: { tornWriters: 1 } })
  })

  test('that the server does not know leave no key behind', async () => {
    const tenant = newTenant()
    expect(await applyBatch(redis, callBatch(Date.now(), { tenant, writer: 'new', sequence: 5 }))).toMatchObject({ status: 'gap' })
    expect(await redis.exists(tenantKeys(tenant).writer('new'))).toBe(0)
  })

  test('are bounded: the last entered, at most as many as asked', async () => {
    const tenant = newTenant()
    for (let i = 0; i < 5; i++) await applyBatch(redis, callBatch(Date.now(), { tenant, writer: `w${i}` }))
    const { count, writers } = await readWriters(redis, tenant, 2)
    expect(count).toBe(5)
    expect(writers).toHaveLength(2)
    await expect(readWriters(redis, tenant, 0)).rejects.toThrow(/limit must be an integer from 1 to 1000/)
  })

  test('are read as far as their fields can be', async () => {
    const tenant = newTenant()
    await applyBatch(redis, callBatch(Date.now(), { tenant, writer: 'odd' }))
    await redis.hset(tenantKeys(tenant).writer('odd'), { name: '{', at: 'x', dropped: '1', droppedCalls: 'NaN' })
    expect((await readWriters(redis, tenant)).writers).toEqual([
      { writer: 'odd', lastSequence: 1, isTorn: false, clockAheadMs: 0, counters: {} },
    ])
  })
})

test('a flush that is split keeps its origin in the first part', () => {
  const contents = callBatch(Date.now(), { origin: 'host:1' })
  const users = Array.from({ length: 300 }, (_, i) => ({ ...(contents.users[0] as (typeof contents.users)[number]), user: `user-${i}` }))
  const parts = splitBatch({ ...contents, users })
  expect(parts.length).toBeGreaterThan(1)
  expect(parts.map(({ origin }) => origin)).toEqual(['host:1', ...parts.slice(1).map(() => undefined)])
})
