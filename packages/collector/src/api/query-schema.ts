/** What callers may ask of the time series, and the sentence they get when they ask otherwise. */
import { z } from 'zod'
import { REDUCERS } from '../analytics/series/aggregations.ts'
import { type KeyQuery, type LabelQuery, RANKINGS, type SeriesQuery } from '../analytics/series/series-query.ts'
import { invalid, QuestionError, shorten } from '../errors.ts'
import { filterSchema } from './parse-filter.ts'
import { checkRange, oneOf, optional, rangeFields, toRange } from './query-fields.ts'

/** Longest key: five parts of 128 bytes, each of which may be percent-encoded. */
const MAX_KEY_CHARACTERS = 2048
/** Series in the answer to a question by labels. */
const DEFAULT_SERIES = 100
const MAX_SERIES = 1000

const text = (maxCharacters: number) =>
  z
    .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a string') })
    .min(1, 'must not be empty')
    .max(maxCharacters, `must be at most ${maxCharacters} characters long`)

const keySchema = text(MAX_KEY_CHARACTERS)

const whole = (most: number) => {
  const message = `must be a whole number from 1 to ${most}`
  return z.number({ error: message }).int(message).min(1, message).max(most, message)
}

const topSchema = z.strictObject(
  { k: whole(MAX_SERIES), by: optional(oneOf(RANKINGS)), other: optional(z.boolean({ error: 'must be true or false' })) },
  { error: fault('must be an object {k, by?, other?}') },
)

/** Zod's own message where a field is unknown: it is worded by `toQuestionError`. */
function fault(message: string) {
  return (issue: { code?: string }) => (issue.code === 'unrecognized_keys' ? undefined : message)
}

const keyQuerySchema = (nowMs: number) =>
  z
    .strictObject({ key: keySchema, ...rangeFields(nowMs) }, { error: fault('must be a JSON object with key, start_time and end_time') })
    .superRefine(checkRange)

const labelQuerySchema = (nowMs: number) =>
  z
    .strictObject({
      metric: text(80),
      filter: filterSchema,
      group_by: optional(
        z.array(z.string({ error: 'must be a label' }), { error: 'must be a list of labels' }).max(6, 'must hold at most 6 labels'),
      ),
      reduce: optional(oneOf(REDUCERS)),
      top_k: optional(topSchema),
      limit: optional(whole(MAX_SERIES)),
      ...rangeFields(nowMs),
    })
    .superRefine((query, context) => {
      checkRange(query, context)
      if (query.reduce !== undefined && query.group_by === undefined)
        context.addIssue({ code: 'custom', path: ['reduce'], message: 'says how the series of a group become one: it needs group_by' })
      if (query.limit !== undefined && query.top_k !== undefined)
        context.addIssue({ code: 'custom', path: ['limit'], message: 'does not go with top_k, whose k is the limit' })
    })

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | null | undefined)?.[part], input)
}

function toQuestionError(error: z.ZodError, input: unknown, fields: readonly string[]): QuestionError {
  const issue = error.issues[0] as z.core.$ZodIssue
  if (issue.code === 'unrecognized_keys') {
    const field = [...issue.path, issue.keys[0] as string].join('.')
    const known = issue.path.length === 0 ? `; a query has ${fields.join(', ')}` : ''
    return invalid(shorten(field, 80), `there is no field ${JSON.stringify(shorten(field, 80))}${known}`)
  }
  const field = shorten(issue.path.join('.'), 80)
  const given = valueAt(input, issue.path)
  const got = given === undefined ? '' : `, got ${shorten(JSON.stringify(given) ?? String(given), 80)}`
  return invalid(field || 'body', `${field || 'the body'} ${issue.message}${got}`)
}

/** All fields of a query, absent ones as undefined: each has a check of its own that says what is missing. */
function withAllFields(body: unknown, fields: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return { ...Object.fromEntries(fields.map((field) => [field, undefined])), ...body }
}

