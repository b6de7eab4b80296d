import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planSum } from '../../src/series/plan-sum.ts'
import { TIERS, type Tier } from '../../src/series-catalogue.ts'

const NOW = 1_800_000_123
const DAY = 86_400
const tiers = Object.keys(TIERS) as Tier[]

/** The time spans of a plan, in order of time. */
function spansOf(plan: Record<Tier, number[]>): [from: number, to: number][] {
  return tiers
    .flatMap((tier) => plan[tier].map((start): [number, number] => [start, start + TIERS[tier].seconds]))
    .sort((a, b) => a[0] - b[0])
}

function bordersThatDiffer(spans: [number, number][]): [number, number][] {
  return spans.filter((span, i) => i > 0 && span[0] !== spans[i - 1]?.[1])
}

const back = fc.oneof(fc.integer({ min: 0, max: 2 * DAY }), fc.integer({ min: 0, max: 9 * DAY }), fc.integer({ min: 0, max: 410 * DAY }))

describe('planSum', () => {
  test('covers a range without a gap and nothing twice, in buckets that are kept', () => {
    fc.assert(
      fc.property(back, back, (a, b) => {
        const [from, to] = [NOW - Math.max(a, b), NOW - Math.min(a, b)]
        const plan = planSum(from, to, NOW)
        const spans = spansOf(plan)
        expect(bordersThatDiffer(spans)).toEqual([])
        const isWrong = (tier: Tier, start: number) =>
          start % TIERS[tier].seconds !== 0 || start <= NOW - TIERS[tier].keepSeconds - 2 * 3600
        expect(tiers.flatMap((tier) => plan[tier].filter((start) => isWrong(tier, start)))).toEqual([])
      }),
    )
  })

  test('gives neighbouring ranges the same border', () => {
    fc.assert(
      fc.property(back, back, back, (...ages) => {
        const [from, middle, to] = ages.sort((a, b) => b - a).map((age) => NOW - age) as [number, number, number]
        const joined = [...spansOf(planSum(from, middle, NOW)), ...spansOf(planSum(middle, to, NOW))]
        expect(bordersThatDiffer(joined)).toEqual([])
        const seconds = (spans: [number, number][]) => spans.reduce((sum, span) => sum + span[1] - span[0], 0)
        expect(seconds(joined)).toBe(seconds(spansOf(planSum(from, to, NOW))))
      }),
    )
  })

  test('rounds both bounds down to 10 s while the 10 s tier is kept', () => {
    const spans = spansOf(planSum(NOW - 7200, NOW, NOW))
    expect(spans[0]?.[0]).toBe(NOW - 7200 - 3)
    expect(spans.at(-1)?.[1]).toBe(NOW - 3)
  })

  test('needs few buckets: a day is hours with minutes and 10 s at its edges', () => {
    const plan = planSum(NOW - DAY + 60, NOW, NOW)
    expect(plan['1h'].length).toBeGreaterThanOrEqual(22)
    expect(plan['1m'].length).toBeLessThanOrEqual(118)
    expect(plan['10s'].length).toBeLessThanOrEqual(20)
  })

  test('takes an hour that ended a moment ago from the finer tiers', () => {
    const hourEnd = Math.floor(NOW / 3600) * 3600
    expect(planSum(hourEnd - 3600, hourEnd, hourEnd + 3)).toMatchObject({ '1h': [], '10s': { length: 6 }, '1m': { length: 59 } })
    expect(planSum(hourEnd - 3600, hourEnd, hourEnd + 30)).toEqual({ '1h': [hourEnd - 3600], '1m': [], '10s': [] })
  })

  test('of an empty or turned range is empty, and a huge one ends at now and at the retention', () => {
    expect(spansOf(planSum(NOW, NOW, NOW))).toEqual([])
    expect(spansOf(planSum(NOW, NOW - 100, NOW))).toEqual([])
    const spans = spansOf(planSum(-1e15, 1e15, NOW))
    expect(spans.length).toBeLessThan(10_000)
    expect(spans.at(-1)?.[1]).toBeLessThanOrEqual(NOW + 60)
  })

  test.each([
    ['from', Number.NaN, 1],
    ['to', 1, Number.POSITIVE_INFINITY],
  ])('names the bound that is not a number: %s', (name, from, to) => {
    expect(() => planSum(from, to, NOW)).toThrow(new RegExp(`^${name} must be a finite number`))
  })
})
