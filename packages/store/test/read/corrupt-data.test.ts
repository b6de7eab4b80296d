import { bucketStart, CODE, openReader, packVector, tenantKeys, userKey } from '@aiwatch/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from './open-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

const [CELL, BAD] = CELLS.map((cell) => cell.id) as [string, string]
const GARBAGE = Buffer.from('\u0000nonsense')
const GOOD = packVector([CODE.calls, 1, CODE.callsOk, 1].toSorted((a, b) => a - b))

describe('data that cannot be read', () => {
  test.each<
    [
      string,
      (keys: ReturnType<typeof tenantKeys>, start: number) => [key: string, field: string],
      (reader: ReturnType<typeof openReader>, start: number) => Promise<unknown>,
    ]
  >([
    ['totals', (keys) => [keys.totals, BAD], async (reader) => [...(await reader.totals()).keys()]],
    [
      'a series',
      (keys, start) => [keys.series('1h', start), BAD],
      async (reader, start) => [...((await reader.buckets('1h', start, start + 1))[0]?.cells.keys() ?? [])],
    ],
    ['an error pattern', (keys) => [keys.errors, `timeout:${BAD}`], async (reader) => (await reader.errors()).map(({ cell }) => cell)],
    [
      'an unknown error type',
      (keys) => [keys.errors, `strange:${CELL}`],
      async (reader) => (await reader.errors()).map(({ cell }) => cell),
    ],
  ])('%s: that field is left out and counted, the others are answered', async (_, place, ask) => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const start = bucketStart(Date.now(), 3600)
    const [key, field] = place(keys, start)
    await store.redis.hset(key, field, GARBAGE)
    await store.redis.hset(key, key === keys.errors ? `timeout:${CELL}` : CELL, GOOD)
    const reader = openReader(store.redis, { tenant })
    expect(await ask(reader, start)).toEqual([CELL])
    expect(reader.corruptFields).toBe(1)
  })

  test('cells: a bad name is left out', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    await store.redis.hset(keys.cells, { [CELL]: '["app","vendor","model"]', [BAD]: '["app"]', notjson_: '{' })
    const reader = openReader(store.redis, { tenant })
    expect([...(await reader.cells())]).toEqual([[CELL, { id: CELL, app: 'app', provider: 'vendor', model: 'model' }]])
    expect(reader.corruptFields).toBe(2)
  })

  test('keys of another type count as empty', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    const start = bucketStart(Date.now(), 3600)
    const wrong = [
      keys.totals,
      keys.series('1h', start),
      keys.errors,
      keys.integrity,
      keys.seenUsers,
      keys.recent,
      keys.board('user_tokens', start),
      keys.user('u'),
    ]
    for (const key of wrong) await store.redis.set(key, 'text')
    const reader = openReader(store.redis, { tenant })
    expect(
      await Promise.all([
        reader.totals(),
        reader.buckets('1h', start, start + 1),
        reader.errors(),
        reader.active([1000]),
        reader.recent(),
        reader.top('user_tokens', start, start + 1, 5),
        reader.users(['u']),
        reader.integrity().then(({ appliedBatches }) => appliedBatches),
      ]),
    ).toEqual([new Map(), [], [], { users: [0], sessions: [0] }, [], [], [undefined], 0])
    expect(reader.corruptFields).toBe(wrong.length)
  })

  test('recent calls, samples, users and counters: the good ones are answered', async () => {
    const tenant = newTenant()
    const keys = tenantKeys(tenant)
    await store.redis.xadd(keys.recent, '*', 'c', 'nonsense')
    await store.redis.xadd(keys.recent, '*', 'x', '1')
    const slot = bucketStart(Date.now(), 30)
    await store.redis.hset(keys.sample('error_rate', bucketStart(Date.now(), 3600)), {
      [slot]: '0.5',
      later: '1',
      [slot - 3600]: '',
      [slot - 3601]: 'NaN',
    })
    await store.redis.hset(keys.integrity, { appliedBatches: '7', lostCalls: 'many', unknownToUs: '1' })
    await store.redis.hset(keys.user(userKey('ada')), { n: 'ada', r: GARBAGE, t: GARBAGE, [CELL]: GARBAGE })
    const reader = openReader(store.redis, { tenant })
    const [recent, samples, integrity, users] = await Promise.all([
      reader.recent(),
      reader.samples('error_rate', 0, Date.now()),
      reader.integrity(),
      reader.users([userKey('ada')], { cells: true }),
    ])
    expect(recent).toEqual([])
    expect(samples).toEqual([{ timestampMs: slot * 1000, value: 0.5 }])
    expect(integrity).toMatchObject({ appliedBatches: 7, lostCalls: 0 })
    expect(users[0]).toMatchObject({ name: 'ada', calls: 0, cells: new Map() })
    expect(reader.corruptFields).toBe(2 + 3 + 1 + 3)
  })

  test('late announcements that are no buckets change nothing', async () => {
    const tenant = newTenant()
    await new TestWriter(store.redis, tenant).apply({})
    await store.redis.zadd(tenantKeys(tenant).late, Date.now(), '%%%', Date.now() * 10, '1m:0')
    const reader = openReader(store.redis, { tenant })
    const start = bucketStart(Date.now(), 60)
    expect(await reader.buckets('1m', start - 600, start)).toEqual([])
    expect(await reader.buckets('1m', start - 600, start)).toEqual([])
  })
})
