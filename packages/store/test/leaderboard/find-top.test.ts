import { type Board, openReader, tenantKeys } from '@aiwatch/store'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BoardDepths, TopReading } from '../../src/leaderboard/find-top.ts'
import { BucketCache } from '../../src/read/bucket-cache.ts'
import { CachedBuckets } from '../../src/read/cached-buckets.ts'
import { CorruptFields } from '../../src/read/corrupt-fields.ts'
import { LateAnnouncements } from '../../src/read/late-announcements.ts'
import { RoundTrips } from '../../src/read/round-trips.ts'
import { newTenant, openTestStore, type TestStore } from '../read/open-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

const BOARD: Board = 'user_tokens'
const thisHour = Math.floor(Date.now() / 3_600_000) * 3600
const hourBack = (back: number) => thisHour - back * 3600

function topWith(tenant: string, depths: BoardDepths): TopReading {
  const corrupt = new CorruptFields()
  const trips = new RoundTrips(store.redis, corrupt)
  const keys = tenantKeys(tenant)
  const cache = new BucketCache(1e6)
  const late = new LateAnnouncements(
    { redis: store.redis, trips, corrupt, key: keys.late },
    (member) => cache.forget(member),
    () => cache.clear(),
  )
  return new TopReading({ keys, trips, corrupt, cached: new CachedBuckets(cache, late), nowSeconds: () => Date.now() / 1000, depths })
}

/** Scores by hours back, by member. */
type Boards = Record<string, number>[]

async function writeBoards(tenant: string, boards: Boards): Promise<void> {
  const pipeline = store.redis.pipeline()
  for (const [back, scores] of boards.entries()) {
    const entries = Object.entries(scores).flatMap(([member, score]) => [score, member])
    if (entries.length > 0) pipeline.zadd(tenantKeys(tenant).board(BOARD, hourBack(back)), ...entries)
  }
  await pipeline.exec()
}

function sumsOf(boards: Boards): Map<string, number> {
  const sums = new Map<string, number>()
  for (const scores of boards) for (const [member, score] of Object.entries(scores)) sums.set(member, (sums.get(member) ?? 0) + score)
  return sums
}

const board = fc.dictionary(fc.stringMatching(/^[a-h][0-3]$/), fc.integer({ min: 1, max: 50 }), { maxKeys: 20 })

describe('top', () => {
  test('is exact or says by how much it may be off, with boards longer than what is read of them', async () => {
    let exact = 0
    let inexact = 0
    await fc.assert(
      fc.asyncProperty(fc.array(board, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }), async (boards, limit) => {
        const tenant = newTenant()
        await writeBoards(tenant, boards)
        const sums = sumsOf(boards)
        const best = [...sums.values()].sort((a, b) => b - a)
        const reading = topWith(tenant, { open: 3, max: 6 })
        const question = { board: BOARD, fromSeconds: hourBack(boards.length - 1), toSeconds: thisHour + 3600, limit }
        for (const entries of [await reading.top(question), await reading.top(question)]) {
          for (const [i, entry] of entries.entries()) {
            expect(entry.value).toBe(sums.get(entry.member))
            expect(best[i] as number).toBeLessThanOrEqual(entry.value + entry.error)
            if (entry.error === 0) expect(entry.value).toBe(best[i])
          }
          if (entries.every((entry) => entry.error === 0)) {
            exact++
            expect(entries).toHaveLength(Math.min(limit, best.length))
          } else inexact++
        }
      }),
      { numRuns: 150 },
    )
    expect(exact).toBeGreaterThan(0)
    expect(inexact).toBeGreaterThan(0)
  })

  test('with 1,000 even users in each of 24 hours is exact', async () => {
    const tenant = newTenant()
    const random = (i: number) => 1000 + ((i * 7919) % 101)
    const boards = Array.from({ length: 24 }, (_, hour) =>
      Object.fromEntries(Array.from({ length: 1000 }, (_, user) => [`user${user}`, random(hour * 1000 + user)])),
    )
    await writeBoards(tenant, boards)
    const best = [...sumsOf(boards).values()].sort((a, b) => b - a)
    const top = await openReader(store.redis, { tenant }).top(BOARD, hourBack(23), thisHour + 3600, 10)
    expect(top.map((entry) => entry.value)).toEqual(best.slice(0, 10))
    expect(top.every((entry) => entry.error === 0)).toBe(true)
  })

  test('finds who is never first in an hour but gained most in all', async () => {
    const tenant = newTenant()
    const boards = Array.from({ length: 5 }, (_, hour) => ({ [`peak${hour}`]: 10, [`second${hour}`]: 9, steady: 8 }))
    await writeBoards(tenant, boards)
    const top = await topWith(tenant, { open: 2, max: 4 }).top({
      board: BOARD,
      fromSeconds: hourBack(4),
      toSeconds: thisHour + 1,
      limit: 1,
    })
    expect(top).toEqual([{ member: 'steady', value: 40, error: 0 }])
  })

  test('finds who was low in the closed hours and gained much in the open one, below what is read of it', async () => {
    const tenant = newTenant()
    const closed = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`m${i}`, 100 - i]))
    await writeBoards(tenant, [{ newcomer: 50, m9: 49 }, closed])
    const question = { board: BOARD, fromSeconds: hourBack(1), toSeconds: thisHour + 1, limit: 1 }
    expect(await topWith(tenant, { open: 1, max: 20 }).top(question)).toEqual([{ member: 'm9', value: 140, error: 0 }])
  })

  test('takes only the hours that the window touches', async () => {
    const tenant = newTenant()
    await writeBoards(tenant, [{ a: 1 }, { b: 2 }, { c: 4 }])
    const reader = openReader(store.redis, { tenant })
    const membersIn = async (from: number, to: number) => (await reader.top(BOARD, from, to, 5)).map((entry) => entry.member)
    expect(await membersIn(hourBack(1) + 1800, thisHour)).toEqual(['b'])
    expect(await membersIn(hourBack(1) + 1800, thisHour + 1)).toEqual(['b', 'a'])
    expect(await membersIn(hourBack(2), hourBack(1))).toEqual(['c'])
    expect(await membersIn(hourBack(9), hourBack(8))).toEqual([])
  })

  test.each([0, -1, 1.5, Number.NaN, 1001])('refuses a limit of %d', async (limit) => {
    await expect(openReader(store.redis, { tenant: 'default' }).top(BOARD, 0, 1, limit)).rejects.toThrow(/^limit must be an integer/)
  })
})
