/** Where the time of calls went, as far as providers say. */
import { CODE, type Sums } from '@aiwatch/store'
import type { Model } from '../../contract/index.ts'
import { countCalls } from '../sums.ts'

export type Breakdown = Model['time_per_call']

/** Means per call in seconds. What no provider of these calls told is null; what is left of the duration is `other_seconds`. */
export function breakDown(sums: Sums): Breakdown {
  const calls = countCalls(sums)
  const mean = (code: number) => {
    const milliseconds = sums.get(code)
    return milliseconds === undefined || calls === 0 ? null : milliseconds / 1000 / calls
  }
  const [queue, prefill, decode, whole] = [CODE.queueMs, CODE.prefillMs, CODE.decodeMs, CODE.durationMs].map(mean)
  const told = (queue ?? 0) + (prefill ?? 0) + (decode ?? 0)
  return {
    queue_seconds: queue ?? null,
    prefill_seconds: prefill ?? null,
    decode_seconds: decode ?? null,
    other_seconds: whole === null || whole === undefined ? null : Math.max(0, whole - told),
  }
}
