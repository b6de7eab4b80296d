import { describe, expect, it } from 'vitest'
import { ANTHROPIC_CLIENTS, type AnthropicClient } from './anthropic-clients.ts'
import { anthropicError, CLAUDE, MESSAGE_TOKENS, messageReply } from './anthropic-replies.ts'
import { collectingSink, newCapture } from './compare-clients.ts'
import { breakOff, hang, json, type Reply } from './scripted-upstream.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = {
  model: 'claude-haiku-4-5',
  max_tokens: 64,
  messages: [{ role: 'user' as const, content: 'Say "hello", {friend}: \\ "usage":{' }],
}
const REPORTED = { ...MESSAGE_TOKENS, source: 'reported' }
const ONE_OK = {
  provider: 'anthropic_compatible',
  model: CLAUDE,
  requestModel: ASK.model,
  operation: 'chat',
  stream: false,
  outcome: 'ok',
  attempts: 1,
  httpStatus: 200,
}

describe.each(ANTHROPIC_CLIENTS)('messages, @anthropic-ai/sdk $version', ({ make }) => {
  const compare = pair.of(make)
  const create = (client: AnthropicClient) => client.messages.create(ASK)

  it('a plain create gives the same message and is one call, cache and thinking told apart', async () => {
    const { calls, problems } = await compare({ script: [messageReply()], run: create })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
    expect(problems).toEqual([])
  })

  it('a long answer is read by its ends', async () => {
    const content = [{ type: 'text', text: '"usage":{"input_tokens":1} '.repeat(400) }]
    const { calls } = await compare({ script: [messageReply({ content })], run: create })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it('withResponse and asResponse give the same', async () => {
    const { calls } = await compare({
      script: [messageReply()],
      run: async (client) => {
        const { data, response, request_id } = await client.messages.create(ASK).withResponse()
        const raw = await client.messages.create(ASK).asResponse()
        return [data, response.status, [...response.headers], response.bodyUsed, request_id, raw instanceof Response, await raw.text()]
      },
    })
    expect(calls).toEqual([expect.objectContaining(ONE_OK), expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it('beta messages are calls, their compactions included in what they cost', async () => {
    const iterations = [
      { type: 'compaction', input_tokens: 500, output_tokens: 50, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
      { type: 'message', input_tokens: 9, output_tokens: 3, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    ]
    const { calls } = await compare({
      script: [messageReply({ usage: { input_tokens: 9, output_tokens: 3, iterations } })],
      run: (client) => client.beta.messages.create({ ...ASK, betas: ['compact-2026-01-12'] }),
    })
    expect(calls).toEqual([
      expect.objectContaining({ ...ONE_OK, usage: expect.objectContaining({ inputTokens: 509, outputTokens: 53, source: 'reported' }) }),
    ])
  })

  it('counting tokens, batches and the list of models are no calls to a model', async () => {
    const { calls } = await compare({
      script: [json({ input_tokens: 12, id: 'msgbatch_1', data: [], has_more: false })],
      run: async (client) => [
        await client.messages.countTokens({ model: ASK.model, messages: ASK.messages }),
        await client.messages.batches.create({ requests: [{ custom_id: 'a', params: ASK }] }),
        (await client.models.list()).data,
      ],
    })
    expect(calls).toEqual([])
  })

  it('an AbortSignal before the answer is one aborted call', async () => {
    let leave = () => {}
    const { calls } = await compare({
      script: [() => leave()],
      run: (client) => {
        const controller = new AbortController()
        leave = () => controller.abort()
        return client.messages.create(ASK, { signal: controller.signal })
      },
    })
    expect(calls).toEqual([
      expect.objectContaining({ outcome: 'aborted', attempts: 1, model: ASK.model, usage: expect.objectContaining({ source: 'partial' }) }),
    ])
  })

  it('a connection broken before the answer is a network error without usage', async () => {
    const { calls } = await compare({ script: [breakOff], run: create })
    expect(calls).toEqual([
      expect.objectContaining({ outcome: 'network', usage: expect.objectContaining({ inputTokens: 0, source: 'none' }) }),
    ])
  })

  it('a timeout is seen with its attempts', async () => {
    const { calls } = await compare({ script: [hang], options: { timeout: 250, maxRetries: 1 }, run: create })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'timeout', attempts: 2 })])
    expect(calls[0]?.wastedUsage?.inputTokens).toBeGreaterThan(0)
  })

  it.each([
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [529, 'overloaded_error'],
  ])('%i and then an answer is one call of two attempts, back-off included', async (status, type) => {
    const { calls } = await compare({
      script: [anthropicError(status, type, 'Later.', { 'retry-after-ms': '60' }), messageReply()],
      options: { maxRetries: 2 },
      run: create,
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, attempts: 2, usage: REPORTED })])
    expect(calls[0]?.durationMs).toBeGreaterThanOrEqual(60)
  })

  it('leaving during the back-off is one aborted call', async () => {
    let leave = () => {}
    const refuse: Reply = (request, response) => {
      setTimeout(() => leave(), 150)
      return anthropicError(429, 'rate_limit_error', 'Later.', { 'retry-after-ms': '900' })(request, response)
    }
    const { calls } = await compare({
      script: [refuse, messageReply()],
      options: { maxRetries: 2 },
      run: (client) => {
        const controller = new AbortController()
        leave = () => controller.abort()
        return client.messages.create(ASK, { signal: controller.signal })
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', attempts: 1 })])
  })

  const ERRORS: [status: number, type: string, text: string, outcome: string][] = [
    [400, 'invalid_request_error', 'prompt is too long: 200031 tokens > 200000 maximum', 'context_length'],
    [400, 'invalid_request_error', 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000', 'context_length'],
    [400, 'invalid_request_error', 'messages: Field required', 'invalid_request'],
    [401, 'authentication_error', 'invalid x-api-key', 'auth'],
    [402, 'billing_error', 'Pay first.', 'rate_limit'],
    [403, 'permission_error', 'No.', 'auth'],
    [404, 'not_found_error', 'model: claude-9', 'not_found'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'invalid_request'],
    [429, 'rate_limit_error', 'Slow down.', 'rate_limit'],
    [500, 'api_error', 'Internal server error', 'server_error'],
    [504, 'timeout_error', 'Timed out.', 'timeout'],
    [529, 'overloaded_error', 'Overloaded', 'overloaded'],
  ]
  it.each(ERRORS)('HTTP %i %s (%s) gives the same error and counts as %s', async (status, type, text, outcome) => {
    const { calls } = await compare({ script: [anthropicError(status, type, text)], run: create })
    const usage = expect.objectContaining({ source: 'none', inputTokens: 0 })
    expect(calls).toEqual([expect.objectContaining({ outcome, httpStatus: status, model: ASK.model, attempts: 1, usage })])
  })

  it.each(['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'model_context_window_exceeded'])(
    'an answer that stops by %s is one',
    async (stop_reason) => {
      const { calls } = await compare({ script: [messageReply({ stop_reason })], run: create })
      expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
    },
  )

  it.each([0, 200])('a refusal is the content filter, its tokens counted (%i words before)', async (words) => {
    const content = [{ type: 'text', text: 'I think that '.repeat(words) }]
    const { calls } = await compare({ script: [messageReply({ stop_reason: 'refusal', content })], run: create })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, outcome: 'content_filter', usage: REPORTED })])
  })

  it('withOptions on a wrapped client gives a wrapped client', async () => {
    const { calls } = await compare({
      script: [anthropicError(500, 'api_error', 'No.', { 'retry-after-ms': '1' }), messageReply()],
      run: (client) => client.withOptions({ maxRetries: 1 }).messages.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, attempts: 2 })])
  })

  it('a second wrap, by whomever, counts once, and nothing that can be enumerated is added', async () => {
    const [sink, other] = [collectingSink(), collectingSink()]
    const client = make({ baseURL: pair.upstream.baseURL })
    const keys = Object.keys(client)
    expect(newCapture(other).wrap(newCapture(sink).wrap(client))).toBe(client)
    expect(Object.keys(client)).toEqual(keys)
    pair.upstream.script(messageReply())
    await client.messages.create(ASK)
    expect([sink.calls.length, other.calls.length]).toEqual([1, 0])
  })

  it('an answer without usage is measured by its characters', async () => {
    const content = [
      { type: 'thinking', thinking: 'x'.repeat(20), signature: 'y'.repeat(500) },
      { type: 'text', text: 'x'.repeat(60) },
      { type: 'tool_use', id: 'toolu_1', name: 'get', input: { city: 'x'.repeat(9) } },
    ]
    const { calls } = await compare({ script: [messageReply({ usage: undefined, content })], run: create })
    expect(calls).toEqual([
      expect.objectContaining({ ...ONE_OK, usage: expect.objectContaining({ outputTokens: 25, source: 'estimated' }) }),
    ])
    expect(calls[0]?.usage.inputTokens).toBeGreaterThan(20)
  })
})
