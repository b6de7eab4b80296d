/** Replies in OpenAI's wire format, field for field as the real service sends them. */
import { json, type Reply, type StreamOptions, writeEvents } from './scripted-upstream.ts'

export const CHAT_USAGE = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
}

export const CHAT_MODEL = 'gpt-4.1-2025-04-14'

export function chatCompletion(message: Record<string, unknown> = { content: 'Hello! How can I help you today?' }, finishReason = 'stop') {
  return {
    id: 'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT',
    object: 'chat.completion',
    created: 1741569952,
    model: CHAT_MODEL,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, refusal: null, annotations: [], ...message },
        logprobs: null,
        finish_reason: finishReason,
      },
    ],
    usage: CHAT_USAGE,
    service_tier: 'default',
    system_fingerprint: 'fp_44709d6fcb',
  }
}

export const chatReply = (message?: Record<string, unknown>, finishReason?: string): Reply => json(chatCompletion(message, finishReason))

export const ssePart = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

type Delta = Record<string, unknown>

const chunkBase = {
  id: 'chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG',
  object: 'chat.completion.chunk',
  created: 1741570283,
  model: CHAT_MODEL,
  service_tier: 'default',
  system_fingerprint: 'fp_44709d6fcb',
}

/** The events of a chat stream. With usage: `"usage":null` in each and an extra event before the end, as OpenAI does. */
export function chatEvents(
  deltas: readonly Delta[],
  { finishReason = 'stop', withUsage = false, usage = CHAT_USAGE as unknown } = {},
): string[] {
  const nothing = withUsage ? { usage: null } : {}
  const chunk = (delta: Delta, finish: string | null) =>
    ssePart({ ...chunkBase, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...nothing, obfuscation: 'x7Qp' })
  const events = [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...deltas.map((delta) => chunk(delta, null)),
    chunk({}, finishReason),
  ]
  if (withUsage) events.push(ssePart({ ...chunkBase, choices: [], usage, obfuscation: '9' }))
  return [...events, ssePart('[DONE]')]
}

export const WORDS = ['Hel', 'lo', ' wörld', ' 🌍', '!']
export const CONTENT_DELTAS: Delta[] = WORDS.map((content) => ({ content }))

export const asksForUsage = (body: string) => body.includes('"include_usage":true')

/** A chat stream that carries usage only when it was asked for. */
export function chatStream(deltas: readonly Delta[] = CONTENT_DELTAS, options: StreamOptions & { finishReason?: string } = {}): Reply {
  return (request, response) => {
    const events = chatEvents(deltas, { finishReason: options.finishReason, withUsage: asksForUsage(request.body) })
    return writeEvents(response, events, options)
  }
}

export const TOOL_DELTAS: Delta[] = [
  { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } }] },
  ...['{"ci', 'ty":"', 'Paris"}'].map((part) => ({ tool_calls: [{ index: 0, function: { arguments: part } }] })),
]

const RESPONSE_USAGE = {
  input_tokens: 36,
  input_tokens_details: { cached_tokens: 5 },
  output_tokens: 87,
  output_tokens_details: { reasoning_tokens: 40 },
  total_tokens: 123,
}

export function response(fields: Record<string, unknown> = {}, text = 'In a peaceful grove') {
  return {
    id: 'resp_67ccd2bed1ec8190b14f964abc054267',
    object: 'response',
    created_at: 1741476542,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: CHAT_MODEL,
    output: [
      {
        type: 'message',
        id: 'msg_67ccd2bf17f0819081ff3bb2cf6508e6',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
    ],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    // A tool whose schema has a property called usage: no usage of the call.
    tools: [
      { type: 'function', name: 'report', parameters: { type: 'object', properties: { usage: { prompt_tokens: 1 } } }, strict: true },
    ],
    top_p: 1,
    truncation: 'disabled',
    usage: RESPONSE_USAGE,
    user: null,
    metadata: { model: 'not-a-model' },
    ...fields,
  }
}

const typed = (type: string, sequence: number, fields: Record<string, unknown>) =>
  `event: ${type}\n${ssePart({ type, sequence_number: sequence, ...fields })}`

/** The events of a Responses stream. */
export function responseEvents(
  text = 'In a grove',
  last: { type: string; fields?: Record<string, unknown> } = { type: 'response.completed' },
): string[] {
  const started = response({ status: 'in_progress', output: [], usage: null })
  const item = { type: 'message', id: 'msg_1', status: 'in_progress', role: 'assistant', content: [] }
  const where = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const part = { type: 'output_text', text: '', annotations: [] }
  const deltas = text.match(/.{1,3}/g) ?? []
  let sequence = 4
  return [
    typed('response.created', 0, { response: started }),
    typed('response.in_progress', 1, { response: started }),
    typed('response.output_item.added', 2, { output_index: 0, item }),
    typed('response.content_part.added', 3, { ...where, part }),
    ...deltas.map((delta) => typed('response.output_text.delta', sequence++, { ...where, delta, logprobs: [], obfuscation: 'k2' })),
    typed('response.output_text.done', sequence++, { ...where, text, logprobs: [] }),
    typed('response.content_part.done', sequence++, { ...where, part: { ...part, text } }),
    typed('response.output_item.done', sequence++, {
      output_index: 0,
      item: { ...item, status: 'completed', content: [{ ...part, text }] },
    }),
    typed(last.type, sequence++, { response: response({ ...last.fields }, text) }),
  ]
}

export const responseStream =
  (events = responseEvents(), options: StreamOptions = {}): Reply =>
  (_request, answer) =>
    writeEvents(answer, events, options)

export const embeddingReply = (): Reply =>
  json({
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: [0.0023064255, -0.009327292, -0.0028842222] }],
    model: 'text-embedding-3-small',
    usage: { prompt_tokens: 8, total_tokens: 8 },
  })

export const imageReply = (): Reply =>
  json({
    created: 1713833628,
    data: [{ b64_json: 'aGVsbG8='.repeat(40) }],
    background: 'opaque',
    output_format: 'png',
    usage: { total_tokens: 100, input_tokens: 50, output_tokens: 50, input_tokens_details: { text_tokens: 10, image_tokens: 40 } },
  })
