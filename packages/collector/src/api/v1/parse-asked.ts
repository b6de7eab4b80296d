/** What a caller gives as the question that its operation asks; what does not fit throws an `invalid` error that names the field. */
import type { z } from 'zod'
import type { Operation } from '../../contract/index.ts'
import { invalid, shorten } from '../../errors.ts'
import { describeTimeFault, parseTime } from '../parse-time.ts'

export interface AskedWindow {
  /** 0 when the query has no `from`. */
  fromMs: number
  /** Exclusive; Infinity when the query has no `to`. */
  toMs: number
}

/** What a caller gives, unchecked. */
export interface GivenQuestion {
  /** The path parameter; empty where there is none. */
  id: string
  query: Record<string, unknown>
  body: unknown
}

export interface ParsedQuestion {
  /** The path parameter; empty where there is none. */
  id: string
  query: unknown
  body: unknown
  window: AskedWindow
}

const MAX_ID_CHARACTERS = 512

function describeIssue(issue: z.core.$ZodIssue, where: string, input: unknown): Error {
  if (issue.code === 'unrecognized_keys') {
    const field = issue.keys[0] as string
    return invalid(field, `there is no ${JSON.stringify(shorten(field, 60))} in the ${where}; remove it`)
  }
  const field = issue.path.join('.') || where
  const given = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input)
  const got = given === undefined ? '' : `, got ${shorten(JSON.stringify(given) ?? String(given), 80)}`
  return invalid(field, `${field}: ${issue.message}${got}`)
}

function parseWith(schema: z.ZodType, input: unknown, where: string): unknown {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw describeIssue(result.error.issues[0] as z.core.$ZodIssue, where, input)
}

function parseInstant(field: string, text: unknown, nowMs: number): number {
  const milliseconds = parseTime(text, nowMs)
  if (milliseconds === undefined) throw invalid(field, `${field} ${describeTimeFault(text)}, got ${shorten(JSON.stringify(text), 80)}`)
  return milliseconds
}

function parseWindow(query: { from?: unknown; to?: unknown }, nowMs: number): AskedWindow {
  const fromMs = query.from === undefined ? 0 : parseInstant('from', query.from, nowMs)
  const toMs = query.to === undefined ? Number.POSITIVE_INFINITY : parseInstant('to', query.to, nowMs)
  if (fromMs >= toMs) throw invalid('from', 'from must be before to')
  return { fromMs, toMs }
}

export function parseQuestion(operation: Operation, given: GivenQuestion, nowMs: number): ParsedQuestion {
  const { id } = given
  if (id.length > MAX_ID_CHARACTERS) throw invalid('id', `id must be at most ${MAX_ID_CHARACTERS} characters long`)
  const query = parseWith(operation.query, given.query, 'query')
  const body = operation.body && !operation.bodyIsDescribedOnly ? parseWith(operation.body, given.body, 'body') : given.body
  return { id, query, body, window: parseWindow(query as { from?: unknown; to?: unknown }, nowMs) }
}
