/** Looks at the raw text of streamed events that cost no parsing. Compact and spaced JSON are both understood. */
import { CONTENT, type Glance, NOTHING, READ } from './dialect.ts'
import { nameOf } from './name-of.ts'
import type { Reading } from './reading.ts'
import { findFirstField } from './top-level-fields.ts'

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

/** Printable ASCII without escapes: the same in the event's text as in what its JSON says. */
const PLAIN_STRING = /^"[ !#-[\]-~]+"$/

const DATA = 'data:'

/** Takes the model from an event whose data is one line; false when it does not stand there plainly. */
export function glanceAtModel(text: string, reading: Reading): boolean {
  const field = text.startsWith(DATA) ? findFirstField(text, 'model', DATA.length) : undefined
  if (!field || !PLAIN_STRING.test(text.slice(field.start, field.end))) return false
  reading.model = nameOf(text, field.start + 1, field.end - 1)
  return true
}

const FINISH_REASON = '"finish_reason":'

/** Where the reason begins why the choice stopped; -1 when the event has none, or null. */
function finishReason(text: string, from: number): number {
  const field = text.indexOf(FINISH_REASON, from)
  if (field === -1) return -1
  const value = skipBlanks(text, field + FINISH_REASON.length)
  return text.charCodeAt(value) === QUOTE ? value : -1
}

const isStopped = (text: string, from: number) => finishReason(text, from) !== -1

const DELTA = '"delta":'
/** An event with one of these says more than its delta. */
const MORE = ['"error":', '"x_groq":', '"timings":']
/** Reasons that say no more than that the choice stopped. */
const PLAIN_REASONS = ['"stop"', '"length"', '"tool_calls"']

/** An event without content, from the end of its delta on: nothing to read in it but, perhaps, that its choice stopped. */
function glanceAtEmpty(text: string, deltaEnd: number, reading: Reading): Glance {
  if (text.includes(DELTA, deltaEnd) || MORE.some((more) => text.includes(more))) return READ
  const reason = finishReason(text, deltaEnd)
  if (reason === -1) return NOTHING
  if (!PLAIN_REASONS.some((plain) => text.startsWith(plain, reason))) return READ
  reading.stopped = true
  return NOTHING
}

/** Index of what follows the value that ends before `end`: the next field, or the brace that closes the object. */
function nextField(text: string, end: number): number {
  const at = skipBlanks(text, end)
  return text[at] === ',' ? skipBlanks(text, at + 1) : at
}

/** Index after an empty value. */
function emptyEnd(text: string, at: number): number {
  const first = text[at]
  return first === 'n' ? at + 4 : first === '"' ? at + 2 : skipBlanks(text, at + 1) + 1
}

/** Index after a string; where it begins when there is none. */
function stringEnd(text: string, at: number): number {
  return text.charCodeAt(at) === QUOTE ? closingQuote(text, at) + 1 : at
}

/** The delta of a chat chunk: `CONTENT` when a field other than the role holds something. */
export function glanceAtDelta(text: string, reading: Reading): Glance {
  const delta = text.indexOf(DELTA)
  if (delta === -1) return READ
  let at = skipBlanks(text, delta + DELTA.length)
  if (text[at] !== '{') return READ
  at = skipBlanks(text, at + 1)
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = closingQuote(text, at)
    if (nameEnd === -1) return READ
    const colon = skipBlanks(text, nameEnd + 1)
    if (text[colon] !== ':') return READ
    const value = skipBlanks(text, colon + 1)
    if (text.startsWith('role"', at + 1)) at = nextField(text, stringEnd(text, value))
    else if (isEmptyValue(text, value)) at = nextField(text, emptyEnd(text, value))
    else return glanceAtContent(text, value, reading)
  }
  return text[at] === '}' ? glanceAtEmpty(text, at, reading) : READ
}

function glanceAtContent(text: string, value: number, reading: Reading): Glance {
  if (isStopped(text, value)) return READ
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
