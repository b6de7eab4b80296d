import { SETTLE_SECONDS, TIERS, type Tier } from '../series-catalogue.ts'
import { assertBounds } from './bucket-range.ts'

/** Starts of the buckets to add up, by tier. They do not overlap. */
export type SumPlan = Record<Tier, number[]>

const FINEST_FIRST: readonly Tier[] = ['10s', '1m', '1h']
const COARSEST_FIRST: readonly Tier[] = ['1h', '1m', '10s']
const FUTURE_ALLOWANCE_SECONDS = 60

/** Length of the finest buckets still kept at this time. */
function finestKept(at: number, now: number): number {
  const tier = FINEST_FIRST.find((name) => at >= now - TIERS[name].keepSeconds) ?? '1h'
  return TIERS[tier].seconds
}

const roundDown = (value: number, unit: number) => Math.floor(value / unit) * unit

/**
 * Which buckets make up [from, to): hours where whole ones lie inside, minutes and 10 s at the edges. Each bound is rounded down to the
 * finest buckets still kept there, so that neighbouring ranges neither overlap nor leave a gap. All in seconds since the epoch.
 */
export function planSum(from: number, to: number, now: number): SumPlan {
  assertBounds(from, to)
  const plan: SumPlan = { '10s': [], '1m': [], '1h': [] }
  const oldest = now - TIERS['1h'].keepSeconds - TIERS['1h'].seconds
  const begin = Math.max(from, oldest)
  const end = Math.min(to, now + FUTURE_ALLOWANCE_SECONDS)
  const stop = roundDown(end, finestKept(end, now))
  let at = roundDown(begin, finestKept(begin, now))
  while (at < stop) {
    const tier = COARSEST_FIRST.find((name) => fits(name, at, stop, now)) ?? '10s'
    plan[tier].push(at)
    at += TIERS[tier].seconds
  }
  return plan
}

function fits(tier: Tier, at: number, stop: number, now: number): boolean {
  const { seconds } = TIERS[tier]
  if (at % seconds !== 0 || at + seconds > stop) return false
  // Until minutes and hours have arrived the 10 s tier knows more.
  return tier === '10s' || at + seconds + SETTLE_SECONDS <= now
}
