/** Replies in Anthropic's wire format, field for field as the real service sends them. */
import { json, type Reply, type StreamOptions, writeEvents } from './scripted-upstream.ts'

export const CLAUDE = 'claude-haiku-4-5-20251001'

export const MESSAGE_USAGE = {
  input_tokens: 19,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 40,
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
  output_tokens: 12,
  output_tokens_details: { thinking_tokens: 5 },
  server_tool_use: null,
  service_tier: 'standard',
  inference_geo: 'not_available',
}

/** The same as we count it: what the cache read and wrote is input. */
export const MESSAGE_TOKENS = {
  inputTokens: 89,
  cacheReadTokens: 40,
  cacheWriteTokens: 30,
  cacheWrite1hTokens: 10,
  outputTokens: 12,
  reasoningTokens: 5,
}

export function message(fields: Record<string, unknown> = {}) {
  return {
    model: CLAUDE,
    id: 'msg_01XFDUDYJgAACzvnptvVoYEL',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hello! How can I help you today?' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: MESSAGE_USAGE,
    ...fields,
  }
}

export const messageReply = (fields?: Record<string, unknown>): Reply => json(message(fields), 200, { 'request-id': 'req_011C' })

export const namedEvent = (data: { type: string } & Record<string, unknown>) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`

type Delta = { type: string } & Record<string, unknown>

const TEXT_DELTAS: Delta[] = ['Hel', 'lo', ' wörld', ' 🌍', '! "text":"'].map((text) => ({ type: 'text_delta', text }))
const THINKING_DELTAS: Delta[] = [
  ...['Let me ', 'think'].map((thinking) => ({ type: 'thinking_delta', thinking })),
  { type: 'signature_delta', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h' },
]
const TOOL_DELTAS: Delta[] = ['', '{"city"', ': "Par', 'is"}'].map((partial_json) => ({ type: 'input_json_delta', partial_json }))

export interface Block {
  start: Record<string, unknown>
  deltas: readonly Delta[]
}

export const TEXT_BLOCK: Block = { start: { type: 'text', text: '' }, deltas: TEXT_DELTAS }
export const THINKING_BLOCK: Block = { start: { type: 'thinking', thinking: '', signature: '' }, deltas: THINKING_DELTAS }
export const TOOL_BLOCK: Block = {
  start: { type: 'tool_use', id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', name: 'get_weather', input: {} },
  deltas: TOOL_DELTAS,
}

/** The events of a stream: usage with a provisional output first, the final and cumulative one at the end. */
export function messageEvents(
  blocks: readonly Block[] = [TEXT_BLOCK],
  { stopReason = 'end_turn', lastUsage = {} as Record<string, unknown> } = {},
): string[] {
  const start = message({ content: [], stop_reason: null, usage: { ...MESSAGE_USAGE, output_tokens: 1, output_tokens_details: null } })
  const { cache_creation: _split, service_tier: _tier, inference_geo: _geo, ...cumulative } = MESSAGE_USAGE
  return [
    namedEvent({ type: 'message_start', message: start }),
    ...blocks.flatMap(({ start: content_block, deltas }, index) => [
      namedEvent({ type: 'content_block_start', index, content_block }),
      namedEvent({ type: 'ping' }),
      ...deltas.map((delta) => namedEvent({ type: 'content_block_delta', index, delta })),
      namedEvent({ type: 'content_block_stop', index }),
    ]),
    namedEvent({
      type: 'message_delta',
      delta: { stop_reason: stopReason, stop_sequence: null },
      usage: { ...cumulative, ...lastUsage },
    }),
    namedEvent({ type: 'message_stop' }),
  ]
}

export const messageStream =
  (events = messageEvents(), options: StreamOptions = {}): Reply =>
  (_request, answer) =>
    writeEvents(answer, events, options)

export function anthropicError(status: number, type: string, text = 'No.', headers: Record<string, string> = {}): Reply {
  return json({ type: 'error', error: { type, message: text }, request_id: 'req_011C' }, status, { 'request-id': 'req_011C', ...headers })
}
