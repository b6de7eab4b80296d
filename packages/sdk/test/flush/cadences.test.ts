import type { ApplyResult } from '@aiwatch/store'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DrainLevel } from '../../src/batch-rows.ts'
import { Flusher } from '../../src/flush/flusher.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

/** How often each level is drained in two minutes of these rates in turn, with a flush interval of a second. */
async function levelsAt(...callsPerInterval: number[]): Promise<Record<DrainLevel, number>> {
  const levels: Record<DrainLevel, number> = { fast: 0, slow: 0, users: 0, all: 0 }
  let interval = 0
  const flusher = new Flusher({
    source: {
      drain: (level) => {
        levels[level]++
        interval++
        return null
      },
      hasRows: true,
      get callsSinceDrain() {
        return callsPerInterval[interval % callsPerInterval.length] as number
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
  await vi.advanceTimersByTimeAsync(120_000)
  const counted = { ...levels }
  await flusher.close(1000)
  expect(levels.all).toBe(counted.all + 1)
  return counted
}

it.each([
  ['low: all but the long sketches each time', [5], { fast: 0, slow: 0, users: 118, all: 2 }],
  // It is known to be high in the third interval.
  ['high: all but the fine rows each 10 s, users and boards each 60 s', [6], { fast: 107, slow: 10, users: 1, all: 2 }],
  ['high from the beginning: all after 10 s', [100], { fast: 108, slow: 10, users: 0, all: 2 }],
  ['high in every third interval', [10_000, 0, 0], { fast: 108, slow: 10, users: 0, all: 2 }],
])('when the rate is %s', async (_, calls, levels) => {
  expect(await levelsAt(...calls)).toEqual(levels)
})