function parseWith<Schema extends z.ZodType>(schema: Schema, fields: readonly string[], body: unknown): z.output<Schema> {
  const result = schema.safeParse(withAllFields(body, fields))
  if (!result.success) throw toQuestionError(result.error, body, fields)
  return result.data
}

function parseKeyQuery(body: unknown, nowMs: number): KeyQuery {
  const schema = keyQuerySchema(nowMs)
  const query = parseWith(schema, Object.keys(schema.shape), body)
  return { key: query.key, ...toRange(query) }
}

function parseLabelQuery(body: unknown, nowMs: number): LabelQuery {
  const schema = labelQuerySchema(nowMs)
  const query = parseWith(schema, Object.keys(schema.shape), body)
  const { metric, filter, group_by, reduce, top_k, limit } = query
  const top = top_k && { k: top_k.k, by: top_k.by, other: top_k.other ?? false }
  return { metric, matchers: filter, groupBy: group_by, reduce, top, limit: limit ?? DEFAULT_SERIES, ...toRange(query) }
}

const hasField = (body: unknown, field: string) =>
  typeof body === 'object' && body !== null && !Array.isArray(body) && (body as Record<string, unknown>)[field] !== undefined

/** A question from a JSON body: by `key`, or by `metric` and labels. Throws an `invalid` error that names the field. */
export function parseQuery(body: unknown, nowMs: number): SeriesQuery {
  if (!hasField(body, 'metric')) return parseKeyQuery(body, nowMs)
  if (hasField(body, 'key'))
    throw invalid('metric', 'metric does not go with key: a query is of one series by key, or of many by metric and filter')
  return parseLabelQuery(body, nowMs)
}

/** The `key` of a query string. */
export function parseKey(value: unknown): string {
  const result = keySchema.safeParse(value)
  if (!result.success) throw invalid('key', `key ${result.error.issues[0]?.message}`)
  return result.data
}

export interface MultiQueryEntry {
  /** By what the answer is found. */
  name: string
  /** The entry's own error is part of the answer; it does not fail the others. */
  query: SeriesQuery | QuestionError
}

/** An entry's `id`, else its key, else, where it asks by metric, its place in the list. */
function nameOf(entry: unknown, index: number): string {
  const { id, key, metric } = (entry ?? {}) as Record<string, unknown>
  const field = id === undefined ? 'key' : 'id'
  if (id === undefined && metric !== undefined && key === undefined) return String(index)
  const given = keySchema.safeParse(id ?? key)
  if (!given.success) throw invalid(`[${index}].${field}`, `[${index}].${field} ${given.error.issues[0]?.message}`)
  return given.data
}

function withoutId(entry: unknown): unknown {
  if (!hasField(entry, 'id')) return entry
  const { id: _, ...query } = entry as Record<string, unknown>
  return query
}

/** The entries of a multi-query. Throws when the list itself, or what an entry is named by, cannot be used. */
export function parseMultiQuery(body: unknown, maxQueries: number, nowMs: number): MultiQueryEntry[] {
  if (!Array.isArray(body)) throw invalid('body', 'the body must be a JSON list of queries')
  if (body.length > maxQueries) throw invalid('body', `the body must hold at most ${maxQueries} queries, got ${body.length}`)
  const names = new Set<string>()
  return body.map((entry: unknown, index) => {
    const name = nameOf(entry, index)
    const field = `[${index}].${hasField(entry, 'id') ? 'id' : 'key'}`
    // The answer is a map by name, which has room for one answer each.
    if (names.has(name))
      throw invalid(field, `${field} ${JSON.stringify(shorten(name))} is asked twice; an id tells queries of one key apart`)
    names.add(name)
    try {
      return { name, query: parseQuery(withoutId(entry), nowMs) }
    } catch (error) {
      if (!(error instanceof QuestionError)) throw error
      return { name, query: error }
    }
  })
}
