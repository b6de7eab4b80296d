/** In which buckets a window is read. */
import { SKETCH_LEVELS, type SketchLevel, TIERS, type Tier } from '@aiwatch/store'

export interface WindowMs {
  fromMs: number
  /** Exclusive. */
  toMs: number
}

export interface WindowPlan {
  /** Bounds rounded outwards to whole buckets of `tier`, in seconds since the epoch. */
  from: number
  to: number
  tier: Tier
  /** Length of a bucket of the course, a multiple of the tier's. */
  stepSeconds: number
  level: Exclude<SketchLevel, '10s'>
  latencyStepSeconds: number
  /** From this second on sketches are read by the minute: what is left after the last whole hour, while minutes are kept. */
  minutesFrom: number
  /** Before this second nothing is kept any more; undefined when the window lies after it. */
  pastRetentionBefore: number | undefined
}

const STEPS_SECONDS = [10, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 21_600, 86_400, 604_800] as const
/** More buckets than this a chart does not show. */
const MAX_POINTS = 200
/** Up to here the course is made of the finest buckets: coarser ones are written up to 10 s later, and nobody waits for a live chart. */
const LIVE_SECONDS = 3 * 3600
const TIERS_COARSEST_FIRST: readonly Tier[] = ['1h', '1m', '10s']
const LEVELS: readonly Exclude<SketchLevel, '10s'>[] = ['1m', '1h', '1d']
/** A window that begins "24 h ago" by the caller's clock is a moment older when it arrives; the store keeps an hour more. */
const TOLERANCE_SECONDS = 60

const isKept = (keepSeconds: number, from: number, now: number) => from >= now - keepSeconds - TOLERANCE_SECONDS
/** The greatest multiple of `unit` up to `value`. */
export const roundDown = (value: number, unit: number) => Math.floor(value / unit) * unit
const roundUp = (value: number, unit: number) => Math.ceil(value / unit) * unit

function tierFor(step: number, from: number, seconds: number, now: number): Tier | undefined {
  const live = seconds <= LIVE_SECONDS && isKept(TIERS['10s'].keepSeconds, from, now)
  if (live) return '10s'
  return TIERS_COARSEST_FIRST.find((tier) => step % TIERS[tier].seconds === 0 && isKept(TIERS[tier].keepSeconds, from, now))
}

export function planWindow({ fromMs, toMs }: WindowMs, nowMs: number): WindowPlan {
  const now = nowMs / 1000
  const oldest = now - TIERS['1h'].keepSeconds
  const asked = { from: fromMs / 1000, to: Math.min(toMs / 1000, now + 10) }
  const begin = Math.max(asked.from, oldest)
  const seconds = Math.max(asked.to - begin, 1)
  const step = STEPS_SECONDS.find((candidate) => seconds / candidate <= MAX_POINTS && tierFor(candidate, begin, seconds, now)) ?? 604_800
  const tier = tierFor(step, begin, seconds, now) ?? '1h'
  const level = LEVELS.find((name) => isKept(SKETCH_LEVELS[name].keepSeconds, begin, now)) ?? '1d'
  const unit = TIERS[tier].seconds
  const to = Math.max(roundUp(asked.to, unit), roundDown(begin, unit) + unit)
  const lastHour = roundDown(to, SKETCH_LEVELS['1h'].seconds)
  return {
    from: roundDown(begin, unit),
    to,
    tier,
    stepSeconds: step,
    level,
    latencyStepSeconds: Math.max(step, SKETCH_LEVELS[level].seconds),
    minutesFrom: isKept(SKETCH_LEVELS['1m'].keepSeconds, lastHour, now) ? lastHour : to,
    pastRetentionBefore: asked.from < oldest - TOLERANCE_SECONDS ? oldest : undefined,
  }
}

/** The window of the same length before; undefined when it is not kept. */
export function planBefore(plan: WindowPlan, nowMs: number): WindowPlan | undefined {
  const length = plan.to - plan.from
  const before = planWindow({ fromMs: (plan.from - length) * 1000, toMs: plan.from * 1000 }, nowMs)
  return before.pastRetentionBefore === undefined ? before : undefined
}
