import { type BatchRows, CODE, callsCode, isError, OUTCOMES } from '@aiwatch/store'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DrainLevel } from '../../src/batch-rows.ts'
import { Rollup } from '../../src/rollup/rollup.ts'
import { sampleCall, sampleUsage } from '../sample-call.ts'
import { addVector, boardSums, type Sums, sketchCounts, sumOf, userSums } from './drained-sums.ts'

const START = Date.UTC(2026, 10, 24, 10, 58)

const calls = fc
  .record({
    startedAt: fc.integer({ min: START, max: START + 3 * 3600_000 }),
    durationMs: fc.oneof(fc.integer({ min: 0, max: 120_000 }), fc.double({ min: 0, max: 5000, noNaN: true })),
    app: fc.constantFrom('a', 'b'),
    model: fc.constantFrom('m1', 'm2', 'm3'),
    user: fc.option(fc.constantFrom('u1', 'u2', 'u3', 'u4'), { nil: undefined }),
    tags: fc.constantFrom<Record<string, string>[]>({}, { team: 'x' }, { team: 'y', feature: 'z' }),
    outcome: fc.constantFrom(...OUTCOMES),
    input: fc.integer({ min: 0, max: 2_000_000 }),
    output: fc.integer({ min: 0, max: 100_000 }),
    costNanoUsd: fc.option(fc.integer({ min: 0, max: 10_000_000_000 }), { nil: null }),
    firstToken: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
  })
  .map(({ input, output, firstToken, ...call }) =>
    sampleCall({
      ...call,
      stream: firstToken !== undefined,
      timeToFirstTokenMs: firstToken,
      usage: sampleUsage({ inputTokens: input, outputTokens: output }),
    }),
  )

const steps = fc.array(
  fc.oneof({ weight: 8, arbitrary: calls }, { weight: 1, arbitrary: fc.constantFrom<DrainLevel>('fast', 'slow', 'users', 'all') }),
  { maxLength: 120 },
)

/** The sums of calls, kept the simple way. */
function ledger(all: ReturnType<typeof sampleCall>[]): Sums {
  const sums: Sums = {}
  for (const call of all) {
    const { usage } = call
    const unpriced = call.costNanoUsd === null ? 1 : 0
    addVector(sums, '', [callsCode(call.outcome), 1, CODE.inputTokens, usage.inputTokens, CODE.outputTokens, usage.outputTokens])
    addVector(sums, '', [
      CODE.costNanoUsd,
      call.costNanoUsd ?? 0,
      CODE.unpricedCalls,
      unpriced,
      CODE.firstTokenMs,
      call.timeToFirstTokenMs ?? 0,
    ])
  }
  return sums
}

/** Milliseconds are rounded per row and compared apart; what is not in the ledger is left out, zeros are too. */
function pick(sums: Sums): Sums {
  const skipped: number[] = [CODE.durationMs, CODE.generationMs]
  return Object.fromEntries(
    Object.entries(sums).filter(([code, sum]) => sum !== 0 && Number(code) < CODE.latencyHistogram && !skipped.includes(Number(code))),
  )
}

function run(script: (ReturnType<typeof sampleCall> | DrainLevel)[], maxBytes: number) {
  const rollup = new Rollup({ maxBytes, now: () => START })
  const kept: ReturnType<typeof sampleCall>[] = []
  const batches: BatchRows[] = []
  const drain = (level: DrainLevel) => {
    const rows = rollup.drain(level)
    if (rows) batches.push(rows)
  }
  for (const step of script) {
    if (typeof step === 'string') drain(step)
    else if (rollup.add(step)) kept.push(step)
  }
  drain('all')
  return { rollup, kept, batches }
}

