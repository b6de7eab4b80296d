/** What callers may ask of the time series, and the sentence they get when they ask otherwise. */
import { z } from 'zod'
import { AGGREGATIONS } from '../analytics/series/aggregate-samples.ts'
import type { SeriesQuery } from '../analytics/series/query-series.ts'
import { invalid, type QuestionError, shorten } from '../errors.ts'
import { describeTimeFault, parseDuration, parseTime } from './parse-time.ts'

/** Longest key: five parts of 128 bytes, each of which may be percent-encoded. */
const MAX_KEY_CHARACTERS = 2048

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

const keySchema = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a string') })
  .min(1, 'must not be empty')
  .max(MAX_KEY_CHARACTERS, `must be at most ${MAX_KEY_CHARACTERS} characters long`)

const querySchema = (nowMs: number) =>
  z
    .object(
      {
        key: keySchema,
        start_time: time(nowMs),
        end_time: time(nowMs),
        aggregation: z
          .enum(AGGREGATIONS, { error: `must be one of ${AGGREGATIONS.join(', ')}` })
          .nullish()
          .transform((name) => name ?? undefined),
        bucket_duration: bucketDuration,
      },
      { error: 'must be a JSON object with key, start_time and end_time' },
    )
    .superRefine((query, context) => {
      if (query.start_time > query.end_time)
        context.addIssue({ code: 'custom', path: ['start_time'], message: 'must not be after end_time' })
      if (query.bucket_duration !== undefined && query.aggregation === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['aggregation'],
          message: `is missing: bucket_duration needs one of ${AGGREGATIONS.join(', ')}`,
        })
      }
    })

function toQuestionError(error: z.ZodError, input: unknown): QuestionError {
  const issue = error.issues[0]
  const field = issue?.path.join('.') ?? ''
  const given = input && typeof input === 'object' ? (input as Record<string, unknown>)[field] : input
  const got = given === undefined ? '' : `, got ${shorten(JSON.stringify(given) ?? String(given), 80)}`
  return invalid(field || 'body', `${field || 'the body'} ${issue?.message ?? 'is not valid'}${got}`)
}

/** All fields of a query, absent ones as undefined: each has a check of its own that says what is missing. */
function withAllFields(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const absent = { key: undefined, start_time: undefined, end_time: undefined, aggregation: undefined, bucket_duration: undefined }
  return { ...absent, ...body }
}

/** A question from a JSON body; throws an `invalid` error that names the field. */
export function parseQuery(body: unknown, nowMs: number): SeriesQuery {
  const result = querySchema(nowMs).safeParse(withAllFields(body))
  if (!result.success) throw toQuestionError(result.error, body)
  const { key, start_time, end_time, aggregation, bucket_duration } = result.data
  return { key, startMs: start_time, endMs: end_time, aggregation, bucketMs: bucket_duration }
}

/** The `key` of a query string. */
export function parseKey(value: unknown): string {
  const result = keySchema.safeParse(value)
  if (!result.success) throw invalid('key', `key ${result.error.issues[0]?.message}`)
  return result.data
}

export interface MultiQueryEntry {
  key: string
  /** The entry's own error is part of the answer; it does not fail the others. */
  query: SeriesQuery | QuestionError
}

/** The entries of a multi-query. Throws when the list itself, or an entry's key, cannot be used. */
export function parseMultiQuery(body: unknown, maxQueries: number, nowMs: number): MultiQueryEntry[] {
  if (!Array.isArray(body)) throw invalid('body', 'the body must be a JSON list of queries')
  if (body.length > maxQueries) throw invalid('body', `the body must hold at most ${maxQueries} queries, got ${body.length}`)
  const keys = new Set<string>()
  return body.map((entry: unknown, index) => {
    const given = keySchema.safeParse((entry as { key?: unknown } | null)?.key)
    if (!given.success) throw invalid(`[${index}].key`, `[${index}].key ${given.error.issues[0]?.message}`)
    const key = given.data
    // The answer is a map by key, which has room for one answer each.
    if (keys.has(key)) throw invalid(`[${index}].key`, `[${index}].key ${JSON.stringify(shorten(key))} is asked twice`)
    keys.add(key)
    try {
      return { key, query: parseQuery(entry, nowMs) }
    } catch (error) {
      return { key, query: error as QuestionError }
    }
  })
}
