/** Looks at the raw text of streamed events that cost no parsing. Compact and spaced JSON are both understood. */
import { CONTENT, type Glance, NOTHING, READ } from './dialect.ts'
import type { Reading } from './reading.ts'

const QUOTE = 34
const BACKSLASH = 92

const isSpace = (code: number) => code === 32 || (code >= 9 && code <= 13)

/** Index of the first character from `from` on that is no white space. */
export function skipBlanks(text: string, from: number): number {
  let at = from
  while (isSpace(text.charCodeAt(at))) at++
  return at
}

/** Index of the quote that ends the string whose opening quote is at `from`; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
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

/** True when the event says why its choice stopped. */
function isStopped(text: string, from: number): boolean {
  const field = text.indexOf('"finish_reason":', from)
  return field !== -1 && text.charCodeAt(skipBlanks(text, field + 16)) === QUOTE
}

/**
 * The delta of a chat chunk: `CONTENT` when a field other than the role holds something. A delta whose first field is empty is read
 * whole.
 */
export function glanceAtDelta(text: string, reading: Reading): Glance {
  const delta = text.indexOf('"delta":')
  if (delta === -1) return READ
  let at = skipBlanks(text, delta + 8)
  if (text[at] !== '{') return READ
  at = skipBlanks(text, at + 1)
  if (text.charCodeAt(at) !== QUOTE || text.startsWith('role', at + 1)) return READ
  const nameEnd = closingQuote(text, at)
  if (nameEnd === -1) return READ
  const colon = skipBlanks(text, nameEnd + 1)
  if (text[colon] !== ':') return READ
  const value = skipBlanks(text, colon + 1)
  if (isEmptyValue(text, value) || isStopped(text, colon)) return READ
  if (text.charCodeAt(value) === QUOTE) {
    reading.textStart = value + 1
    reading.textEnd = closingQuote(text, value)
  }
  return CONTENT
}

/** The `text` of a chunk of the old completions API. */
export function glanceAtText(text: string): Glance {
  const field = text.indexOf('"text":')
  if (field === -1) return READ
  return isEmptyValue(text, skipBlanks(text, field + 7)) || isStopped(text, 0) ? READ : CONTENT
}

/** Typed events: `….delta` bears content, those in `isRead` are parsed, all others are passed over. The type stands first in the data. */
export function glanceAtType(text: string, isRead: (type: string) => boolean): Glance {
  const field = text.indexOf('"type":')
  if (field === -1) return READ
  const quote = skipBlanks(text, field + 7)
  const end = text.charCodeAt(quote) === QUOTE ? closingQuote(text, quote) : -1
  if (end === -1) return READ
  if (text.startsWith('.delta', end - 6)) return CONTENT
  return isRead(text.slice(quote + 1, end)) ? READ : NOTHING
}

const EVENT_LINE = 'event:'
const TYPE = '"type":'

/** Where the type of an event begins: on the line that names it, else in its data, where it stands first; -1 when it does not. */
function typeStart(text: string): number {
  if (text.startsWith(EVENT_LINE)) return skipBlanks(text, EVENT_LINE.length)
  const field = text.indexOf(TYPE)
  return field === -1 ? -1 : skipBlanks(text, field + TYPE.length) + 1
}

const BLOCK_TEXTS = ['"text":', '"thinking":', '"partial_json":']

/** Events of Anthropic's streams: deltas of text, thinking and tool arguments bear content; signatures and citations do not. */
export function glanceAtBlockDelta(text: string, reading: Reading): Glance {
  const type = typeStart(text)
  if (type === -1) return READ
  if (!text.startsWith('content_block_delta', type)) {
    return text.startsWith('content_block_st', type) || text.startsWith('ping', type) ? NOTHING : READ
  }
  for (const field of BLOCK_TEXTS) {
    const at = text.indexOf(field, type)
    if (at === -1) continue
    const value = skipBlanks(text, at + field.length)
    if (text.charCodeAt(value) !== QUOTE) return READ
    if (text.charCodeAt(value + 1) === QUOTE) return NOTHING
    reading.textStart = value + 1
    reading.textEnd = closingQuote(text, value)
    return CONTENT
  }
  return NOTHING
}
