import { applyBatch, mergeCounters, type SparseVector, tenantKeys } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyBatch, newTenant, vectorAt } from './batches.ts'

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

/** Counts that make one, two, four and eight bytes a counter. */
const anyCount = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 40_000 }),
  fc.integer({ min: 1, max: 3_000_000_000 }),
  fc.integer({ min: 1, max: 2 ** 50 }),
)
const anyCounters = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 650 }), anyCount), { selector: ([index]) => index, minLength: 1, maxLength: 12 })
  .map((pairs) => pairs.sort(([a], [b]) => a - b).flat())

async function addAll(rows: SparseVector[]): Promise<SparseVector | undefined> {
  const tenant = newTenant()
  const start = Math.floor(Date.now() / 60_000) * 60
  for (const [index, counts] of rows.entries()) {
    const sketches = [{ level: '1m' as const, start, kind: 'latency' as const, cell: 'all' as const, counts }]
    expect(await applyBatch(redis, emptyBatch({ tenant, sequence: index + 1, sketches }))).toMatchObject({ refusedOperations: 0 })
  }
  return vectorAt(redis, tenantKeys(tenant).sketch('1m', start), 'l:all')
}

test('counters of any size, at any place, add up exactly', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyCounters, { minLength: 1, maxLength: 6 }), async (rows) => {
      expect(await addAll(rows)).toEqual(rows.reduce((a, b) => mergeCounters(a, b)))
    }),
    { numRuns: 80 },
  )
})

test('a counter grows past the bytes that it had', async () => {
  expect(
    await addAll([
      [7, 200],
      [7, 100],
      [7, 65_300],
      [7, 2 ** 32 - 65_600],
      [7, 1],
    ]),
  ).toEqual([7, 2 ** 32 + 1])
})

test('the indexes at both ends are kept', async () => {
  expect(
    await addAll([
      [300, 1],
      [0, 1],
      [650, 300],
      [299, 1, 301, 2],
    ]),
  ).toEqual([0, 1, 299, 1, 300, 1, 301, 2, 650, 300])
})
