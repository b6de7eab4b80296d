/** Reads a whole reply. Text is not parsed but for the few fields that count; what is odd is parsed whole. */
import { AlikeParser } from './alike-parser.ts'
import { classifyError, classifyStatus } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { isObject, type JsonObject, type Reading } from './reading.ts'
import { type FieldSpan, findFirstField, findTopLevelFields } from './top-level-fields.ts'

/** Shorter replies are parsed whole where their usage need not come late: that costs no more than to find their fields. */
const PARSE_WHOLE_CHARACTERS = 2048

/** Only the fields that the dialect looks at, valid until the next reply; undefined when the text must be parsed. */
function parseFields(text: string, dialect: Dialect): JsonObject | undefined {
  const ends = dialect.usageIsLate === true
  if (!ends && text.length <= PARSE_WHOLE_CHARACTERS) return undefined
  for (const alarm of dialect.parseWholeWhen) if (text.includes(alarm)) return undefined
  if (ends) return parseEnds(text, dialect)
  const spans = findTopLevelFields(text, dialect.replyFields)
  if (!spans) return undefined
  let fields = ''
  for (const [name, { start, end }] of spans) fields += `${fields === '' ? '' : ','}"${name}":${text.slice(start, end)}`
  return JSON.parse(`{${fields}}`)
}

const USAGE = '"usage":'

/** One for each dialect: replies of one API are alike. */
const endParsers = new WeakMap<Dialect, AlikeParser>()

function endParserOf(dialect: Dialect): AlikeParser {
  let parser = endParsers.get(dialect)
  if (!parser) {
    parser = new AlikeParser()
    endParsers.set(dialect, parser)
  }
  return parser
}

/**
 * The model from the beginning of the text, and everything from the last usage on. That the end parses as an object of its own proves
 * that it is one at top level: deeper down, the braces would not come out even.
 */
function parseEnds(text: string, dialect: Dialect): JsonObject | undefined {
  const usage = text.lastIndexOf(USAGE)
  const model = usage === -1 ? undefined : findFirstField(text, 'model')
  // One that stands after the usage is found as the first all the same, and what follows it is not read.
  if (!model || model.start > usage) return undefined
  const fields = endParserOf(dialect).parseRest(text, usage)
  if (fields) fields.model = parseModel(text, model)
  return fields
}

let lastModelText = '""'
let lastModel: unknown = ''

/** Models are few: mostly it is the one of the reply before. */
function parseModel(text: string, { start, end }: FieldSpan): unknown {
  if (end - start === lastModelText.length && text.startsWith(lastModelText, start)) return lastModel
  lastModelText = text.slice(start, end)
  lastModel = JSON.parse(lastModelText)
  return lastModel
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
