import {
  type BatchRows,
  type Call,
  CODE,
  callsCode,
  cellId,
  decodeRecentCall,
  endedAt,
  latencyHistogramCode,
  MAX_CELLS,
  OTHER_CELL,
  sessionKey,
  sketchIndex,
  userKey,
} from '@aiwatch/store'
import { describe, expect, it } from 'vitest'
import type { DrainLevel } from '../../src/batch-rows.ts'
import { countRowCalls } from '../../src/flush/count-row-calls.ts'
import { Rollup } from '../../src/rollup/rollup.ts'
import { sampleCall, sampleUsage } from '../sample-call.ts'
import { boardSums } from './drained-sums.ts'

const START = Date.UTC(2026, 10, 24, 10, 59, 30)

function drained(calls: Call[], level: DrainLevel = 'all'): BatchRows {
  const rollup = new Rollup({ maxBytes: 1e9 })
  for (const call of calls) rollup.add(call)
  return rollup.drain(level) as BatchRows
}

/** The calls that the rows keep one by one. */
function keptOf({ recent, cells }: BatchRows): Call[] {
  const names = new Map(cells.map((cell) => [cell.id, cell]))
  return recent.map(({ text }) => decodeRecentCall(text, names))
}

/** `code → value` of a vector. */
function read(vector: number[] | undefined): Record<number, number> {
  const values: Record<number, number> = {}
  for (let i = 0; i < (vector?.length ?? 0); i += 2) values[vector?.[i] as number] = vector?.[i + 1] as number
  return values
}

