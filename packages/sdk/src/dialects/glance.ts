/** Looks at the raw text of streamed events that cost no parsing. Compact and spaced JSON are both understood. */
import { CONTENT, type Glance, NOTHING, READ } from './dialect.ts'

const QUOTE = 34
const BACKSLASH = 92

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13)

/** Index of the first character from `from` on that is no white space. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

/** Index of the quote that ends the string whose opening quote is at `from`; -1 when there is none before `end`. */
function closingQuote(text: string, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at++
  }
  return -1
}

/** True when the value at `at` is null or an empty string, array or object. */
function isEmptyValue(text: string, at: number): boolean {
  const first = text[at]
  const next = text[skipBlanks(text, at + 1)]
  return first === 'n' || (first === '"' && text[at + 1] === '"') || (first === '[' && next === ']') || (first === '{' && next === '}')
}

/**
 * The delta of a chat chunk: `CONTENT` when a field other than the role holds something. A delta whose first fields are empty is
 * read whole.
 */
export function glanceAtDelta(text: string, start: number, end: number): Glance {
  const delta = text.indexOf('"delta":', start)
  if (delta === -1 || delta >= end) return READ
  let at = skipBlanks(text, delta + 8)
  if (text[at] !== '{') return READ
  at = skipBlanks(text, at + 1)
  if (text.charCodeAt(at) !== QUOTE) return READ
  const nameEnd = closingQuote(text, at, end)
  if (nameEnd === -1 || text.startsWith('role', at + 1)) return READ
  const colon = skipBlanks(text, nameEnd + 1)
  if (text[colon] !== ':') return READ
  return isEmptyValue(text, skipBlanks(text, colon + 1)) || isStopped(text, colon, end) ? READ : CONTENT
}

/** True when the event says why its choice stopped. */
function isStopped(text: string, start: number, end: number): boolean {
  const field = text.indexOf('"finish_reason":', start)
  return field !== -1 && field < end && text.charCodeAt(skipBlanks(text, field + 16)) === QUOTE
}

/** The `text` of a chunk of the old completions API. */
export function glanceAtText(text: string, start: number, end: number): Glance {
  const field = text.indexOf('"text":', start)
  if (field === -1 || field >= end) return READ
  return isEmptyValue(text, skipBlanks(text, field + 7)) || isStopped(text, start, end) ? READ : CONTENT
}

/** The `type` of a typed event, as [start, end) of its text; undefined when it does not stand where it always stands, first. */
export function findEventType(text: string, start: number, end: number): readonly [number, number] | undefined {
  const field = text.indexOf('"type":', start)
  if (field === -1 || field >= end) return undefined
  const quote = skipBlanks(text, field + 7)
  if (text.charCodeAt(quote) !== QUOTE) return undefined
  const close = closingQuote(text, quote, end)
  return close === -1 ? undefined : [quote + 1, close]
}

/** Typed events: `….delta` bears content, those in `read` are parsed, all others are passed over. */
export function glanceAtType(text: string, start: number, end: number, isRead: (type: string) => boolean): Glance {
  const type = findEventType(text, start, end)
  if (!type) return READ
  if (text.startsWith('.delta', type[1] - 6)) return CONTENT
  return isRead(text.slice(type[0], type[1])) ? READ : NOTHING
}
