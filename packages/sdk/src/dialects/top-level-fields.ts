/**
 * Finds top-level fields in the text of a JSON object without parsing the rest: prompts and answers are skipped string by string.
 * Exact: a field of the same name deeper down, or text that looks like one, is never taken for it.
 */

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
export function skipValue(text: string, from: number): number {
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

/** Where the values of the wanted fields stand; undefined when the text is not a whole JSON object. The last of equal names counts. */
export function findTopLevelFields(text: string, wanted: ReadonlySet<string>): Map<string, FieldSpan> | undefined {
  const found = new Map<string, FieldSpan>()
  let at = skipSpace(text, 0)
  if (text.charCodeAt(at) !== OPEN_BRACE) return undefined
  at = skipSpace(text, at + 1)
  if (text.charCodeAt(at) === CLOSE_BRACE) return found
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = skipString(text, at)
    if (nameEnd === -1) return undefined
    const name = text.slice(at + 1, nameEnd - 1)
    at = skipSpace(text, nameEnd)
    if (text.charCodeAt(at) !== COLON) return undefined
    const start = skipSpace(text, at + 1)
    const end = skipValue(text, start)
    if (end === -1) return undefined
    if (wanted.has(name)) found.set(name, { start, end })
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === CLOSE_BRACE) return found
    if (text.charCodeAt(at) !== COMMA) return undefined
    at = skipSpace(text, at + 1)
  }
  return undefined
}