describe('Rollup', () => {
  it('counts a call in the buckets of its end, not of its start', () => {
    const rows = drained([sampleCall({ startedAt: START, durationMs: 45_000 })])
    expect(rows.series.map(({ tier, start }) => [tier, new Date(start * 1000).toISOString()])).toEqual([
      ['10s', '2026-11-24T11:00:10.000Z'],
      ['1m', '2026-11-24T11:00:00.000Z'],
      ['1h', '2026-11-24T11:00:00.000Z'],
    ])
    expect(rows.boards.every((row) => row.start === Date.UTC(2026, 10, 24, 11) / 1000)).toBe(true)
  })

  it('writes every metric of a call', () => {
    const usage = sampleUsage({
      inputTokens: 100,
      cacheReadTokens: 40,
      cacheWriteTokens: 10,
      outputTokens: 30,
      reasoningTokens: 5,
      source: 'partial',
    })
    const call = sampleCall({
      usage,
      outcome: 'aborted',
      costNanoUsd: 1000,
      cacheSavedNanoUsd: 50,
      wastedTokens: 7,
      wastedNanoUsd: 70,
      attempts: 3,
      stream: true,
      durationMs: 1500.1234,
      timeToFirstTokenMs: 200,
      timePerOutputTokenMs: 12,
      queueMs: 1,
      prefillMs: 2,
      decodeMs: 3,
    })
    const expected = {
      [callsCode('aborted')]: 1,
      [CODE.inputTokens]: 100,
      [CODE.outputTokens]: 30,
      [CODE.cacheReadTokens]: 40,
      [CODE.cacheWriteTokens]: 10,
      [CODE.reasoningTokens]: 5,
      [CODE.estimatedInputTokens]: 100,
      [CODE.estimatedOutputTokens]: 30,
      [CODE.costNanoUsd]: 1000,
      [CODE.cacheSavedNanoUsd]: 50,
      [CODE.wastedNanoUsd]: 70,
      [CODE.wastedTokens]: 7,
      [CODE.wastedAttempts]: 2,
      [CODE.durationMs]: 1500.123,
      [CODE.firstTokenMs]: 200,
      [CODE.generationMs]: 1300.123,
      [CODE.queueMs]: 1,
      [CODE.prefillMs]: 2,
      [CODE.decodeMs]: 3,
    }
    const rows = drained([call])
    for (const row of rows.series) expect(read(row.values)).toEqual(expected)
    expect(read(rows.totals[0]?.values)).toEqual({ ...expected, [latencyHistogramCode(1500)]: 1 })
    const codes = rows.totals[0]?.values.filter((_, index) => index % 2 === 0)
    expect(codes).toEqual([...(codes ?? [])].sort((a, b) => a - b))
  })

  it('counts a call as unpriced only when it had usage', () => {
    const none = sampleUsage({ inputTokens: 0, outputTokens: 0, source: 'none' })
    const rows = drained([sampleCall({ costNanoUsd: null }), sampleCall({ costNanoUsd: null, usage: none, outcome: 'rate_limit' })])
    const totals = read(rows.totals[0]?.values)
    expect(totals[CODE.unpricedCalls]).toBe(1)
    expect(totals[CODE.costNanoUsd]).toBeUndefined()
    expect(totals[callsCode('rate_limit')]).toBe(1)
    expect(totals[CODE.generationMs]).toBe(100)
  })

  it('puts durations into sketches of each level, and of all cells together', () => {
    const call = sampleCall({ durationMs: 250, timeToFirstTokenMs: 40, timePerOutputTokenMs: 5, stream: true })
    const rows = drained([call, { ...call, model: 'other-model', timeToFirstTokenMs: undefined, timePerOutputTokenMs: undefined }])
    const found = rows.sketches.map((row) => `${row.level} ${row.kind} ${row.cell} ${row.counts.join(',')}`).sort()
    const latency = sketchIndex(250)
    const levels = ['1m', '1h', '1d'].flatMap((level) => [
      `${level} latency 0 ${latency},1`,
      `${level} latency 1 ${latency},1`,
      `${level} latency all ${latency},2`,
      `${level} first_token 0 ${sketchIndex(40)},1`,
      `${level} first_token all ${sketchIndex(40)},1`,
      `${level} per_output_token 0 ${sketchIndex(5)},1`,
      `${level} per_output_token all ${sketchIndex(5)},1`,
    ])
    expect(found).toEqual([`10s latency all ${latency},2`, ...levels].sort())
  })

  it('tells who was seen, with sessions, and what users used in all and per cell', () => {
    const first = sampleCall({ user: 'ada', session: 's1', startedAt: START, outcome: 'timeout' })
    const second = sampleCall({ user: 'ada', session: 's2', startedAt: START + 5000, model: 'gpt-4o-mini' })
    const rows = drained([second, first, sampleCall({ session: 'without user' })])
    const lastSeenMs = endedAt(second)
    expect(rows.seen).toEqual([
      {
        user: userKey('ada'),
        lastSeenMs,
        sessions: [
          [sessionKey('ada', 's2'), lastSeenMs],
          [sessionKey('ada', 's1'), endedAt(first)],
        ],
      },
    ])
    expect(rows.users).toHaveLength(1)
    const [ada] = rows.users
    expect(ada?.name).toBe('ada')
    expect(read(ada?.totals)).toEqual({
      [CODE.inputTokens]: 200,
      [CODE.outputTokens]: 40,
      [CODE.costNanoUsd]: 900_000,
      [CODE.calls]: 2,
      [CODE.errors]: 1,
      [CODE.lastSeenMs]: lastSeenMs,
      [CODE.firstSeenMs]: endedAt(first),
    })
    const perCell = ada?.cells.map(([cell, values]) => [rows.cells[cell]?.model, read(values)[CODE.errors] ?? 0, read(values)[CODE.calls]])
    expect(perCell).toEqual([
      ['gpt-4o-mini', 0, 1],
      ['gpt-4o', 1, 1],
    ])
    expect(rows.days).toEqual([[Date.UTC(2026, 10, 24) / 1000, [userKey('ada')]]])
  })

  it('gives each user and tag its gain on the boards of the hour', () => {
    const rows = drained([
      sampleCall({ user: 'ada', tags: { team: 'red', feature: 'search' } }),
      sampleCall({ user: 'bob', tags: { team: 'red' }, costNanoUsd: null }),
    ])
    expect(boardSums([rows])).toEqual({
      [`user_tokens:${userKey('ada')}`]: 120,
      [`user_calls:${userKey('ada')}`]: 1,
      [`user_cost:${userKey('ada')}`]: 450_000,
      [`user_tokens:${userKey('bob')}`]: 120,
      [`user_calls:${userKey('bob')}`]: 1,
      'tag_tokens:team=red': 240,
      'tag_calls:team=red': 2,
      'tag_cost:team=red': 450_000,
      'tag_tokens:feature=search': 120,
      'tag_calls:feature=search': 1,
      'tag_cost:feature=search': 450_000,
    })
  })

  it('lists errors by type and cell with first and last time', () => {
    const times = [START, START + 1000, START + 2000]
    const rows = drained([
      ...times.map((startedAt) => sampleCall({ outcome: 'rate_limit', startedAt })),
      sampleCall({ outcome: 'aborted' }),
    ])
    expect(rows.errors.map((row) => [row.type, read(row.values)])).toEqual([
      ['rate_limit', { [CODE.calls]: 3, [CODE.lastSeenMs]: START + 2100, [CODE.firstSeenMs]: START + 100 }],
    ])
  })

  it('keeps at most 100 calls one by one: errors and the slowest among them', () => {
    const calls = Array.from({ length: 1000 }, (_, index) =>
      sampleCall({
        id: `n${index}`,
        durationMs: index === 500 ? 99_999 : 100 + (index % 7),
        outcome: index % 100 === 0 ? 'server_error' : 'ok',
      }),
    )
    const recent = keptOf(drained(calls))
    expect(recent.length).toBeLessThanOrEqual(100)
    expect(recent.filter((call) => call.outcome === 'server_error')).toHaveLength(10)
    expect(recent.some((call) => call.id === 'n501' || call.durationMs === 99_999)).toBe(true)
    expect(new Set(recent.map((call) => call.id)).size).toBe(recent.length)
  })

  it('samples the rest fairly', () => {
    const kept = new Map<string, number>()
    for (let round = 0; round < 60; round++) {
      const calls = Array.from({ length: 500 }, (_, index) => sampleCall({ id: `${index}`, durationMs: 100 }))
      for (const call of keptOf(drained(calls))) kept.set(call.id, (kept.get(call.id) ?? 0) + 1)
    }
    const half = (from: number, to: number) =>
      [...kept].filter(([id]) => Number(id) >= from && Number(id) < to).reduce((sum, [, count]) => sum + count, 0)
    // 60 rounds of 40 sampled calls; the ten slowest are the first ten, since all are equal. Six standard deviations are 294.
    expect(Math.abs(half(10, 255) - half(255, 500))).toBeLessThan(294)
  })

  it('tells who was seen, and again after half a minute or with the totals', () => {
    const rollup = new Rollup({ maxBytes: 1e9 })
    const seenAfter = (startedAt: number, session: string, level: DrainLevel = 'slow') => {
      rollup.add(sampleCall({ user: 'ada', session, startedAt, durationMs: 0 }))
      return (rollup.drain(level) as BatchRows).seen.map(({ lastSeenMs, sessions }) => [lastSeenMs, sessions.map(([, atMs]) => atMs)])
    }
    expect(seenAfter(1_000_000, 's1', 'fast')).toEqual([])
    expect(seenAfter(1_000_000, 's1')).toEqual([[1_000_000, [1_000_000]]])
    expect(seenAfter(1_029_999, 's1')).toEqual([])
    // A new session tells of its user as well.
    expect(seenAfter(1_029_999, 's2')).toEqual([[1_029_999, [1_029_999]]])
    expect(seenAfter(1_030_000, 's1')).toEqual([[1_030_000, [1_030_000]]])
    expect(seenAfter(1_030_001, 's1')).toEqual([])
    expect(seenAfter(1_030_001, 's2', 'users')).toEqual([[1_030_001, [1_030_001, 1_030_001]]])
  })

  it('gives out fine rows at once and the rest later, each once', () => {
    const rollup = new Rollup({ maxBytes: 1e9 })
    rollup.add(sampleCall({ user: 'ada' }))
    const fast = rollup.drain('fast') as BatchRows
    expect(fast.series.map((row) => row.tier)).toEqual(['10s'])
    expect([fast.seen, fast.sketches, fast.users, fast.totals, fast.recent]).toEqual([[], [], [], [], []])
    expect(rollup.drain('fast')).toBeNull()
    const slow = rollup.drain('slow') as BatchRows
    expect(slow.series.map((row) => row.tier)).toEqual(['1m', '1h'])
    expect([slow.seen.length, slow.users.length, slow.totals.length, slow.recent.length]).toEqual([1, 0, 1, 1])
    expect([slow.boards, slow.days]).toEqual([[], []])
    rollup.add(sampleCall({ user: 'ada', startedAt: Date.now() + 1000 }))
    const users = rollup.drain('users') as BatchRows
    expect([users.seen.length, users.users.length, users.totals.length, users.days.length]).toEqual([1, 1, 1, 1])
    expect(users.users[0]?.totals.join()).toContain([CODE.calls, 2].join())
    expect(users.boards.some((row) => row.board === 'user_calls' && row.entries[0]?.[1] === 2)).toBe(true)
    expect(rollup.drain('users')).toBeNull()
    expect(slow.sketches.some((row) => row.level === '1h')).toBe(false)
    expect(rollup.hasRows).toBe(true)
    const all = rollup.drain('all') as BatchRows
    expect(new Set(all.sketches.map((row) => row.level))).toEqual(new Set(['1h', '1d']))
    expect(rollup.hasRows).toBe(false)
    expect(rollup.drain('all')).toBeNull()
    expect(rollup.bytes).toBe(0)
  })

  it.each([
    ['before it is counted', 'usage', 0],
    ['after it was counted', 'tags', 1],
  ])('counts a call that cannot be added once or not at all: %s', (_, field, counted) => {
    const failed: unknown[] = []
    const rollup = new Rollup({ maxBytes: 1e9, onFailed: (error) => failed.push(error) })
    const call = Object.defineProperty(sampleCall(), field, {
      get: () => {
        throw new Error('no such field')
      },
    })
    let thrown = 0
    try {
      rollup.add(call)
    } catch {
      thrown++
    }
    expect([thrown, failed.length]).toEqual([1 - counted, counted])
    const rows = rollup.drain('all')
    expect(countRowCalls(rows ?? { totals: [], series: [] })).toEqual({ totalCalls: counted, fineCalls: counted })
  })

  it('makes a batch of integrity alone', () => {
    const rollup = new Rollup({ maxBytes: 1e9 })
    rollup.noteUnparsed()
    rollup.noteResent(2)
    expect(rollup.drain('fast')?.integrity).toMatchObject({ unparsed: 1, resent: 2 })
    expect(rollup.drain('all')).toBeNull()
    expect(rollup.counted).toMatchObject({ unparsed: 1, resent: 2 })
  })

  it('names names of any kind, bounded', () => {
    const strange = ['', 'x'.repeat(10_000), '🦉'.repeat(100), 'line\nbreak', '{}:,()%=!', '\ud800']
    const calls = strange.map((name) =>
      sampleCall({
        app: name,
        provider: name,
        model: name,
        requestModel: name,
        user: name || undefined,
        session: name,
        tags: { [name]: name },
      }),
    )
    const rows = drained(calls)
    expect(rows.cells).toHaveLength(strange.length)
    expect(new Set(rows.cells.map((cell) => cell.id)).size).toBe(strange.length)
    expect(rows.users).toHaveLength(strange.length - 1)
    for (const cell of rows.cells) expect(cell.id).toBe(cellId(cell.app, cell.provider, cell.model))
    expect(JSON.stringify(rows).length).toBeLessThan(60_000)
    expect(rows.cells.every((cell) => cell.model.isWellFormed())).toBe(true)
  })

  it('counts cells beyond the bound as other, and knows new names again after a drain', () => {
    const calls = Array.from({ length: MAX_CELLS + 50 }, (_, index) => sampleCall({ model: `m${index}` }))
    const rollup = new Rollup({ maxBytes: 1e9 })
    for (const call of calls) rollup.add(call)
    const rows = rollup.drain('all') as BatchRows
    expect(rows.cells).toHaveLength(MAX_CELLS + 1)
    const other = rows.totals.find((row) => rows.cells[row.cell]?.id === OTHER_CELL.id)
    expect(read(other?.values)[callsCode('ok')]).toBe(50)
    rollup.add(sampleCall({ model: 'm1020' }))
    expect(rollup.drain('all')?.cells.map((cell) => cell.model)).toEqual(['m1020'])
  })
})
