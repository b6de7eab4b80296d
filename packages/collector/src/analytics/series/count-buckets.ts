import type { Range } from './series-source.ts'

export interface KeptSteps {
  stepMs: number
  /** How far back buckets are kept. */
  keepMs: number
  nowMs: number
}

/** How many buckets of a range can exist: those kept, and not in the future. This is what reading it costs, whatever is in them. */
export function countBuckets({ startMs, endMs }: Range, { stepMs, keepMs, nowMs }: KeptSteps): number {
  const fromMs = Math.max(startMs, nowMs - keepMs)
  const toMs = Math.min(endMs, nowMs)
  return fromMs > toMs ? 0 : Math.floor((toMs - fromMs) / stepMs) + 1
}