describe('what is drained', () => {
  it('conserves every sum in every tier, whatever the order of drains', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { kept, batches, rollup } = run(script, 1e9)
        const expected = pick(ledger(kept))
        for (const tier of ['10s', '1m', '1h', 'totals'] as const) expect(pick(sumOf(batches, tier))).toEqual(expected)
        const durationMs = kept.reduce((sum, call) => sum + call.durationMs, 0)
        for (const tier of ['10s', '1m', '1h', 'totals'] as const) {
          expect(sumOf(batches, tier)[CODE.durationMs] ?? 0).toBeCloseTo(durationMs, 0)
        }
        for (const level of ['1m', '1h', '1d'])
          expect(sketchCounts(batches, level, 'latency')).toEqual({ cells: kept.length, all: kept.length })
        expect(sketchCounts(batches, '10s', 'latency')).toEqual({ cells: 0, all: kept.length })
        expect(rollup.bytes).toBe(0)
        expect(rollup.counted).toMatchObject({ coarsened: 0, foldedUsers: 0, dropped: 0 })
      }),
      { numRuns: 150 },
    )
  })

  it('tells users the same in all, per cell and on boards', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { kept, batches } = run(script, 1e9)
        const ofUsers = kept.filter((call) => call.user)
        const { totals, cells } = userSums(batches)
        expect(totals).toEqual(cells)
        expect(totals[CODE.calls] ?? 0).toBe(ofUsers.length)
        expect(totals[CODE.errors] ?? 0).toBe(ofUsers.filter((call) => isError(call.outcome)).length)
        const boards = boardSums(batches)
        const board = (name: string) =>
          Object.entries(boards).reduce((sum, [key, gained]) => sum + (key.startsWith(`${name}:`) ? gained : 0), 0)
        expect(board('user_calls')).toBe(ofUsers.length)
        expect(board('user_tokens')).toBe((totals[CODE.inputTokens] ?? 0) + (totals[CODE.outputTokens] ?? 0))
        expect(board('user_cost')).toBe(totals[CODE.costNanoUsd] ?? 0)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps totals, hours and users in all exact when memory is short, and counts what was given up', () => {
    let coarsened = 0
    let folded = 0
    fc.assert(
      fc.property(steps, fc.integer({ min: 8000, max: 60_000 }), (script, maxBytes) => {
        const { kept, batches, rollup } = run(script, maxBytes)
        const expected = pick(ledger(kept))
        expect(pick(sumOf(batches, 'totals'))).toEqual(expected)
        expect(pick(sumOf(batches, '1h'))).toEqual(expected)
        expect(userSums(batches).totals[CODE.calls] ?? 0).toBe(kept.filter((call) => call.user).length)
        expect(sketchCounts(batches, '1d', 'latency')).toEqual({ cells: kept.length, all: kept.length })
        const sent = script.filter((step) => typeof step !== 'string').length
        expect(kept.length + rollup.counted.dropped).toBe(sent)
        const integrity = batches.map((batch) => batch.integrity)
        for (const name of ['coarsened', 'foldedUsers', 'dropped'] as const) {
          expect(integrity.reduce((sum, counts) => sum + counts[name], 0)).toBe(rollup.counted[name])
        }
        coarsened += rollup.counted.coarsened
        folded += rollup.counted.foldedUsers
      }),
      { numRuns: 150 },
    )
    expect(coarsened).toBeGreaterThan(0)
    expect(folded).toBeGreaterThan(0)
  })
})

describe('a long outage', () => {
  it('holds no more than the bound, gives up the finest rows first and drops nothing', () => {
    const maxBytes = 2 * 1024 * 1024
    let nowMs = START
    const rollup = new Rollup({ maxBytes, now: () => nowMs })
    const total = 60_000
    let highest = 0
    let foldedAt = 0
    for (let index = 0; index < total; index++) {
      nowMs += 60
      rollup.add(sampleCall({ startedAt: nowMs, model: `m${index % 20}`, user: `user-${index % 3000}`, durationMs: 50 + (index % 900) }))
      highest = Math.max(highest, rollup.bytes)
      if (rollup.counted.foldedUsers > 0 && foldedAt === 0) foldedAt = rollup.counted.coarsened
    }
    expect(highest).toBeLessThanOrEqual(maxBytes * 1.01)
    expect(rollup.counted.dropped).toBe(0)
    expect(rollup.counted.coarsened).toBeGreaterThan(0)
    if (rollup.counted.foldedUsers > 0) expect(foldedAt).toBeGreaterThan(0)
    const batches = [rollup.drain('all') as BatchRows]
    expect(sumOf(batches, 'totals')[callsCode('ok')]).toBe(total)
    expect(sumOf(batches, '1h')[callsCode('ok')]).toBe(total)
  })

  it('drops whole calls only when nothing else is left to give up, and counts them', () => {
    const rollup = new Rollup({ maxBytes: 64 * 1024, heldElsewhereBytes: () => 64 * 1024 })
    for (let index = 0; index < 10; index++) rollup.add(sampleCall())
    expect(rollup.counted.dropped).toBeGreaterThan(0)
    expect(rollup.drain('all')?.integrity.dropped).toBe(rollup.counted.dropped)
  })
})
