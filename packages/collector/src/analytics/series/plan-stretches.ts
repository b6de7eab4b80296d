/**
 * In which stored steps a range is read. What adds up is read in the coarsest steps that fit, with finer ones at the edges, so that the
 * answer is that of the finest steps at a fraction of the reads. Everything else depends on the length of a sample and is read in one length:
 * the finest that still holds the start of the range.
 */
import { invalid } from '../../errors.ts'
import type { BucketGrid } from './bucket-grid.ts'
import type { Level } from './levels.ts'

/** Steps of one level whose starts lie in [fromMs, toMs). */
export interface Stretch<Name extends string = string> {
  level: Level<Name>
  fromMs: number
  toMs: number
}

export interface StretchQuestion<Name extends string> {
  /** Finest first. */
  levels: readonly Level<Name>[]
  startMs: number
  /** Inclusive, as in TS.RANGE. */
  endMs: number
  nowMs: number
  grid: BucketGrid | undefined
  /** Whether buckets need not be multiples of a step. */
  anyBucket: boolean
  /** Whether values of several steps add up to that of a longer one. */
  addsUp: boolean
  /** Only this level. */
  forced: string | undefined
}

export interface StretchPlan<Name extends string> {
  /** In order of time; they do not overlap. */
  stretches: Stretch<Name>[]
  /** The level of the longest steps read. */
  coarsest: Level<Name>
  /** Where the first step that is still kept may begin, when the range begins before it. */
  keptFromMs: number | undefined
}

/** A range that starts "24 h ago" by the caller's clock is a moment older when it arrives. The store keeps an hour more than it promises. */
const TOLERANCE_MS = 60_000
/** No stored value is later than the server's clock; this much is left for clocks that differ. */
const FUTURE_MS = 60_000

const roundUp = (value: number, unit: number) => Math.ceil(value / unit) * unit
const oldestKept = (level: Level, nowMs: number) => nowMs - level.keepMs - TOLERANCE_MS
const daysOrHours = (ms: number) => (ms > 48 * 3_600_000 ? `${ms / 86_400_000} days` : `${ms / 3_600_000} hours`)

function findForced<Name extends string>({ levels, forced, startMs, nowMs }: StretchQuestion<Name>): Level<Name> | undefined {
  if (forced === undefined) return undefined
  const level = levels.find(({ name }) => name === forced)
  if (!level) {
    const names = levels.flatMap(({ name }) => name ?? [])
    throw invalid('tier', names.length === 0 ? 'sampled metrics have no tiers' : `this is kept in tiers ${names.join(', ')}, not ${forced}`)
  }
  if (startMs >= oldestKept(level, nowMs)) return level
  throw invalid('tier', `${forced} is kept for ${daysOrHours(level.keepMs)}: the range begins ${new Date(startMs).toISOString()}`)
}

/** The finest level that holds the start; the coarsest for all that is older. */
function finestKept<Name extends string>(levels: readonly Level<Name>[], atMs: number, nowMs: number): Level<Name> {
  return levels.find((level) => atMs >= oldestKept(level, nowMs)) ?? (levels.at(-1) as Level<Name>)
}

function assertBucket<Name extends string>(base: Level<Name>, { grid, anyBucket, forced }: StretchQuestion<Name>): void {
  if (anyBucket || !grid || grid.lengthMs % base.stepMs === 0) return
  const why = forced === undefined ? 'a range that starts so far back is kept' : 'the tier asked for is kept'
  throw invalid('bucket_duration', `must be a multiple of ${base.stepMs} ms: ${why} in steps of ${base.name}, got ${grid.lengthMs} ms`)
}

/** Levels whose steps lie in one bucket each. */
function fittingLevels<Name extends string>({ levels, grid }: StretchQuestion<Name>): readonly Level<Name>[] {
  if (!grid) return levels
  return levels.filter(({ stepMs }) => grid.lengthMs % stepMs === 0 && grid.alignMs % stepMs === 0)
}

function addStep<Name extends string>(stretches: Stretch<Name>[], level: Level<Name>, atMs: number): void {
  const last = stretches.at(-1)
  if (last?.level === level && last.toMs === atMs) last.toMs = atMs + level.stepMs
  else stretches.push({ level, fromMs: atMs, toMs: atMs + level.stepMs })
}

/** `levels` finest first. */
function coverRange<Name extends string>(levels: readonly Level<Name>[], fromMs: number, endMs: number, nowMs: number): Stretch<Name>[] {
  const coarsestFirst = [...levels].reverse()
  const stretches: Stretch<Name>[] = []
  let atMs = fromMs
  while (atMs <= endMs) {
    const finest = finestKept(levels, atMs, nowMs)
    atMs = roundUp(atMs, finest.stepMs)
    if (atMs > endMs) break
    // The last of the finest steps inside begins at the end of the range at the latest.
    const isWhole = ({ stepMs, settleMs }: Level) =>
      atMs % stepMs === 0 && atMs + stepMs - finest.stepMs <= endMs && atMs + stepMs + settleMs <= nowMs
    const level = coarsestFirst.find((candidate) => candidate.stepMs > finest.stepMs && isWhole(candidate)) ?? finest
    addStep(stretches, level, atMs)
    atMs += level.stepMs
  }
  return stretches
}

/** Throws an `invalid` error when the range is past retention, the bucket does not fit, or the forced tier cannot serve. */
export function planStretches<Name extends string>(question: StretchQuestion<Name>): StretchPlan<Name> {
  const { levels, startMs, nowMs } = question
  const base = findForced(question) ?? finestKept(levels, startMs, nowMs)
  assertBucket(base, question)
  const oldestMs = oldestKept(base, nowMs)
  if (question.endMs < oldestMs) {
    throw invalid('start_time', `the range is past retention: nothing is kept from before ${new Date(oldestMs).toISOString()}`)
  }
  const keptFromMs = startMs < oldestMs ? roundUp(oldestMs, base.stepMs) : undefined
  const fromMs = keptFromMs ?? startMs
  const endMs = Math.min(question.endMs, nowMs + FUTURE_MS)
  const fitting = question.addsUp && question.forced === undefined ? fittingLevels(question) : []
  if (fitting.includes(base)) {
    const stretches = coverRange(fitting, fromMs, endMs, nowMs)
    const coarsest = stretches.reduce((found, { level }) => (level.stepMs > found.stepMs ? level : found), stretches[0]?.level ?? base)
    return { stretches, coarsest, keptFromMs }
  }
  // Starts are asked in [from, to), and the end of the range is inclusive.
  const stretches = fromMs > endMs ? [] : [{ level: base, fromMs, toMs: endMs + 1 }]
  return { stretches, coarsest: base, keptFromMs }
}

/** How many stored steps the stretches hold, at most: what reading them costs, whatever is in them. */
export function countSteps(stretches: readonly Stretch[], nowMs: number): number {
  let steps = 0
  for (const { level, fromMs, toMs } of stretches) {
    const endMs = Math.min(toMs - 1, nowMs)
    if (endMs >= fromMs) steps += Math.floor((endMs - fromMs) / level.stepMs) + 1
  }
  return steps
}
