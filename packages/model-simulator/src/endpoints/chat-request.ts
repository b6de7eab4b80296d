/** A request to Chat Completions, checked as OpenAI checks it. */
import { invalidRequest } from '../api-error.ts'
import { optionalArray, optionalBoolean, optionalNumber, optionalObject, requireField, wrongType } from '../fields.ts'
import { isObject } from '../is-object.ts'
import type { ModelProfile } from '../models.ts'

export interface ChatRequest {
  messages: unknown[]
  isStream: boolean
  includesUsage: boolean
  includesObfuscation: boolean
  choices: number
  maxOutputTokens?: number
  effort?: string
  /** Names and parameter schemas of the functions that the model is to call now; empty: it answers with text. */
  calls: { name: string; parameters: unknown }[]
  /** The answer is to be JSON: of this schema, or of any when null. Undefined: free text. */
  jsonSchema?: unknown
}

const ROLES = new Set(['developer', 'system', 'user', 'assistant', 'tool', 'function'])

export function readChatRequest(body: Record<string, unknown>, model: ModelProfile): ChatRequest {
  const messages = readMessages(body)
  const isStream = optionalBoolean(body, 'stream')
  const streamOptions = optionalObject(body, 'stream_options')
  if (streamOptions && !isStream) {
    throw invalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options')
  }
  optionalNumber(body, 'temperature', { least: 0, most: 2 })
  optionalNumber(body, 'top_p', { least: 0, most: 1 })
  return {
    messages,
    isStream,
    includesUsage: streamOptions ? optionalBoolean(streamOptions, 'include_usage') : false,
    includesObfuscation: streamOptions?.['include_obfuscation'] !== false,
    choices: optionalNumber(body, 'n', { least: 1, most: 128, isWhole: true }) ?? 1,
    maxOutputTokens: readLimit(body, model),
    effort: typeof body['reasoning_effort'] === 'string' ? body['reasoning_effort'] : undefined,
    calls: readCalls(body, messages),
    jsonSchema: readResponseFormat(body),
  }
}

function readMessages(body: Record<string, unknown>): unknown[] {
  const messages = requireField(body, 'messages')
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array of objects', messages)
  if (messages.length === 0) {
    throw invalidRequest("Invalid 'messages': empty array. Expected an array with minimum length 1.", 'messages', 'empty_array')
  }
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) throw wrongType(`messages[${index}]`, 'an object', message)
    const role = message['role']
    if (typeof role !== 'string' || !ROLES.has(role)) {
      throw invalidRequest(
        `Invalid value for 'messages[${index}].role': ${JSON.stringify(role)}.`,
        `messages[${index}].role`,
        'invalid_value',
      )
    }
  }
  return messages
}

function readLimit(body: Record<string, unknown>, model: ModelProfile): number | undefined {
  const range = { least: 1, most: 1_000_000, isWhole: true }
  if (model.kind === 'reasoning' && body['max_tokens'] !== undefined && body['max_tokens'] !== null) {
    const message = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    throw invalidRequest(message, 'max_tokens', 'unsupported_parameter')
  }
  return optionalNumber(body, 'max_completion_tokens', range) ?? optionalNumber(body, 'max_tokens', range)
}

/** The model calls functions when it must, or when it may and the last word is the user's; two of them when it may call several. */
function readCalls(body: Record<string, unknown>, messages: unknown[]): ChatRequest['calls'] {
  const tools = optionalArray(body, 'tools') ?? []
  const functions = tools.map((tool, index) => {
    const definition = isObject(tool) ? tool['function'] : undefined
    if (!isObject(definition) || typeof definition['name'] !== 'string') {
      throw invalidRequest(`Missing required parameter: 'tools[${index}].function.name'.`, `tools[${index}].function.name`)
    }
    return { name: definition['name'], parameters: definition['parameters'] }
  })
  const choice = body['tool_choice'] ?? 'auto'
  if (choice === 'none') return []
  if (isObject(choice) && isObject(choice['function'])) {
    const name = choice['function']['name']
    return functions.filter((definition) => definition.name === name)
  }
  const last = messages[messages.length - 1]
  if (choice === 'auto' && !(isObject(last) && last['role'] === 'user')) return []
  return functions.slice(0, body['parallel_tool_calls'] === false ? 1 : 2)
}

function readResponseFormat(body: Record<string, unknown>): unknown {
  const format = optionalObject(body, 'response_format')
  if (format?.['type'] === 'json_object') return null
  if (format?.['type'] !== 'json_schema') return undefined
  const definition = format['json_schema']
  if (!isObject(definition) || typeof definition['name'] !== 'string') {
    throw invalidRequest("Missing required parameter: 'response_format.json_schema'.", 'response_format.json_schema')
  }
  return definition['schema'] ?? null
}
