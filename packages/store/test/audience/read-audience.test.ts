import { bucketStart, CODE, openReader, packVector, sessionKey, tenantKeys, userKey } from '@aiwatch/store'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from '../read/open-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

describe('active users and sessions', () => {
  test('equal a count of who was seen within each window, for any windows', async () => {
    const seen = fc.record({ user: fc.nat(12), session: fc.nat(3), ageMs: fc.integer({ min: 0, max: 86_000_000 }) })
    const windows = fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.array(seen, { maxLength: 40 }), windows, async (events, windowsMs) => {
        const tenant = newTenant()
        const now = Date.now()
        const writer = new TestWriter(store.redis, tenant)
        const lastByUser = new Map<string, number>()
        const lastBySession = new Map<string, number>()
        const keep = (last: Map<string, number>, key: string, timeMs: number) => last.set(key, Math.max(last.get(key) ?? 0, timeMs))
        for (const { user, session, ageMs } of events) {
          const [id, pair] = [userKey(`u${user}`), sessionKey(`u${user}`, `s${session}`)]
          keep(lastByUser, id, now - ageMs)
          keep(lastBySession, pair, now - ageMs)
          await writer.apply({ seen: [{ user: id, lastSeenMs: now - ageMs, sessions: [[pair, now - ageMs]] }] })
        }
        const count = (last: Map<string, number>) =>
          windowsMs.map((window) => [...last.values()].filter((timeMs) => timeMs > now - window).length)
        const reader = openReader(store.redis, { tenant, now: () => now })
        expect(await reader.active(windowsMs)).toEqual({ users: count(lastByUser), sessions: count(lastBySession) })
      }),
      { numRuns: 30 },
    )
  })

  test.each([-1, Number.NaN])('a window of %d is refused', async (window) => {
    await expect(openReader(store.redis, { tenant: 'default' }).active([window])).rejects.toThrow(/^windowsMs must hold numbers from 0 up/)
  })
})

describe('users', () => {
  test('have their totals, and per cell when asked for; unknown ones are undefined', async () => {
    const tenant = newTenant()
    const now = Date.now()
    const ada = userKey('ada')
    const values = [CODE.inputTokens, 10, CODE.outputTokens, 2, CODE.costNanoUsd, 500, CODE.calls, 1, CODE.errors, 1]
    const write = (timeMs: number) => ({
      users: [
        {
          user: ada,
          name: 'ada',
          totals: [...values, CODE.lastSeenMs, timeMs, CODE.firstSeenMs, timeMs],
          cells: [[1, values]] as [number, number[]][],
        },
      ],
      seen: [{ user: ada, lastSeenMs: timeMs, sessions: [[sessionKey('ada', `s${timeMs}`), timeMs]] as [string, number][] }],
    })
    const writer = new TestWriter(store.redis, tenant)
    for (const timeMs of [now - 1000, now - 5000, now]) await writer.apply(write(timeMs))
    const reader = openReader(store.redis, { tenant })
    const expected = {
      user: ada,
      name: 'ada',
      calls: 3,
      errors: 3,
      inputTokens: 30,
      outputTokens: 6,
      costNanoUsd: 1500,
      sessions: 3,
      firstSeenMs: now - 5000,
      lastSeenMs: now,
    }
    expect(await reader.users([userKey('nobody'), ada])).toEqual([undefined, expected])
    const cell = new Map([
      [CODE.inputTokens, 30],
      [CODE.outputTokens, 6],
      [CODE.costNanoUsd, 1500],
      [CODE.calls, 3],
      [CODE.errors, 3],
    ])
    expect(await reader.users([ada], { cells: true })).toEqual([{ ...expected, cells: new Map([[CELLS[1]?.id, cell]]) }])
    expect(await reader.users([])).toEqual([])
  })

  test('that an earlier version wrote, a vector for the totals and one for each cell, are added to what is written now', async () => {
    const tenant = newTenant()
    const ada = userKey('ada')
    const now = Date.now()
    const [held, other] = [CELLS[1]?.id as string, CELLS[2]?.id as string]
    await store.redis.hset(tenantKeys(tenant).user(ada), {
      n: 'ada',
      t: packVector([CODE.inputTokens, 7, CODE.calls, 3, CODE.sessions, 1, CODE.lastSeenMs, now - 90_000, CODE.firstSeenMs, now - 90_000]),
      [held]: packVector([CODE.inputTokens, 5, CODE.calls, 2]),
      [other]: packVector([CODE.inputTokens, 2, CODE.calls, 1]),
    })
    const totals = [CODE.inputTokens, 10, CODE.calls, 1, CODE.errors, 1, CODE.lastSeenMs, now, CODE.firstSeenMs, now]
    const cells: [number, number[]][] = [[1, [CODE.inputTokens, 10, CODE.calls, 1, CODE.errors, 1]]]
    await new TestWriter(store.redis, tenant).apply({ users: [{ user: ada, name: 'ada', totals, cells }] })
    const reader = openReader(store.redis, { tenant })
    const expected = { calls: 4, errors: 1, inputTokens: 17, sessions: 1, firstSeenMs: now - 90_000, lastSeenMs: now }
    expect((await reader.users([ada]))[0]).toMatchObject(expected)
    const [found] = await reader.users([ada], { cells: true })
    expect(found).toMatchObject(expected)
    expect(Object.fromEntries([...(found?.cells ?? [])].map(([cell, sums]) => [cell, [...sums]]))).toEqual({
      [held]: [
        [CODE.inputTokens, 15],
        [CODE.calls, 3],
        [CODE.errors, 1],
      ],
      [other]: [
        [CODE.inputTokens, 2],
        [CODE.calls, 1],
      ],
    })
  })

  test('of several days are estimated, each user once', async () => {
    const tenant = newTenant()
    const today = bucketStart(Date.now(), 86_400)
    const users = Array.from({ length: 50 }, (_, i) => userKey(`u${i}`))
    await new TestWriter(store.redis, tenant).apply({
      days: [
        [today, users],
        [today - 86_400, users.slice(0, 10)],
      ],
    })
    const reader = openReader(store.redis, { tenant })
    // A day that ended over 24 h before the write does not exist here: yesterday's end is today's start.
    expect(Math.abs((await reader.usersOnDays(today - 86_400, today + 1)) - 50)).toBeLessThanOrEqual(2)
    expect(Math.abs((await reader.usersOnDays(today - 86_400, today)) - 10)).toBeLessThanOrEqual(1)
    expect(await reader.usersOnDays(today, today)).toBe(0)
  })
})
