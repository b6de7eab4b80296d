/**
 * Finds top-level fields in the text of a JSON object without parsing the rest: prompts and answers are skipped string by string.
 * Exact: a field of the same name deeper down, or text that looks like one, is never taken for it.
 */

import { nameOf } from './name-of.ts'

export interface FieldSpan {
  start: number
  end: number
}

const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93

function skipSpace(text: string, from: number): number {
  let at = from
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(at)) at++
  return at
}

/** Index after the string that begins at `from`; -1 when it does not end. */
function skipString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1)
  while (at !== -1) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at + 1
    at = text.indexOf('"', at + 1)
  }
  return -1
}

/** Index after the value that begins at `from`; -1 when it does not end. */
function skipValue(text: string, from: number): number {
  const first = text.charCodeAt(from)
  if (first === QUOTE) return skipString(text, from)
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = skipString(text, at) - 1
      if (at < 0) return -1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (depth === 0 && code === COMMA) return at
  }
  return -1
}

/** Walks the members of an object from the name at `from` on; the index of the brace that closes it, or -1. */
function walkMembers(text: string, from: number, found: (name: string, span: FieldSpan) => boolean): number {
  let at = from
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = skipString(text, at)
    if (nameEnd === -1) return -1
    const name = text.slice(at + 1, nameEnd - 1)
    at = skipSpace(text, nameEnd)
    if (text.charCodeAt(at) !== COLON) return -1
    const start = skipSpace(text, at + 1)
    const end = skipValue(text, start)
    if (end === -1 || found(name, { start, end })) return -1
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === CLOSE_BRACE) return at
    if (text.charCodeAt(at) !== COMMA) return -1
    at = skipSpace(text, at + 1)
  }
  return -1
}

/** Index of the first name in the object that the text is; -1 when it is none. */
function firstMember(text: string, from = 0): number {
  const open = skipSpace(text, from)
  return text.charCodeAt(open) === OPEN_BRACE ? skipSpace(text, open + 1) : -1
}

/** Where the values of the wanted fields stand; undefined when the text is not a whole JSON object. The last of equal names counts. */
export function findTopLevelFields(text: string, wanted: ReadonlySet<string>): Map<string, FieldSpan> | undefined {
  const fields = new Map<string, FieldSpan>()
  const first = firstMember(text)
  if (first === -1) return undefined
  if (text.charCodeAt(first) === CLOSE_BRACE) return fields
  const close = walkMembers(text, first, (name, span) => {
    if (wanted.has(name)) fields.set(name, span)
    return false
  })
  return close === -1 ? undefined : fields
}

/** Where the value of one field stands, in the object that begins at `from`; the rest of the text is not looked at. */
export function findFirstField(text: string, name: string, from = 0): FieldSpan | undefined {
  let field: FieldSpan | undefined
  const first = firstMember(text, from)
  if (first === -1) return undefined
  walkMembers(text, first, (member, span) => {
    if (member === name) field = span
    return field !== undefined
  })
  return field
}

/** The value of a field that holds a name or something small; undefined when there is none, or no JSON. */
export function readField(text: string, field: FieldSpan | undefined): unknown {
  if (!field) return undefined
  const { start, end } = field
  const value = text.slice(start, end)
  if (value.charCodeAt(0) === QUOTE && !value.includes('\\')) return nameOf(text, start + 1, end - 1)
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
