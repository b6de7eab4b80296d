import { EventEmitter } from 'node:events'
import type { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { CorruptFields } from '../../src/read/corrupt-fields.ts'
import { LateAnnouncements } from '../../src/read/late-announcements.ts'
import type { Reply, RoundTrips } from '../../src/read/round-trips.ts'

const HOUR_MS = 3_600_000
const START_MS = 1_800_000_000_000

/** A server whose clock and announcements the test sets; each look is a round trip of its own. */
function newServer() {
  const redis = new EventEmitter() as unknown as Redis
  const server = { timeMs: START_MS, late: new Map<string, number>(), next: 1, ranges: [] as (string | number)[][] }
  const ask = async (command: string, args: (string | number)[]): Promise<Reply> => {
    if (command === 'TIME') {
      return [Buffer.from(String(Math.floor(server.timeMs / 1000))), Buffer.from(String((server.timeMs % 1000) * 1000))]
    }
    const range = args.slice(1, -1)
    server.ranges.push(range)
    const found = [...server.late].filter(([, score]) => range.at(-1) === 'REV' || score >= Number(range[0]))
    return found.flatMap(([member, score]) => [Buffer.from(member), Buffer.from(String(score))])
  }
  const trips = {
    get next() {
      return server.next
    },
    ask,
  } as unknown as RoundTrips
  const forgotten: string[] = []
  let cleared = 0
  const late = new LateAnnouncements(
    { redis, trips, corrupt: new CorruptFields(), key: 'late' },
    (member) => forgotten.push(member),
    () => cleared++,
  )
  const look = async () => {
    const answer = await late.look()
    server.next++
    return answer
  }
  return { redis, server, late, look, forgotten, cleared: () => cleared }
}

describe('announcements of late writes', () => {
  test('make stale what was read before the look that brought them, and not what was read in that trip', async () => {
    const { server, late, look, forgotten } = newServer()
    await look()
    server.late.set('1m:60', server.timeMs + 10)
    server.timeMs += 100
    const { trip } = await look()
    expect(forgotten).toEqual(['1m:60'])
    expect(late.isStale('1m:60', trip - 1)).toBe(true)
    expect(late.isStale('1m:60', trip)).toBe(false)
    expect(late.isStale('1m:120', trip - 1)).toBe(false)
  })

  test('count once, though looks overlap', async () => {
    const { server, late, look, forgotten } = newServer()
    await look()
    server.late.set('1m:60', server.timeMs)
    await look()
    server.timeMs += 1000
    const { trip } = await look()
    expect(forgotten).toEqual(['1m:60'])
    expect(late.isStale('1m:60', trip - 1)).toBe(false)
    server.late.set('1m:60', server.timeMs + 1)
    await look()
    expect(forgotten).toEqual(['1m:60', '1m:60'])
    expect(late.isStale('1m:60', trip)).toBe(true)
  })

  test('from before the first look are old', async () => {
    const { server, late, look } = newServer()
    server.late.set('1m:60', server.timeMs - 1)
    const { trip } = await look()
    await look()
    expect(late.isStale('1m:60', trip)).toBe(false)
  })

  test('are seen when the next server lags a few seconds behind', async () => {
    const { server, look, forgotten } = newServer()
    await look()
    server.timeMs -= 5000
    server.late.set('10s:10', server.timeMs)
    await look()
    expect(forgotten).toEqual(['10s:10'])
  })

  test.each([
    ['a reader that did not look for over 24 h', 24 * HOUR_MS + 1],
    ["a server's clock set back by an hour", -HOUR_MS],
  ])('may be missed: everything cached is dropped after %s', async (_, elapsedMs) => {
    const { server, late, look, cleared } = newServer()
    const first = await look()
    server.timeMs += elapsedMs
    const second = await look()
    expect(cleared()).toBe(1)
    expect(late.isStale('1m:60', first.trip)).toBe(true)
    expect(late.isStale('1m:60', second.trip)).toBe(false)
  })

  test('are asked from the last look on, never for all of 25 h', async () => {
    const { server, look } = newServer()
    await look()
    server.timeMs += 60_000
    await look()
    await look()
    expect(server.ranges).toEqual([
      [0, 999, 'REV'],
      [START_MS - 10_000, '+inf', 'BYSCORE'],
      [START_MS + 50_000, '+inf', 'BYSCORE'],
    ])
  })

  test('a lost connection makes everything read so far stale', async () => {
    const { redis, late, look, cleared } = newServer()
    const { trip } = await look()
    redis.emit('close')
    const after = await look()
    expect(cleared()).toBe(1)
    expect(late.isStale('1m:60', trip)).toBe(true)
    expect(late.isStale('1m:60', after.trip)).toBe(false)
  })
})
