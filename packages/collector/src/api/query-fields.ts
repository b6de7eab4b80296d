/** The fields that all questions about time series have, and the sentence that a caller gets for each that is wrong. */
import { z } from 'zod'
import { AGGREGATIONS, isPercentile, MIN_PERCENTILE_BUCKET_MS } from '../analytics/series/aggregations.ts'
import type { Stamp } from '../analytics/series/bucket-grid.ts'
import { LEVEL_NAMES } from '../analytics/series/levels.ts'
import type { RangeQuery } from '../analytics/series/series-query.ts'
import { describeTimeFault, parseDuration, parseTime } from './parse-time.ts'

/** Absent and null mean the same. */
export const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)
export const oneOf = <const Names extends readonly string[]>(names: Names) => z.enum(names, { error: `must be one of ${names.join(', ')}` })

const time = (nowMs: number) =>
  z.unknown().transform((value, context) => {
    const milliseconds = value === undefined ? undefined : parseTime(value, nowMs)
    if (milliseconds !== undefined) return milliseconds
    context.addIssue({ code: 'custom', message: describeTimeFault(value) })
    return z.NEVER
  })

const bucketDuration = z.unknown().transform((value, context) => {
  if (value === undefined || value === null) return undefined
  const milliseconds = parseDuration(value)
  if (milliseconds !== undefined && Number.isSafeInteger(milliseconds) && milliseconds > 0) return milliseconds
  context.addIssue({ code: 'custom', message: 'must be a whole number of milliseconds above 0, or a duration such as "30s", "5m" or "1h"' })
  return z.NEVER
})

const ALIGNMENTS: Record<string, RangeQuery['align']> = { epoch: 0, start: 'start', '-': 'start', end: 'end', '+': 'end' }

/** A time is given as the ends of the range are: numbers below 10^11 are seconds. */
const alignment = (nowMs: number) =>
  z.unknown().transform((value, context) => {
    if (value === undefined || value === null) return undefined
    const named = typeof value === 'string' && Object.hasOwn(ALIGNMENTS, value) ? ALIGNMENTS[value] : undefined
    const aligned = named ?? parseTime(value, nowMs)
    if (typeof aligned === 'string' || (aligned !== undefined && aligned >= 0)) return aligned
    context.addIssue({ code: 'custom', message: `must be ${Object.keys(ALIGNMENTS).join(', ')}, or a time` })
    return z.NEVER
  })

const STAMP_NAMES = { start: 'start', '-': 'start', mid: 'mid', '~': 'mid', end: 'end', '+': 'end' } as const satisfies Record<
  string,
  Stamp
>
const stampNames = Object.keys(STAMP_NAMES) as (keyof typeof STAMP_NAMES)[]

export const rangeFields = (nowMs: number) => ({
  start_time: time(nowMs),
  end_time: time(nowMs),
  aggregation: optional(oneOf(AGGREGATIONS)),
  bucket_duration: bucketDuration,
  align: alignment(nowMs),
  empty: optional(z.boolean({ error: 'must be true or false' })),
  bucket_timestamp: optional(oneOf(stampNames)),
  tier: optional(oneOf(LEVEL_NAMES)),
})

export type RangeFields = z.output<z.ZodObject<ReturnType<typeof rangeFields>>>
type Fault = [field: keyof RangeFields, message: string]

/** What no field says alone. */
function faultOf(fields: RangeFields): Fault | undefined {
  const { start_time, end_time, aggregation, bucket_duration, align, empty, bucket_timestamp } = fields
  if (start_time > end_time) return ['start_time', 'must not be after end_time']
  if (bucket_duration !== undefined && aggregation === undefined) {
    return ['aggregation', `is missing: bucket_duration needs one of ${AGGREGATIONS.join(', ')}`]
  }
  const ofBuckets = Object.entries({ align, empty, bucket_timestamp }).find(([, value]) => value !== undefined)
  if (ofBuckets && bucket_duration === undefined)
    return [ofBuckets[0] as keyof RangeFields, 'says how buckets are made: it needs bucket_duration']
  const bucketMs = bucket_duration ?? end_time - start_time
  if (isPercentile(aggregation) && bucketMs < MIN_PERCENTILE_BUCKET_MS) {
    const field = bucket_duration === undefined ? 'start_time' : 'bucket_duration'
    return [field, `gives a bucket of ${bucketMs} ms: percentiles are made of at least ${MIN_PERCENTILE_BUCKET_MS} ms`]
  }
  if (aggregation === 'rate' && bucketMs === 0) return ['start_time', 'must be before end_time: a rate is a sum divided by seconds']
  return undefined
}

export function checkRange(fields: RangeFields, context: z.RefinementCtx): void {
  const fault = faultOf(fields)
  if (fault) context.addIssue({ code: 'custom', path: [fault[0]], message: fault[1] })
}

export function toRange(fields: RangeFields): RangeQuery {
  return {
    startMs: fields.start_time,
    endMs: fields.end_time,
    aggregation: fields.aggregation,
    bucketMs: fields.bucket_duration,
    align: fields.align ?? 0,
    empty: fields.empty ?? false,
    stamp: STAMP_NAMES[fields.bucket_timestamp ?? 'start'],
    tier: fields.tier,
  }
}
