/** A request to the Responses API, checked as OpenAI checks it. */
import { invalidRequest } from '../api-error.ts'
import { optionalArray, optionalBoolean, optionalNumber, optionalObject, requireField, wrongType } from '../fields.ts'
import { isObject } from '../is-object.ts'

export interface ResponsesRequest {
  input: string | unknown[]
  instructions: string | null
  isStream: boolean
  includesObfuscation: boolean
  maxOutputTokens?: number
  effort?: string
  calls: { name: string; parameters: unknown }[]
  jsonSchema?: unknown
}

export function readResponsesRequest(body: Record<string, unknown>): ResponsesRequest {
  const input = requireField(body, 'input')
  if (typeof input !== 'string' && !Array.isArray(input)) throw wrongType('input', 'a string or an array', input)
  const isStream = optionalBoolean(body, 'stream')
  const streamOptions = optionalObject(body, 'stream_options')
  // Usage comes unasked here; the option of Chat Completions is refused.
  if (streamOptions && 'include_usage' in streamOptions) {
    throw invalidRequest("Unknown parameter: 'stream_options.include_usage'.", 'stream_options.include_usage', 'unknown_parameter')
  }
  if (streamOptions && !isStream) {
    throw invalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options')
  }
  optionalNumber(body, 'temperature', { least: 0, most: 2 })
  const effort = optionalObject(body, 'reasoning')?.['effort']
  return {
    input,
    instructions: typeof body['instructions'] === 'string' ? body['instructions'] : null,
    isStream,
    includesObfuscation: streamOptions?.['include_obfuscation'] !== false,
    maxOutputTokens: optionalNumber(body, 'max_output_tokens', { least: 16, most: 1_000_000, isWhole: true }),
    effort: typeof effort === 'string' ? effort : undefined,
    calls: readCalls(body, input),
    jsonSchema: readTextFormat(body),
  }
}

/** The model calls functions when it must, or when it may and is not being told the result of one. */
function readCalls(body: Record<string, unknown>, input: string | unknown[]): ResponsesRequest['calls'] {
  const tools = (optionalArray(body, 'tools') ?? []).filter((tool) => isObject(tool) && tool['type'] === 'function')
  const functions = tools.map((tool, index) => {
    const { name, parameters } = tool as Record<string, unknown>
    if (typeof name !== 'string') throw invalidRequest(`Missing required parameter: 'tools[${index}].name'.`, `tools[${index}].name`)
    return { name, parameters }
  })
  const choice = body['tool_choice'] ?? 'auto'
  if (choice === 'none') return []
  if (isObject(choice)) return functions.filter((definition) => definition.name === choice['name'])
  const last = Array.isArray(input) ? input[input.length - 1] : undefined
  if (choice === 'auto' && isObject(last) && last['type'] === 'function_call_output') return []
  return functions.slice(0, body['parallel_tool_calls'] === false ? 1 : 2)
}

function readTextFormat(body: Record<string, unknown>): unknown {
  const format = optionalObject(body, 'text')?.['format']
  if (!isObject(format)) return undefined
  if (format['type'] === 'json_object') return null
  return format['type'] === 'json_schema' ? (format['schema'] ?? null) : undefined
}
