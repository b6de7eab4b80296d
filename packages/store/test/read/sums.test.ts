import { CODE, openReader, type SeriesRow, TIERS, type Tier } from '@aiwatch/store'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from './open-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

interface Event {
  ageSeconds: number
  cell: number
  tokens: number
}

const event = fc.record({
  ageSeconds: fc.integer({ min: 0, max: 23 * 3600 }),
  cell: fc.nat(CELLS.length - 1),
  tokens: fc.integer({ min: 1, max: 2 ** 40 }),
})
const age = fc.oneof(fc.integer({ min: 0, max: 24 * 3600 }), fc.integer({ min: 0, max: 400 }))

function rowsOf(events: Event[], now: number): SeriesRow[] {
  return events.flatMap(({ ageSeconds, cell, tokens }) =>
    (Object.keys(TIERS) as Tier[]).map((tier) => ({
      tier,
      start: Math.floor((now - ageSeconds) / TIERS[tier].seconds) * TIERS[tier].seconds,
      cell,
      values: [CODE.callsOk, 1, CODE.inputTokens, tokens],
    })),
  )
}

describe('sums', () => {
  test('over any window equal the events in it, and no event is counted twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 60 }),
        fc.array(fc.tuple(age, age), { minLength: 1, maxLength: 8 }),
        async (events, windows) => {
          const tenant = newTenant()
          const now = Math.floor(Date.now() / 1000)
          const writer = new TestWriter(store.redis, tenant)
          for (const one of events) await writer.apply({ series: rowsOf([one], now) })
          const reader = openReader(store.redis, { tenant })
          for (const [a, b] of windows) {
            const [from, to] = [now - Math.max(a, b), now - Math.min(a, b)].map((second) => Math.floor(second / 10) * 10) as [
              number,
              number,
            ]
            const expected = new Map<string, [calls: number, tokens: number]>()
            for (const { ageSeconds, cell, tokens } of events) {
              const start = Math.floor((now - ageSeconds) / 10) * 10
              if (start < from || start >= to) continue
              const id = CELLS[cell]?.id as string
              const [calls, sum] = expected.get(id) ?? [0, 0]
              expected.set(id, [calls + 1, sum + tokens])
            }
            const sums = await reader.sums(now - Math.max(a, b), now - Math.min(a, b))
            const read = new Map([...sums].map(([id, values]) => [id, [values.get(CODE.callsOk), values.get(CODE.inputTokens)]]))
            expect(read).toEqual(expected)
          }
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('steps', () => {
  test('of any tier, length and choice of cells hold each event of the range once', async () => {
    const choice = fc.option(fc.subarray(CELLS.map(({ id }) => id)), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 60 }),
        fc.constantFrom(...(Object.keys(TIERS) as Tier[])),
        fc.integer({ min: 1, max: 60 }),
        choice,
        async (events, tier, bucketsPerStep, chosen) => {
          const tenant = newTenant()
          const now = Math.floor(Date.now() / 1000)
          const writer = new TestWriter(store.redis, tenant)
          for (const one of events) await writer.apply({ series: rowsOf([one], now) })
          const { seconds } = TIERS[tier]
          const stepSeconds = bucketsPerStep * seconds
          const [from, to] = [now - 20 * 3600, now - 600]
          const expected = new Map<number, [calls: number, tokens: number]>()
          for (const { ageSeconds, cell, tokens } of events) {
            const start = Math.floor((now - ageSeconds) / seconds) * seconds
            if (start < from || start >= to || (chosen && !chosen.includes(CELLS[cell]?.id as string))) continue
            const step = Math.floor(start / stepSeconds) * stepSeconds
            const [calls, sum] = expected.get(step) ?? [0, 0]
            expected.set(step, [calls + 1, sum + tokens])
          }
          const reader = openReader(store.redis, { tenant })
          const steps = await reader.steps(tier, from, to, stepSeconds, chosen && Promise.resolve(new Set(chosen)))
          const read = [...steps].map(([step, sums]) => [step, [sums.get(CODE.callsOk), sums.get(CODE.inputTokens)]])
          expect(read).toEqual([...expected].sort(([one], [other]) => one - other))
        },
      ),
      { numRuns: 25 },
    )
  })
})
