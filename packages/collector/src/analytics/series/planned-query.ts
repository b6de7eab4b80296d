/** What is said about an answer beside its points, and the bounds on what it may cost. */
import { SKETCH_RELATIVE_ERROR } from '@aiwatch/store'
import { invalid } from '../../errors.ts'
import { unitOf } from './aggregations.ts'
import type { Level } from './levels.ts'
import { countSteps, planStretches, type Stretch, type StretchPlan } from './plan-stretches.ts'
import { gridOf, type QueryLimits, type RangeQuery } from './series-query.ts'

export type Labels = Record<string, string>

export interface Partial {
  reason: 'past_retention'
  /** Where what is still kept begins, milliseconds since the epoch. */
  from: number
}

export interface AnswerNotes {
  unit: string
  /** The tier of the longest steps that were read; none for sampled metrics. */
  tier?: string
  /** All that were read, longest first, when there are several. */
  tiers?: string[]
  /** Whether a part of the values is no measurement: tokens that no provider reported, or percentiles of sketches. Absent: not known. */
  estimated?: boolean
  /** Bound on the relative error of a percentile. */
  error_bound?: number
  partial?: Partial
}

/** How much of what was read is estimated. */
export type Estimate = boolean | 'sketch' | undefined

export interface NoteSources {
  query: RangeQuery
  plan: StretchPlan<string>
  /** Unit of the samples. */
  unit: string
  estimate: Estimate
}

export function makeNotes({ query, plan, unit, estimate }: NoteSources): AnswerNotes {
  const { stretches, coarsest, keptFromMs } = plan
  const levels = [...new Set(stretches.map(({ level }) => level))].sort((a, b) => b.stepMs - a.stepMs)
  return {
    unit: unitOf(query.aggregation, unit),
    ...(coarsest.name === undefined ? {} : { tier: coarsest.name }),
    ...(levels.length > 1 ? { tiers: levels.map(({ name }) => String(name)) } : {}),
    ...(estimate === undefined ? {} : { estimated: estimate !== false }),
    ...(estimate === 'sketch' ? { error_bound: SKETCH_RELATIVE_ERROR } : {}),
    ...(keptFromMs === undefined ? {} : { partial: { reason: 'past_retention' as const, from: keptFromMs } }),
  }
}

/** A query that can be asked of Redis: everything that can be said against it without Redis is said. */
export interface PlannedQuery<Answer> {
  /** Stored buckets that it reads, at most. */
  buckets: number
  /** Issues its commands before it returns. */
  read(): Promise<Answer>
}

/** Refuses before anything is read. The bound is on what the range could hold, whatever is in it. */
function assertPoints({ startMs, endMs, aggregation, bucketMs }: RangeQuery, stepMs: number, maxPoints: number): void {
  if (aggregation !== undefined && bucketMs === undefined) return
  const points = Math.floor((endMs - startMs) / (bucketMs ?? stepMs)) + 1
  if (points <= maxPoints) return
  throw bucketMs === undefined
    ? invalid('start_time', `the range could hold ${points} points, at most ${maxPoints} are answered: move start_time, or aggregate`)
    : invalid(
        'bucket_duration',
        `the range holds ${points} buckets, at most ${maxPoints} are answered: raise bucket_duration or move start_time`,
      )
}

/** Refuses before anything is read. An aggregation makes an answer small, not what it is computed from. `taken`: by the queries before. */
export function assertBuckets(buckets: number, taken: number, maxBuckets: number): void {
  if (taken + buckets <= maxBuckets) return
  const others = taken === 0 ? '' : `, the queries before it ${taken}`
  throw invalid(
    'start_time',
    `the range holds ${buckets} stored buckets${others}, at most ${maxBuckets} are read for a request: move start_time`,
  )
}

export interface Kept<Name extends string> {
  /** Finest first. */
  levels: readonly Level<Name>[]
  /** Whether values of several steps add up to that of a longer one. */
  addsUp: boolean
  /** Whether buckets need not be multiples of a step. Default false. */
  anyBucket?: boolean
}

/** What to read for a query. Throws when the range is past retention, or holds too many points; when bucket or tier do not fit. */
export function planRange<Name extends string>(query: RangeQuery, limits: QueryLimits, kept: Kept<Name>): StretchPlan<Name> {
  const { startMs, endMs, tier: forced } = query
  const plan = planStretches({ anyBucket: false, ...kept, startMs, endMs, nowMs: limits.nowMs, grid: gridOf(query), forced })
  assertPoints(query, plan.coarsest.stepMs, limits.maxPoints)
  return plan
}

/** Stored buckets of a plan. */
export function bucketsOf({ stretches }: { stretches: readonly Stretch[] }, { nowMs }: QueryLimits): number {
  return countSteps(stretches, nowMs)
}
