/** OpenAI's Responses API. Its streams are typed events; usage stands in the last one, always. */
import { countStrings } from './chat-completions.ts'
import { classifyError } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { glanceAtType } from './glance.ts'
import { readReportedCost, readTimings } from './read-measurements.ts'
import { readOpenAIUsage } from './read-openai-usage.ts'
import { isObject, type JsonObject, type Reading, readModel } from './reading.ts'

function readResponse(response: JsonObject, reading: Reading, provider: string): void {
  readModel(response, reading)
  readOpenAIUsage(response.usage, reading, provider)
  readReportedCost(response.usage, reading)
  if (response.error !== undefined && response.error !== null) reading.error = classifyError(response.error)
  else if (response.status === 'failed') reading.error = 'unknown'
  if (isObject(response.incomplete_details) && response.incomplete_details.reason === 'content_filter') reading.error = 'content_filter'
}

const TERMINAL = new Set(['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'])

export const responses: Dialect = {
  name: 'responses',
  operation: 'chat',
  replyFields: new Set(['model', 'usage', 'error', 'status', 'incomplete_details']),
  readReply: readResponse,
  countCharacters: (reply) =>
    Array.isArray(reply.output)
      ? reply.output.reduce(
          (sum: number, item) => sum + (isObject(item) ? countStrings([item.content, item.arguments, item.summary]) : 0),
          0,
        )
      : 0,
  stream: {
    takesStreamOptions: false,
    glance: (text, reading) =>
      glanceAtType(text, (type) => TERMINAL.has(type) || type === 'error' || (type === 'response.created' && !reading.model)),
    isUsageOnly: () => false,
    readEvent(event, reading, provider) {
      const type = typeof event.type === 'string' ? event.type : ''
      if (type.endsWith('.delta')) reading.contentEvents++
      if (type === 'error' || (type === '' && event.error)) reading.error = classifyError(isObject(event.error) ? event.error : event)
      // The events in between echo the request: of them only the model is of use.
      else if (type === 'response.created' && isObject(event.response)) readModel(event.response, reading)
      else if (TERMINAL.has(type)) {
        reading.finished = true
        if (isObject(event.response)) readResponse(event.response, reading, provider)
        // llama.cpp's stand beside the response.
        readTimings(event.timings, reading)
      }
    },
  },
}
