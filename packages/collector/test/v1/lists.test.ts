import { isError, userKey } from '@aiwatch/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../run-collector.ts'
import { CallWriter, type TestCall } from '../write-calls.ts'
import { askV1 } from './ask-v1.ts'
import { exampleCalls, sumOf, tokensOf, usdOf } from './example-calls.ts'

/** All entries of all pages; fails when a page is not full before the last. */
async function readPages<Page extends { next_cursor: string | null }, Entry>(
  ask: (cursor: string | undefined) => Promise<Page>,
  entriesOf: (page: Page) => Entry[],
  limit: number,
): Promise<Entry[]> {
  const entries: Entry[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await ask(cursor)
    entries.push(...entriesOf(page))
    if (page.next_cursor === null) return entries
    expect(entriesOf(page)).toHaveLength(limit)
    expect(page.next_cursor).not.toBe(cursor)
    cursor = page.next_cursor
  }
}

const withCursor = (query: Record<string, string>, cursor: string | undefined) => (cursor === undefined ? query : { ...query, cursor })

describe('lists of /v1', () => {
  let stage: Stage
  let base = ''
  let calls: TestCall[] = []
  let writer: CallWriter
  beforeAll(async () => {
    stage = await openStage()
    base = stage.collector.analyticsUrl
    calls = exampleCalls(900, Date.now())
    writer = new CallWriter(stage.redis)
    await writer.write(calls)
  })
  afterAll(() => stage.stop())

  it.each<[Record<string, string>, (call: TestCall) => boolean]>([
    [{}, () => true],
    [{ app: 'shop' }, ({ app }) => app === 'shop'],
    [{ provider: 'azure' }, ({ provider }) => provider === 'azure'],
    [{ model: 'meta/llama 3' }, ({ model }) => model === 'meta/llama 3'],
    [{ outcome: 'error' }, ({ outcome }) => isError(outcome)],
    [{ outcome: 'aborted' }, ({ outcome }) => outcome === 'aborted'],
    [{ outcome: 'timeout' }, ({ outcome }) => outcome === 'timeout'],
    [{ user: 'Barbara Liskov' }, ({ user }) => user === 'Barbara Liskov'],
    [{ user: 'ada', session: 's2' }, ({ user, session }) => user === 'ada' && session === 's2'],
    [{ tag: 'feature=summary' }, ({ tags }) => tags?.['feature'] === 'summary'],
    [{ tag: 'feature=none' }, () => false],
    [{ min_duration_ms: '20000' }, ({ durationMs }) => durationMs >= 20_000],
    [
      { app: 'shop', model: 'gpt-4o', outcome: 'ok', user: 'grace' },
      (call) => call.app === 'shop' && call.model === 'gpt-4o' && call.outcome === 'ok' && call.user === 'grace',
    ],
  ])('calls with %o are those, each once, over all pages', async (query, test) => {
    const found = await readPages(
      (cursor) => askV1(base, 'calls', { query: withCursor({ ...query, limit: '70' }, cursor) }),
      (page) => page.calls,
      70,
    )
    const expected = calls.filter(test)
    expect(new Set(found.map(({ entry }) => entry)).size).toBe(found.length)
    expect(found.map(({ started_at, duration_ms }) => Date.parse(started_at) + duration_ms).sort()).toEqual(
      expected.map(({ endedMs }) => endedMs).sort(),
    )
    expect(sumOf(found.map(({ input_tokens }) => input_tokens))).toBe(sumOf(expected.map((call) => call.inputTokens)))
  })

  it('calls of a time range are those that ended in it', async () => {
    const [from, to] = [Date.now() - 40 * 60_000, Date.now() - 10 * 60_000]
    const found = await readPages(
      (cursor) => askV1(base, 'calls', { query: withCursor({ from: String(from), to: String(to), limit: '50' }, cursor) }),
      (page) => page.calls,
      50,
    )
    const expected = calls.filter(({ endedMs }) => endedMs >= from && endedMs < to)
    expect(expected.length).toBeGreaterThan(50)
    expect(found.map(({ started_at, duration_ms }) => Date.parse(started_at) + duration_ms).sort()).toEqual(
      expected.map(({ endedMs }) => endedMs).sort(),
    )
  })

  it('calls page on without loss or repetition while new calls come', async () => {
    const known = new Set(calls.map(({ endedMs, durationMs }) => endedMs - durationMs))
    const seen: string[] = []
    const found = await readPages(
      async (cursor) => {
        await writer.write([{ ...(calls[0] as TestCall), user: 'late', durationMs: 1, endedMs: Date.now() }])
        const page = await askV1(base, 'calls', { query: withCursor({ limit: '200' }, cursor) })
        seen.push(...page.calls.map(({ entry }) => entry))
        return page
      },
      (page) => page.calls,
      200,
    )
    expect(new Set(seen).size).toBe(seen.length)
    expect(found.filter(({ user_id }) => user_id !== 'late')).toHaveLength(calls.length)
    expect(found.filter(({ user_id }) => user_id !== 'late').every(({ started_at }) => known.has(Date.parse(started_at)))).toBe(true)
  })

  it('calls tells the slowest and the costliest of all, and how many are kept', async () => {
    const slowest = await askV1(base, 'calls', { query: { sort: 'slowest', limit: '5', outcome: 'ok' } })
    const durations = calls.filter(({ outcome }) => outcome === 'ok').map(({ durationMs }) => durationMs)
    expect(slowest.calls.map(({ duration_ms }) => duration_ms)).toEqual(durations.sort((a, b) => b - a).slice(0, 5))
    expect(slowest.next_cursor).toBeNull()
    const costliest = await askV1(base, 'calls', { query: { sort: 'costliest', limit: '3' } })
    const costs = calls.flatMap(({ costNanoUsd }) => costNanoUsd ?? [])
    expect(costliest.calls.map(({ cost_usd }) => cost_usd)).toEqual(
      costs
        .sort((a, b) => b - a)
        .slice(0, 3)
        .map((cost) => cost / 1e9),
    )
    expect(costliest.kept_calls).toBeGreaterThanOrEqual(calls.length)
    expect(costliest.oldest_kept).not.toBeNull()
  })

  it.each(['tokens', 'calls', 'cost'] as const)('users ranks by %s, each user once over all pages', async (sort) => {
    const found = await readPages(
      (cursor) => askV1(base, 'users', { query: withCursor({ window: '24h', sort, limit: '2' }, cursor) }),
      (page) => page.users,
      2,
    )
    const own = found.filter(({ user_id }) => user_id !== 'late')
    const rankOf = { tokens: (list: TestCall[]) => sumOf(list.map(tokensOf)), calls: (list: TestCall[]) => list.length, cost: usdOf }[sort]
    expect(own.map(({ user_id }) => user_id).sort()).toEqual([...new Set(calls.flatMap(({ user }) => user ?? []))].sort())
    expect(found.map(({ rank }) => rank)).toEqual(found.map((_, i) => i + 1))
    expect(found.map(({ value }) => value)).toEqual(found.map(({ value }) => value).sort((a, b) => b - a))
    for (const row of own) {
      const ofUser = calls.filter(({ user }) => user === row.user_id)
      expect(row.value).toBeCloseTo(rankOf(ofUser), 9)
      expect(row.totals).toMatchObject({
        calls: ofUser.length,
        errors: ofUser.filter(({ outcome }) => isError(outcome)).length,
        sessions: 3,
      })
      expect(row).toMatchObject({ key: userKey(row.user_id), is_new: true })
    }
  })

  it('users finds by a part of the id and tells how many there are', async () => {
    const { users, audience } = await askV1(base, 'users', { query: { search: 'LISKOV' } })
    expect(users.map(({ user_id }) => user_id)).toEqual(['Barbara Liskov'])
    const there = new Set(calls.flatMap(({ user }) => user ?? [])).size + 1
    expect(audience).toMatchObject({ daily_active: there, weekly_active: there, monthly_active: there })
    expect(audience.days).toHaveLength(30)
    expect(sumOf(audience.days.map(({ new_users }) => new_users))).toBe(there)
  })

  it('user tells totals, models, hours, calls and sessions, by id and by key', async () => {
    const user = await askV1(base, 'user', { id: 'Barbara Liskov' })
    expect(await askV1(base, 'user', { id: user.key })).toEqual(user)
    const own = calls.filter((call) => call.user === 'Barbara Liskov')
    expect(user.totals).toMatchObject({ calls: own.length, input_tokens: sumOf(own.map((call) => call.inputTokens)), sessions: 3 })
    expect(user.totals.cost_usd).toBeCloseTo(usdOf(own), 9)
    expect(sumOf(user.models.map((row) => row.calls))).toBe(own.length)
    expect(user.hours).toHaveLength(168)
    expect(sumOf(user.hours.map((hour) => hour.calls))).toBe(own.length)
    expect(sumOf(user.hours.map((hour) => hour.tokens))).toBe(sumOf(own.map(tokensOf)))
    expect(user.recent_calls).toHaveLength(50)
    expect(user.recent_calls.every(({ user_id }) => user_id === 'Barbara Liskov')).toBe(true)
    expect(sumOf(user.recent_sessions.map((session) => session.calls))).toBe(own.length)
  })

  it('sessions tells each pair of user and session once over all pages', async () => {
    const all = await readPages(
      (cursor) => askV1(base, 'sessions', { query: withCursor({ limit: '4' }, cursor) }),
      (page) => page.sessions,
      4,
    )
    const found = all.filter(({ user_id }) => user_id !== 'late')
    const pairs = new Map<string, TestCall[]>()
    for (const call of calls)
      if (call.user !== undefined) pairs.set(`${call.user} ${call.session}`, [...(pairs.get(`${call.user} ${call.session}`) ?? []), call])
    expect(found.map(({ user_id, session }) => `${user_id} ${session}`).sort()).toEqual([...pairs.keys()].sort())
    for (const row of found) {
      const own = pairs.get(`${row.user_id} ${row.session}`) as TestCall[]
      expect(row).toMatchObject({
        calls: own.length,
        errors: own.filter(({ outcome }) => isError(outcome)).length,
        last_seen: new Date(Math.max(...own.map(({ endedMs }) => endedMs))).toISOString(),
      })
    }
    const times = all.map(({ last_seen }) => Date.parse(last_seen))
    expect(times).toEqual([...times].sort((a, b) => b - a))
    const ofAda = await askV1(base, 'sessions', { query: { user: 'ada' } })
    expect(ofAda.sessions.map(({ session }) => session).sort()).toEqual(['s1', 's2', 's3'])
    expect(ofAda.active_24h).toBe(pairs.size + all.filter(({ user_id }) => user_id === 'late').length)
  })
})
