import type { ApplyResult } from '@aiwatch/store'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DrainLevel } from '../../src/batch-rows.ts'
import { Flusher } from '../../src/flush/flusher.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

interface Rates {
  /** Calls per interval of a second, in turn. */
  calls: number[]
  /** Default: two minutes. */
  seconds?: number
  isCrowded?: boolean
}

/** How often each level is drained in that time. */
async function levelsAt({ calls, seconds = 120, isCrowded = false }: Rates): Promise<Record<DrainLevel, number>> {
  const levels: Record<DrainLevel, number> = { fast: 0, slow: 0, users: 0, sketches: 0, all: 0 }
  let interval = 0
  const flusher = new Flusher({
    source: {
      drain: (level) => {
        levels[level]++
        interval++
        return null
      },
      hasRows: true,
      isCrowded,
      get callsSinceDrain() {
        return calls[interval % calls.length] as number
      },
      noteResent: () => {},
      noteDropped: () => {},
    },
    transport: {
      target: 'nowhere',
      split: (contents) => [contents],
      apply: () => Promise.reject<ApplyResult>(new Error('nothing is to be sent')),
      isHopeless: () => false,
      reset: () => {},
      close: () => {},
    },
    tenant: 'default',
    intervalMs: 1000,
    settle: () => Promise.resolve(),
    heldCalls: () => 0,
    report: () => {},
  })
  flusher.noteRecorded()
  await vi.advanceTimersByTimeAsync(seconds * 1000)
  const counted = { ...levels }
  await flusher.close(1000)
  expect(levels.all).toBe(counted.all + 1)
  return counted
}

it.each<[string, Rates, Partial<Record<DrainLevel, number>>]>([
  ['low: all but the long sketches each time', { calls: [5] }, { users: 118, all: 2 }],
  ['high: all but the fine rows each 10 s', { calls: [6] }, { fast: 106, users: 12, all: 2 }],
  ['high, at its upper end', { calls: [100] }, { fast: 108, users: 10, all: 2 }],
  ['very high: users and boards each 60 s', { calls: [101] }, { fast: 108, slow: 10, all: 2 }],
  ['very high, at its upper end', { calls: [500] }, { fast: 108, slow: 10, all: 2 }],
  ['very high in every third interval', { calls: [850, 0, 0] }, { fast: 108, slow: 10, all: 2 }],
  ['extreme: users after a minute, then each 5 min', { calls: [501], seconds: 660 }, { fast: 594, slow: 55, sketches: 8, all: 3 }],
  ['extreme, and memory short: users with all that goes each 10 s', { calls: [501], isCrowded: true }, { fast: 108, users: 10, all: 2 }],
])('when the rate is %s', async (_, rates, levels) => {
  expect(await levelsAt(rates)).toEqual({ fast: 0, slow: 0, users: 0, sketches: 0, all: 0, ...levels })
})
