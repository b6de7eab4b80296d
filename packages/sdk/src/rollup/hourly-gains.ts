/** What a member of the leaderboards gained per hour: tokens, calls, cost. */
import { bucketStart, type Call } from '@aiwatch/store'

export interface HourlyGain {
  /** Start of the hour in seconds since the epoch. */
  start: number
  tokens: number
  calls: number
  costNanoUsd: number
}

function gainOf(start: number, call: Call): HourlyGain {
  return { start, tokens: call.usage.inputTokens + call.usage.outputTokens, calls: 1, costNanoUsd: call.costNanoUsd ?? 0 }
}

/** Adds a call to its hour; `undefined` when there is none yet. Nearly always there is one hour, the last. */
export function addGain(gains: HourlyGain[] | undefined, call: Call, endedMs: number): HourlyGain[] {
  const start = bucketStart(endedMs, 3600)
  // A literal takes its own size; an empty array that is pushed to takes room for seventeen.
  if (!gains) return [gainOf(start, call)]
  const last = gains.at(-1)
  const gain = last?.start === start ? last : gains.find((each) => each.start === start)
  if (!gain) {
    gains.push(gainOf(start, call))
    return gains
  }
  gain.tokens += call.usage.inputTokens + call.usage.outputTokens
  gain.calls++
  gain.costNanoUsd += call.costNanoUsd ?? 0
  return gains
}

export function mergeGains(into: HourlyGain[], from: readonly HourlyGain[]): void {
  for (const gain of from) {
    const existing = into.find((each) => each.start === gain.start)
    if (!existing) {
      into.push({ ...gain })
      continue
    }
    existing.tokens += gain.tokens
    existing.calls += gain.calls
    existing.costNanoUsd += gain.costNanoUsd
  }
}
