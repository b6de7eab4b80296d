import { describe, expect, it } from 'vitest'
import type { BucketGrid } from '../../src/analytics/series/bucket-grid.ts'
import { CELL_SKETCH_LEVELS, TIER_LEVELS } from '../../src/analytics/series/levels.ts'
import { countSteps, planStretches, type Stretch, type StretchQuestion } from '../../src/analytics/series/plan-stretches.ts'
import { randomChoices } from './random-choices.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Not at the start of anything. */
const NOW = Date.parse('2026-03-04T05:16:37.123Z')

const every = (lengthMs: number, alignMs = 0): BucketGrid => ({ lengthMs, alignMs, stamp: 'start' })

const question = (more: Partial<StretchQuestion<string>>): StretchQuestion<string> => ({
  levels: TIER_LEVELS,
  startMs: NOW - HOUR,
  endMs: NOW,
  nowMs: NOW,
  grid: undefined,
  anyBucket: false,
  addsUp: false,
  forced: undefined,
  ...more,
})
const plan = (more: Partial<StretchQuestion<string>>) => planStretches(question(more))
const tiers = (more: Partial<StretchQuestion<string>>) => plan(more).stretches.map(({ level }) => level.name)

/** Starts of the finest steps that a stretch stands for. */
function* stepsOf(stretches: readonly Stretch[], finestMs: number): Generator<number> {
  for (const { level, fromMs, toMs } of stretches) {
    const first = Math.ceil(fromMs / level.stepMs) * level.stepMs
    for (let at = first; at < toMs; at += level.stepMs) for (let step = at; step < at + level.stepMs; step += finestMs) yield step
  }
}

describe('planStretches', () => {
  it('reads what does not add up in the finest steps that hold the start', () => {
    expect(tiers({ startMs: NOW - DAY })).toEqual(['10s'])
    expect(tiers({ startMs: NOW - DAY - 59 * SECOND })).toEqual(['10s'])
    expect(tiers({ startMs: NOW - DAY - 61 * SECOND })).toEqual(['1m'])
    expect(tiers({ startMs: NOW - 7 * DAY })).toEqual(['1m'])
    expect(tiers({ startMs: NOW - 7 * DAY - 2 * MINUTE })).toEqual(['1h'])
  })

  it('says where what is kept begins when the range begins before it, and refuses a range that ends before it', () => {
    const oldest = NOW - 400 * DAY - MINUTE
    const { keptFromMs, stretches } = plan({ startMs: 0 })
    expect(keptFromMs).toBe(Math.ceil(oldest / HOUR) * HOUR)
    expect(stretches).toMatchObject([{ fromMs: keptFromMs, toMs: NOW + 1 }])
    expect(plan({ startMs: oldest }).keptFromMs).toBeUndefined()
    expect(() => plan({ startMs: 0, endMs: oldest - 1 })).toThrow(/past retention: nothing is kept from before 2025-01-28T05:15:37.123Z/)
    expect(plan({ startMs: 0, endMs: oldest + HOUR }).stretches).toHaveLength(1)
  })

  it('covers with the longest steps exactly what the finest cover, and nothing twice', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const { whole, oneOf, chance } = randomChoices(seed)
      const startMs = NOW - whole(0, DAY)
      const endMs = Math.min(NOW, startMs + whole(0, DAY))
      const lengthMs = oneOf([10 * SECOND, 30 * SECOND, MINUTE, 90 * SECOND, 5 * MINUTE, HOUR, 2 * HOUR, DAY])
      const grid = chance(0.2) ? undefined : every(lengthMs, oneOf([0, startMs, endMs, 10 * SECOND, 7 * MINUTE, HOUR]))
      const asked = { startMs, endMs, grid }
      const finest = [...stepsOf(plan(asked).stretches, 10 * SECOND)]
      const added = plan({ ...asked, addsUp: true }).stretches
      expect([...stepsOf(added, 10 * SECOND)], `seed ${seed}`).toEqual(finest)
      expect(countSteps(added, NOW)).toBeLessThanOrEqual(countSteps(plan(asked).stretches, NOW))
    }
  })

  it('keeps every step within one bucket', () => {
    for (const alignMs of [0, 10 * SECOND, 7 * MINUTE, 7 * MINUTE + 10 * SECOND, 123]) {
      const grid = every(HOUR, alignMs)
      for (const { level, fromMs, toMs } of plan({ startMs: NOW - 9 * HOUR, grid, addsUp: true }).stretches) {
        const buckets = (at: number) => Math.floor((at - alignMs) / HOUR)
        if (level.stepMs === 10 * SECOND) continue
        for (let at = fromMs; at < toMs; at += level.stepMs) expect(buckets(at)).toBe(buckets(at + level.stepMs - 1))
      }
    }
    expect(tiers({ startMs: NOW - 9 * HOUR, grid: every(HOUR, 123), addsUp: true })).toEqual(['10s'])
  })

  it('reads minutes and hours only when all of them has arrived', () => {
    const ended = Date.parse('2026-03-04T05:00:00Z')
    const hours = (nowMs: number) =>
      plan({ startMs: ended - 3 * HOUR, endMs: nowMs, nowMs, addsUp: true }).stretches.filter(({ level }) => level.name === '1h')
    expect(hours(ended + 15 * SECOND)).toMatchObject([{ toMs: ended - HOUR }])
    expect(hours(ended + 16 * SECOND)).toMatchObject([{ toMs: ended }])
  })

  it('mixes levels of sketches in the same way', () => {
    const { stretches } = plan({ levels: CELL_SKETCH_LEVELS, startMs: NOW - 3 * DAY, addsUp: true })
    expect(stretches.map(({ level }) => level.name)).toEqual(['1h', '1d', '1h', '1m'])
    expect(tiers({ levels: CELL_SKETCH_LEVELS, startMs: NOW - 5 * HOUR, addsUp: true, grid: every(5 * MINUTE) })).toEqual(['1m'])
  })

  it('refuses a bucket that is no multiple of the steps at the start, and takes any for samples', () => {
    expect(() => plan({ grid: every(15 * SECOND) })).toThrow(/multiple of 10000 ms/)
    expect(() => plan({ startMs: NOW - 2 * DAY, grid: every(30 * SECOND), addsUp: true })).toThrow(/multiple of 60000 ms/)
    expect(plan({ grid: every(15 * SECOND), anyBucket: true }).stretches).toHaveLength(1)
  })

  it('takes a forced tier alone, or says why it cannot serve', () => {
    expect(tiers({ forced: '1h', addsUp: true })).toEqual(['1h'])
    expect(tiers({ forced: '10s', addsUp: true, grid: every(HOUR) })).toEqual(['10s'])
    expect(() => plan({ forced: '10s', startMs: NOW - 2 * DAY })).toThrow(/10s is kept for 24 hours: the range begins 2026-03-02/)
    expect(() => plan({ forced: '1d' })).toThrow(/kept in tiers 10s, 1m, 1h, not 1d/)
    expect(() => plan({ forced: '1h', grid: every(MINUTE) })).toThrow(/the tier asked for is kept in steps of 1h/)
  })

  it('asks for nothing in the future', () => {
    const { stretches } = plan({ startMs: NOW + HOUR, endMs: NOW + DAY })
    expect(stretches).toEqual([])
    expect(plan({ endMs: NOW + 1000 * DAY, addsUp: true }).stretches.at(-1)?.toMs).toBeLessThanOrEqual(NOW + 70 * SECOND)
  })
})
