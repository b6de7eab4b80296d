/** OpenAI's Chat Completions, as OpenAI and everybody who copied it answers. */
import { classifyError } from './classify-error.ts'
import { type Dialect, READ } from './dialect.ts'
import { glanceAtDelta, glanceAtModel } from './glance.ts'
import { readGroqTimes, readReportedCost, readTimings } from './read-measurements.ts'
import { readOpenAIUsage } from './read-openai-usage.ts'
import { isObject, type JsonObject, type Reading, readModel } from './reading.ts'

function readUsage(usage: unknown, reading: Reading, provider: string): void {
  readOpenAIUsage(usage, reading, provider)
  readGroqTimes(usage, reading)
  readReportedCost(usage, reading)
}

function readFinish(choice: JsonObject, reading: Reading): void {
  const reason = choice.finish_reason
  if (typeof reason !== 'string') return
  reading.stopped = true
  if (reason === 'content_filter') reading.error = 'content_filter'
  else if (reason === 'error') reading.error = classifyError(choice.error)
}

const choicesOf = (source: JsonObject): JsonObject[] => (Array.isArray(source.choices) ? source.choices.filter(isObject) : [])

const isFilled = (value: unknown) =>
  typeof value === 'string' || Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0

function bearsContent(choice: JsonObject): boolean {
  const { delta } = choice
  if (!isObject(delta)) return false
  for (const field in delta) if (field !== 'role' && isFilled(delta[field])) return true
  return false
}

function readError(source: JsonObject, reading: Reading): void {
  if (source.error !== undefined && source.error !== null) reading.error = classifyError(source.error)
}

/** Characters of all strings in a message: text, reasoning and the arguments of tool calls. */
export function countStrings(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countStrings(item), 0)
  if (!isObject(value)) return 0
  let sum = 0
  for (const field in value) if (field !== 'role' && field !== 'id' && field !== 'type') sum += countStrings(value[field])
  return sum
}

export const chatCompletions: Dialect = {
  name: 'chat-completions',
  operation: 'chat',
  replyFields: new Set(['model', 'usage', 'error', 'timings']),
  usageIsLate: true,
  parseWholeWhen: /"(?:content_filter|error)"/,
  readReply(reply, reading, provider) {
    readModel(reply, reading)
    readError(reply, reading)
    readUsage(reply.usage, reading, provider)
    readTimings(reply.timings, reading)
    for (const choice of choicesOf(reply)) readFinish(choice, reading)
  },
  countCharacters: (reply) => choicesOf(reply).reduce((sum, choice) => sum + countStrings(choice.message), 0),
  stream: {
    takesStreamOptions: true,
    glance: (text, reading) => (reading.model === undefined && !glanceAtModel(text, reading) ? READ : glanceAtDelta(text, reading)),
    isUsageOnly: (event) => Array.isArray(event.choices) && event.choices.length === 0 && isObject(event.usage),
    readEvent(event, reading, provider) {
      readModel(event, reading)
      readError(event, reading)
      readUsage(event.usage, reading, provider)
      readTimings(event.timings, reading)
      // Groq puts the usage of a stream, and the error that stopped it, under a key of its own.
      if (isObject(event.x_groq)) {
        readUsage(event.x_groq.usage, reading, provider)
        if (event.x_groq.error) reading.error = classifyError(event.x_groq.error)
      }
      const choices = choicesOf(event)
      for (const choice of choices) readFinish(choice, reading)
      if (choices.some(bearsContent)) reading.contentEvents++
    },
  },
}
