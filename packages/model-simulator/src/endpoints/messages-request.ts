/** A request to Anthropic's Messages API, checked as Anthropic checks it. */
import { invalidRequest } from '../api-error.ts'
import { optionalArray, optionalBoolean, optionalNumber, optionalObject, requireField, wrongType } from '../fields.ts'
import { isObject } from '../is-object.ts'

export interface MessagesRequest {
  system: unknown
  messages: unknown[]
  isStream: boolean
  maxOutputTokens: number
  /** Part of the output may be thinking. */
  thinks: boolean
  /** Names and input schemas of the tools that the model is to use now; empty: it answers with text. */
  calls: { name: string; parameters: unknown }[]
  jsonSchema?: unknown
}

const ROLES = new Set(['user', 'assistant', 'system'])
/** More than any model answers. */
const MAX_OUTPUT_TOKENS = 1_000_000

export function readMessagesRequest(body: Record<string, unknown>): MessagesRequest {
  const messages = readMessages(body)
  requireField(body, 'max_tokens')
  const thinking = optionalObject(body, 'thinking')
  optionalNumber(body, 'temperature', { least: 0, most: 1 })
  return {
    system: body['system'],
    messages,
    isStream: optionalBoolean(body, 'stream'),
    maxOutputTokens: optionalNumber(body, 'max_tokens', { least: 1, most: MAX_OUTPUT_TOKENS, isWhole: true }) ?? 1,
    thinks: thinking !== undefined && thinking['type'] !== 'disabled',
    calls: readCalls(body, messages),
    jsonSchema: readFormat(body),
  }
}

export function readMessages(body: Record<string, unknown>): unknown[] {
  const messages = requireField(body, 'messages')
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array of objects', messages)
  if (messages.length === 0) throw invalidRequest('messages: at least one message is required', 'messages')
  for (const [index, message] of messages.entries()) {
    const role = isObject(message) ? message['role'] : undefined
    if (typeof role !== 'string' || !ROLES.has(role)) {
      throw invalidRequest(`messages.${index}.role: must be user, assistant or system`, `messages.${index}.role`)
    }
  }
  return messages
}

/** The model uses tools when it must, or when it may and is not being told the result of one; two of them when it may use several. */
function readCalls(body: Record<string, unknown>, messages: unknown[]): MessagesRequest['calls'] {
  const tools = (optionalArray(body, 'tools') ?? []).map((tool, index) => {
    const name = isObject(tool) ? tool['name'] : undefined
    if (!isObject(tool) || typeof name !== 'string') throw invalidRequest(`tools.${index}.name: Field required`, `tools.${index}.name`)
    return { name, parameters: tool['input_schema'] }
  })
  const choice = optionalObject(body, 'tool_choice') ?? { type: 'auto' }
  if (choice['type'] === 'none') return []
  if (choice['type'] === 'tool') return tools.filter((tool) => tool.name === choice['name'])
  if (choice['type'] === 'auto' && holdsResult(messages[messages.length - 1])) return []
  return tools.slice(0, choice['disable_parallel_tool_use'] === true ? 1 : 2)
}

function holdsResult(message: unknown): boolean {
  const content = isObject(message) ? message['content'] : undefined
  return Array.isArray(content) && content.some((block) => isObject(block) && block['type'] === 'tool_result')
}

function readFormat(body: Record<string, unknown>): unknown {
  const format = optionalObject(body, 'output_config')?.['format']
  return isObject(format) && format['type'] === 'json_schema' ? (format['schema'] ?? null) : undefined
}
