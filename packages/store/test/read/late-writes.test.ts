import { CODE, openReader, packVector, type StoreReader, TIERS, type Tier, tenantKeys } from '@aiwatch/store'
import { startTcpProxy, type TcpProxy } from '@aiwatch/test-servers'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from './open-store.ts'

let store: TestStore
let proxy: TcpProxy
let counted: Redis
beforeAll(async () => {
  store = await openTestStore()
  proxy = await startTcpProxy({ targetPort: store.server.port })
  counted = new Redis(`redis://127.0.0.1:${proxy.port}`, { retryStrategy: () => 20 })
  await counted.ping()
})
afterAll(async () => {
  counted.disconnect()
  await proxy.close()
  await store.close()
})

const CELL = CELLS[0] as (typeof CELLS)[number]
/** A bucket that closed a good while ago. */
const closedStart = (tier: Tier, back = 3) => (Math.floor(Date.now() / 1000 / TIERS[tier].seconds) - back) * TIERS[tier].seconds
const callsIn = async (reader: StoreReader, tier: Tier, start: number) =>
  (await reader.buckets(tier, start, start + 1))[0]?.cells.get(CELL.id)?.get(CODE.callsOk)

async function tripsOf(question: () => Promise<unknown>): Promise<number> {
  const before = proxy.roundTrips()
  await question()
  return proxy.roundTrips() - before
}

describe('closed buckets', () => {
  test('are read once, and served from the cache after that', async () => {
    const tenant = newTenant()
    const start = closedStart('10s', 10)
    await new TestWriter(store.redis, tenant).apply({ series: [{ tier: '10s', start, cell: 0, values: [CODE.callsOk, 1] }] })
    const reader = openReader(counted, { tenant })
    const bytesOf = async (question: () => Promise<unknown>) => {
      const before = proxy.bytes().toClients
      await question()
      return proxy.bytes().toClients - before
    }
    const range = () => reader.buckets('10s', start - 600, start + 10)
    const first = await bytesOf(range)
    const second = await bytesOf(range)
    expect(second).toBeLessThan(first / 2)
    expect(await range()).toEqual([{ start, cells: new Map([[CELL.id, new Map([[CODE.callsOk, 1]])]]) }])
  })

  test('written without an announcement are not noticed: the cache is really used', async () => {
    const tenant = newTenant()
    const start = closedStart('10s', 10)
    const reader = openReader(counted, { tenant })
    expect(await callsIn(reader, '10s', start)).toBeUndefined()
    await store.redis.hset(tenantKeys(tenant).series('10s', start), CELL.id, packVector([CODE.callsOk, 9]))
    expect(await callsIn(reader, '10s', start)).toBeUndefined()
    expect(await callsIn(openReader(counted, { tenant }), '10s', start)).toBe(9)
    expect(await callsIn(openReader(counted, { tenant, cacheBytes: 0 }), '10s', start)).toBe(9)
  })

  test.each(Object.keys(TIERS) as Tier[])(
    'tier %s: a late write shows at once, in one or two round trips, to every reader',
    async (tier) => {
      const tenant = newTenant()
      const start = closedStart(tier)
      const writer = new TestWriter(store.redis, tenant)
      const readers = [openReader(counted, { tenant }), openReader(counted, { tenant })]
      for (let calls = 1; calls <= 3; calls++) {
        await writer.apply({ series: [{ tier, start, cell: 0, values: [CODE.callsOk, 1] }] })
        for (const reader of readers) {
          const trips = await tripsOf(async () => expect(await callsIn(reader, tier, start)).toBe(calls))
          expect(trips).toBe(calls === 1 ? 1 : 2)
          expect(await tripsOf(async () => expect(await callsIn(reader, tier, start)).toBe(calls))).toBe(1)
        }
      }
    },
  )

  test('of sketches and boards follow late writes as well', async () => {
    const tenant = newTenant()
    const writer = new TestWriter(store.redis, tenant)
    const minute = closedStart('1m')
    const hour = closedStart('1h')
    const reader = openReader(counted, { tenant })
    for (let times = 1; times <= 3; times++) {
      await writer.apply({
        sketches: [
          { level: '1m', start: minute, kind: 'latency', cell: 'all', counts: [100, 1] },
          { level: '1m', start: minute, kind: 'latency', cell: 0, counts: [100, 2] },
        ],
        boards: [{ board: 'user_tokens', start: hour, entries: [['ada', 5]] }],
      })
      const [all, own, top] = await Promise.all([
        reader.sketch('1m', 'latency', minute, minute + 60),
        reader.sketch('1m', 'latency', minute, minute + 60, new Set([CELL.id])),
        reader.top('user_tokens', hour, hour + 1, 3),
      ])
      expect(all).toEqual([100, times])
      expect(own).toEqual([100, 2 * times])
      expect(top).toEqual([{ member: 'ada', value: 5 * times, error: 0 }])
    }
  })

  test('are right in any order of late writes and reads, by readers that look at different times', async () => {
    const starts = [6, 7, 8, 9, 10].map((back) => closedStart('1m', back))
    const write = fc.record({ write: fc.nat(starts.length - 1) })
    const read = fc.record({ reader: fc.nat(2), from: fc.nat(starts.length - 1), cellOnly: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(write, read), { maxLength: 25 }), async (steps) => {
        const tenant = newTenant()
        const writer = new TestWriter(store.redis, tenant)
        const readers = [
          openReader(counted, { tenant }),
          openReader(counted, { tenant }),
          openReader(counted, { tenant, cacheBytes: 1500 }),
        ]
        const model = new Map<number, number>()
        for (const step of steps) {
          if ('write' in step) {
            const start = starts[step.write] as number
            await writer.apply({ series: [{ tier: '1m', start, cell: 0, values: [CODE.callsOk, 1] }] })
            model.set(start, (model.get(start) ?? 0) + 1)
          } else {
            const reader = readers[step.reader] as StoreReader
            const from = starts[step.from] as number
            const expected = [...model].filter(([start]) => start >= from).sort((a, b) => a[0] - b[0])
            const to = (starts[0] as number) + 60
            const rows = step.cellOnly
              ? (await reader.cellBuckets('1m', CELL.id, from, to)).map(({ start, sums }) => [start, sums.get(CODE.callsOk)])
              : (await reader.buckets('1m', from, to)).map(({ start, cells }) => [start, cells.get(CELL.id)?.get(CODE.callsOk)])
            expect(rows).toEqual(expected)
          }
        }
      }),
      { numRuns: 40 },
    )
  })

  test('are forgotten when the connection was lost: the server may have lost what it had shown', async () => {
    const tenant = newTenant()
    const start = closedStart('10s', 10)
    await new TestWriter(store.redis, tenant).apply({ series: [{ tier: '10s', start, cell: 0, values: [CODE.callsOk, 1] }] })
    const reader = openReader(counted, { tenant })
    expect(await callsIn(reader, '10s', start)).toBe(1)
    const closed = new Promise((resolve) => counted.once('close', resolve))
    proxy.cut()
    await closed
    await store.redis.del(tenantKeys(tenant).series('10s', start))
    expect(await callsIn(reader, '10s', start)).toBeUndefined()
  })

  test('read while they are still open are not kept', async () => {
    const tenant = newTenant()
    const writer = new TestWriter(store.redis, tenant)
    const start = closedStart('10s', 0)
    const reader = openReader(counted, { tenant })
    for (let calls = 1; calls <= 2; calls++) {
      await writer.apply({ series: [{ tier: '10s', start, cell: 0, values: [CODE.callsOk, 1] }] })
      expect(await callsIn(reader, '10s', start)).toBe(calls)
    }
  })
})
