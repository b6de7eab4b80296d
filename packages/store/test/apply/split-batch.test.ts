import {
  applyBatch,
  type Batch,
  bucketStart,
  CODE,
  emptyContents,
  emptyIntegrity,
  type SeriesRow,
  type SparseVector,
  splitBatch,
  toCell,
} from '@aiwatch/store'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { callBatch, dumpTenant, emptyBatch } from './batches.ts'

/** A flush of many cells, users and buckets. */
function largeFlush(tenant: string): Batch {
  const now = Date.now()
  const values: SparseVector = [CODE.callsOk, 1, CODE.inputTokens, 3, CODE.durationMs, 0.25]
  const cells = Array.from({ length: 300 }, (_, n) => toCell('app', 'provider', `m${n}`))
  const series: SeriesRow[] = cells.flatMap((_, cell) => [
    { tier: '10s', start: bucketStart(now, 10), cell, values },
    { tier: '1m', start: bucketStart(now, 60), cell, values },
    { tier: '1h', start: bucketStart(now, 3600), cell, values },
    { tier: '1h', start: bucketStart(now, 3600) - 3600, cell, values },
  ])
  const users = Array.from({ length: 700 }, (_, n) => `user-${n}`)
  return emptyBatch({
    tenant,
    lostCalls: 3,
    cells,
    series,
    totals: cells.map((_, cell) => ({ cell, values: [CODE.callsOk, 2, CODE.inputTokens, 6, CODE.durationMs, 0.5] })),
    sketches: cells.map((_, cell) => ({ level: '1h', start: bucketStart(now, 3600), kind: 'latency', cell, counts: [cell, 1, 500, 2] })),
    seen: users.map((user) => ({ user, lastSeenMs: now, sessions: [[`session-${user}`, now]] })),
    users: users.map((user, n) => ({
      user,
      name: user,
      totals: [CODE.calls, 1, CODE.lastSeenMs, now],
      cells: [[n % 300, [CODE.calls, 1]]],
    })),
    boards: [{ board: 'user_calls', start: bucketStart(now, 3600), entries: users.map((user) => [user, 1]) }],
    errors: cells.map((_, cell) => ({ type: 'timeout', cell, values: [CODE.calls, 1, CODE.lastSeenMs, now] })),
    days: [[bucketStart(now, 86_400), users]],
    integrity: { ...emptyIntegrity(), dropped: 5 },
  })
}

test('a small flush comes back as it is', () => {
  const { sequence: _, ...contents } = callBatch(Date.now())
  expect(splitBatch(contents)).toEqual([contents])
})

test('the parts are small, name only their cells, keep hours with totals, and tell losses once', () => {
  const { sequence: _, ...contents } = largeFlush('t')
  const parts = splitBatch(contents)
  expect(parts.length).toBeGreaterThan(4)
  for (const part of parts) {
    const rows = part.series.length + part.totals.length + part.sketches.length + part.seen.length + part.users.length + part.errors.length
    expect(rows).toBeLessThanOrEqual(1000)
    const used = new Set([...part.series, ...part.totals, ...part.sketches, ...part.errors].map((row) => row.cell))
    for (const user of part.users) for (const [cell] of user.cells) used.add(cell)
    expect([...used].sort((a, b) => Number(a) - Number(b))).toEqual(part.cells.map((_cell, index) => index))
    const hours = part.series.filter((row) => row.tier === '1h').map((row) => row.cell)
    expect(new Set(part.totals.map((row) => row.cell))).toEqual(new Set(hours))
    expect(hours).toHaveLength(part.totals.length * 2)
  }
  expect(parts.map((part) => part.integrity.dropped + (part.lostCalls ?? 0))).toEqual([8, ...parts.slice(1).map(() => 0)])
})

test('the parts make the same data as the whole', async () => {
  const server = await startRedis()
  const redis = new Redis(server.url)
  try {
    const whole = largeFlush('whole')
    await applyBatch(redis, whole)
    const { sequence: _, ...contents } = { ...whole, tenant: 'parts' }
    for (const [index, part] of splitBatch(contents).entries()) {
      expect(await applyBatch(redis, { ...part, sequence: index + 1 })).toMatchObject({ status: 'applied', refusedOperations: 0 })
    }
    // Sessions that the connection has brought cost less than those that may be new.
    const seen = { ...emptyContents('parts', contents.writer), seen: contents.seen }
    expect(splitBatch(seen, redis).length).toBeLessThan(splitBatch(seen).length)
    const dump = await dumpTenant(redis, 'parts')
    expect(Object.fromEntries(Object.entries(dump).map(([key, value]) => [key.replace('{parts}', '{whole}'), value]))).toEqual(
      await dumpTenant(redis, 'whole'),
    )
  } finally {
    redis.disconnect()
    await server.stop()
  }
})
