import { bucketStart, CODE, listSeriesNames, openReader, StoreError, toCell, userKey } from '@aiwatch/store'
import { hasTimeSeries, startTcpProxy, type TcpProxy } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CorruptFields } from '../../src/read/corrupt-fields.ts'
import { RoundTrips } from '../../src/read/round-trips.ts'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from './open-store.ts'

describeOnEachRedis('reading', ['redis', 'stack'], (kind) => {
  let store: TestStore
  let proxy: TcpProxy
  let counted: Redis
  beforeAll(async () => {
    store = await openTestStore(kind)
    proxy = await startTcpProxy({ targetPort: store.server.port })
    counted = new Redis(`redis://127.0.0.1:${proxy.port}`)
    await counted.ping()
  })
  afterAll(async () => {
    counted.disconnect()
    await proxy.close()
    await store.close()
  })

  async function tripsOf(question: () => Promise<unknown>): Promise<number> {
    const before = proxy.roundTrips()
    await question()
    return proxy.roundTrips() - before
  }

  const USERS = Array.from({ length: 300 }, (_, i) => `user ${i}`)

  /** A day of 300 users, one event each, and fresh calls. */
  async function writeDay(tenant: string): Promise<void> {
    const writer = new TestWriter(store.redis, tenant)
    const now = Date.now()
    for (let back = 0; back < 24; back += 3) {
      const timeMs = now - back * 3_600_000
      const values = [CODE.callsOk, 1, CODE.inputTokens, 100]
      await writer.apply({
        series: (['10s', '1m', '1h'] as const).map((tier) => ({
          tier,
          start: bucketStart(timeMs, { '10s': 10, '1m': 60, '1h': 3600 }[tier]),
          cell: 0,
          values,
        })),
        totals: [{ cell: 0, values }],
        boards: [{ board: 'user_tokens', start: bucketStart(timeMs, 3600), entries: USERS.map((user, i) => [userKey(user), i + back]) }],
        users: USERS.map((name) => ({ user: userKey(name), name, totals: [CODE.inputTokens, 5, CODE.calls, 1], cells: [] })),
        sketches: [{ level: '10s', start: bucketStart(now, 10), kind: 'latency', cell: 'all', counts: [90, 1] }],
      })
    }
  }

  describe('round trips', () => {
    test('everything behind a dashboard takes one, and top users one more, cached or not', async () => {
      const tenant = newTenant()
      await writeDay(tenant)
      const reader = openReader(counted, { tenant })
      const now = () => Date.now() / 1000
      const dashboard = () =>
        Promise.all([
          reader.active([300_000, 3_600_000, 86_400_000]),
          reader.buckets('10s', now() - 70, now()),
          reader.sums(now() - 300, now()),
          reader.sums(now() - 86_000, now() + 10),
          reader.totals(),
          reader.errors(),
          reader.cells(),
          reader.sketch('10s', 'latency', now() - 300, now() + 10),
          reader.topUsers('user_tokens', now() - 86_400, now(), 10),
          reader.integrity(),
          reader.samples('error_rate', Date.now() - 86_400_000, Date.now()),
          reader.latestSample('error_rate'),
          reader.recent({ limit: 10 }),
          reader.usersOnDays(now() - 7 * 86_400, now()),
          reader.steps('10s', now() - 3600, now(), 60),
        ])
      // The first question about time series waits for the code that asks them to be loaded.
      if (hasTimeSeries(kind)) expect(await tripsOf(dashboard)).toBeLessThanOrEqual(3)
      for (let i = 0; i < 3; i++) expect(await tripsOf(dashboard)).toBe(2)
      const withoutUsers = () => Promise.all([reader.totals(), reader.cells(), reader.sums(now() - 86_000, now()), reader.active([1000])])
      expect(await tripsOf(withoutUsers)).toBe(1)
      const [, , , day, totals, , , , users] = await dashboard()
      expect(totals.get(CELLS[0]?.id as string)?.get(CODE.callsOk)).toBe(8)
      expect(day.get(CELLS[0]?.id as string)?.get(CODE.callsOk)).toBe(8)
      expect(users[0]).toMatchObject({ member: userKey('user 299'), error: 0, totals: { name: 'user 299', calls: 8, inputTokens: 40 } })
    })

    test('100 dashboards at once share two', async () => {
      const tenant = newTenant()
      await writeDay(tenant)
      const reader = openReader(counted, { tenant })
      const now = Date.now() / 1000
      const one = () =>
        Promise.all([
          reader.totals(),
          reader.cells(),
          reader.sums(now - 86_000, now),
          reader.topUsers('user_tokens', now - 86_400, now, 10),
        ])
      let answers: Awaited<ReturnType<typeof one>>[] = []
      const trips = await tripsOf(async () => {
        answers = await Promise.all(Array.from({ length: 100 }, one))
      })
      expect(trips).toBe(2)
      for (const answer of answers) expect(answer).toEqual(answers[0])
    })

    test('a failing server rejects with a StoreError, every question of the trip', async () => {
      const { port } = await startTcpProxy({ targetPort: 1 })
      const dead = new Redis(port, { maxRetriesPerRequest: 0, retryStrategy: () => null })
      dead.on('error', () => {})
      const reader = openReader(dead, { tenant: 'default' })
      const now = Date.now() / 1000
      const questions = [
        reader.totals(),
        reader.sums(now - 3600, now),
        reader.topUsers('user_tokens', now - 3600, now, 5),
        reader.cells(),
        reader.recent(),
      ]
      for (const outcome of await Promise.allSettled(questions)) {
        expect(outcome.status).toBe('rejected')
        expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(StoreError)
      }
      dead.disconnect()
    })

    test('send equal questions of one turn once, and in the order of their places', async () => {
      const trips = new RoundTrips(store.redis, new CorruptFields())
      const monitor = await store.redis.monitor()
      const seen: string[] = []
      monitor.on('monitor', (_time: string, args: string[]) => seen.push(args.join(' ')))
      const asked = [trips.ask('GET', ['z'], 'last'), trips.ask('GET', ['a']), trips.ask('GET', ['a']), trips.ask('TIME', [], 'first')]
      const [, a, b] = await Promise.all(asked)
      await trips.ask('GET', ['a'])
      await new Promise((resolve) => setTimeout(resolve, 50))
      monitor.disconnect()
      expect(a).toBe(b)
      expect(seen).toEqual(['TIME', 'GET a', 'GET z', 'GET a'])
    })
  })

  describe('cells', () => {
    test('that are new are known together with their figures, in one trip more', async () => {
      const tenant = newTenant()
      const writer = new TestWriter(store.redis, tenant)
      const reader = openReader(counted, { tenant })
      const values = [CODE.callsOk, 1]
      await writer.apply({ cells: [CELLS[0] as never], totals: [{ cell: 0, values }] })
      const both = () => Promise.all([reader.totals(), reader.cells()])
      expect(await tripsOf(both)).toBe(1)
      expect(await tripsOf(both)).toBe(1)
      const added = toCell('new', 'vendor', 'model')
      await writer.apply({ cells: [added], totals: [{ cell: 0, values }] })
      expect(await tripsOf(both)).toBe(2)
      expect((await reader.cells()).get(added.id)).toEqual(added)
    })

    test('name the series that exist', async () => {
      const tenant = newTenant()
      const values = [CODE.callsOk, 1, CODE.inputTokens, 3, CODE.latencyHistogram, 1]
      await new TestWriter(store.redis, tenant).apply({ cells: [toCell('my app', 'a:b', 'm')], totals: [{ cell: 0, values }] })
      expect(await listSeriesNames(openReader(counted, { tenant }))).toEqual(['calls:ok:my app:a%3Ab:m', 'tokens:input:my app:a%3Ab:m'])
    })
  })
})
