/** Hands out planned requests when their time has come. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlannedRequest } from './planned-request.ts'

export interface PaceOptions {
  /** Ends the sequence. */
  signal?: AbortSignal
  /** Hours pass so many times faster. Default 1. */
  speed?: number
  /** What is planned within this time of the first request comes at once. Default 0. */
  headStartMs?: number
}

/** Follows the clock from the first request on: a consumer that is late gets the next ones at once. Ends when `signal` is aborted. */
export async function* paceCrowd(plan: Iterable<PlannedRequest>, options: PaceOptions = {}): AsyncGenerator<PlannedRequest> {
  const { signal, speed = 1, headStartMs = 0 } = options
  let startedAt: number | undefined
  let firstAtMs = 0
  for (const planned of plan) {
    if (startedAt === undefined) {
      startedAt = performance.now()
      firstAtMs = planned.atMs
    }
    const waitMs = startedAt + (planned.atMs - firstAtMs - headStartMs) / speed - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {})
    if (signal?.aborted) return
    yield planned
  }
}
