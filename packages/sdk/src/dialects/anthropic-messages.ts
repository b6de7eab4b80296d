/** Anthropic's Messages API, as Anthropic and those who copied it (llama.cpp, vLLM, Ollama, gateways) answer. */
import { classifyError } from './classify-error.ts'
import type { Dialect } from './dialect.ts'
import { glanceAtBlockDelta } from './glance.ts'
import { countAnthropicTokens, mergeUsage } from './read-anthropic-usage.ts'
import { readReportedCost } from './read-measurements.ts'
import { isObject, type JsonObject, type Reading, readModel } from './reading.ts'
import { findTopLevelFields } from './top-level-fields.ts'

const REQUIRED = ['model', 'messages', 'max_tokens'] as const
const REQUIRED_FIELDS: ReadonlySet<string> = new Set(REQUIRED)

function readError(source: JsonObject, reading: Reading): void {
  if (source.error !== undefined && source.error !== null) reading.error = classifyError(source.error)
}

/** A refusal is the provider's safety filter at work, on the prompt or in the middle of an answer. */
function readStop(source: JsonObject, reading: Reading): void {
  if (typeof source.stop_reason !== 'string') return
  reading.stopped = true
  if (source.stop_reason === 'refusal') reading.error = 'content_filter'
}

function readUsage(usage: unknown, reading: Reading): void {
  if (usage === undefined || usage === null) return
  if (!isObject(usage)) {
    reading.problems.push('usage is not an object')
    return
  }
  readReportedCost(usage, reading)
  const merged = mergeUsage(reading.startUsage, usage)
  const counts = countAnthropicTokens(merged, reading)
  // llama.cpp leaves out the first event of a stream, and with it the input, when the first token is a part of a character.
  if (counts && merged.input_tokens === undefined) reading.outputAlone = counts.outputTokens
  else reading.counts = counts ?? reading.counts
}

function readStart(message: JsonObject, reading: Reading): void {
  readModel(message, reading)
  if (!isObject(message.usage)) return
  reading.startUsage = message.usage
  reading.startCounts = countAnthropicTokens(message.usage, reading)
}

function bearsContent(delta: unknown): boolean {
  if (!isObject(delta)) return false
  const content = delta.text ?? delta.thinking ?? delta.partial_json
  return typeof content === 'string' && content !== ''
}

/** Characters of a block: text, thinking, and the arguments of tool calls. Signatures and results of server tools are no output. */
function countBlock(block: unknown): number {
  if (!isObject(block)) return 0
  const text = block.text ?? block.thinking
  if (typeof text === 'string') return text.length
  return isObject(block.input) ? JSON.stringify(block.input).length : 0
}

export const anthropicMessages: Dialect = {
  name: 'anthropic-messages',
  operation: 'chat',
  unknownProvider: 'anthropic_compatible',
  isRequest(body) {
    const fields = findTopLevelFields(body, REQUIRED_FIELDS)
    return fields !== undefined && REQUIRED.every((name) => fields.has(name))
  },
  replyFields: new Set(['model', 'usage', 'error', 'stop_reason']),
  usageIsLate: true,
  parseWholeWhen: /"(?:refusal|error)"/,
  readReply(reply, reading) {
    readModel(reply, reading)
    readError(reply, reading)
    readStop(reply, reading)
    readUsage(reply.usage, reading)
  },
  countCharacters: (reply) => (Array.isArray(reply.content) ? reply.content.reduce((sum: number, block) => sum + countBlock(block), 0) : 0),
  stream: {
    takesStreamOptions: false,
    glance: glanceAtBlockDelta,
    isUsageOnly: () => false,
    readEvent(event, reading) {
      switch (event.type) {
        case 'message_start':
          if (isObject(event.message)) readStart(event.message, reading)
          break
        case 'content_block_delta':
          if (bearsContent(event.delta)) reading.contentEvents++
          break
        case 'message_delta':
          if (isObject(event.delta)) readStop(event.delta, reading)
          readUsage(event.usage, reading)
          break
        case 'message_stop':
          reading.finished = true
          break
        default:
          readError(event, reading)
      }
    },
  },
}
