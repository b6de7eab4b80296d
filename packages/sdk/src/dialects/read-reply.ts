/** Reads a whole reply. Text is not parsed but for the few fields that count; what is odd is parsed whole. */
import { classifyError, classifyStatus } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { NumberTemplates } from './number-templates.ts'
import { isObject, type JsonObject, type Reading } from './reading.ts'
import { findFirstField, findTopLevelFields, readField } from './top-level-fields.ts'

/** Shorter replies are parsed whole: that costs no more than to find their fields. */
const PARSE_WHOLE_CHARACTERS = 2048

/** Only the fields that the dialect looks at; undefined when the text must be parsed. */
function parseFields(text: string, dialect: Dialect): JsonObject | undefined {
  if (dialect.parseWholeWhen?.test(text)) return undefined
  if (dialect.usageIsLate) return parseEnds(text)
  if (text.length <= PARSE_WHOLE_CHARACTERS) return undefined
  const spans = findTopLevelFields(text, dialect.replyFields)
  if (!spans) return undefined
  let fields = ''
  for (const [name, { start, end }] of spans) fields += `${fields === '' ? '' : ','}"${name}":${text.slice(start, end)}`
  return JSON.parse(`{${fields}}`)
}

const ends = new NumberTemplates()

/**
 * The model from the beginning of the text, and everything from the last usage on. That the end parses as an object of its own proves
 * that it is one at top level: deeper down, the braces would not come out even.
 */
function parseEnds(text: string): JsonObject | undefined {
  const usage = text.lastIndexOf('"usage":')
  const model = usage === -1 ? undefined : findFirstField(text, 'model')
  if (!model) return undefined
  try {
    return { model: readField(text, model), ...ends.parse(text, usage) }
  } catch {
    return undefined
  }
}

/** Reads a reply that somebody has parsed. */
export function readReply(reply: unknown, dialect: Dialect, reading: Reading, provider: string): void {
  if (!isObject(reply)) {
    reading.problems.push('reply is not a JSON object')
    return
  }
  dialect.readReply(reply, reading, provider)
  reading.finished = true
  if (!reading.counts) reading.contentCharacters = dialect.countCharacters(reply)
}

/** Reads the text of a reply. Never throws. */
export function readReplyText(text: string, dialect: Dialect, reading: Reading, provider: string): void {
  try {
    const fields = parseFields(text, dialect)
    if (!fields) {
      readReply(JSON.parse(text), dialect, reading, provider)
      return
    }
    dialect.readReply(fields, reading, provider)
    reading.finished = true
    // Without usage the answer is measured: it must be parsed whole.
    if (!reading.counts && !reading.error) reading.contentCharacters = dialect.countCharacters(JSON.parse(text))
  } catch {
    reading.problems.push('reply is not JSON')
  }
}

/** Reads the body of a reply whose status is an error: `{error}`, as vLLM the error itself, or any text. Never throws. */
export function readErrorText(text: string, status: number, reading: Reading): void {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    reading.error = classifyStatus(status)
    return
  }
  readErrorReply(body, status, reading)
}

/** Reads a parsed reply whose status is an error. */
export function readErrorReply(body: unknown, status: number, reading: Reading): void {
  const error = isObject(body) ? (body.error ?? body.detail ?? body) : body
  reading.error = classifyError(error, status)
}
