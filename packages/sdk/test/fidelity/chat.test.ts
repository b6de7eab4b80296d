import { describe, expect, it } from 'vitest'
import { CLIENTS } from './compare-clients.ts'
import { CHAT_MODEL, chatReply } from './openai-replies.ts'
import { apiError, breakOff, hang, type Reply } from './scripted-upstream.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Say "hello", {friend}: \\ "usage":{' }] }
const REPORTED = { inputTokens: 19, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 3, source: 'reported' }
const ONE_OK = {
  provider: 'openai_compatible',
  model: CHAT_MODEL,
  requestModel: 'gpt-4.1',
  operation: 'chat',
  outcome: 'ok',
  attempts: 1,
  httpStatus: 200,
}

describe.each(CLIENTS)('chat completions, openai $version', ({ make }) => {
  const compare = pair.of(make)

  it('a plain create gives the same answer and is one call', async () => {
    const { calls } = await compare({ script: [chatReply()], run: (client) => client.chat.completions.create(ASK) })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: false, usage: REPORTED })])
  })

  it('the same promise awaited twice is one call', async () => {
    const { calls } = await compare({
      script: [chatReply()],
      run: async (client) => {
        const promise = client.chat.completions.create(ASK)
        return [await promise, await promise]
      },
    })
    expect(calls).toHaveLength(1)
  })

  it('withResponse gives data, response and request id', async () => {
    const { calls } = await compare({
      script: [chatReply()],
      run: async (client) => {
        const { data, response, request_id } = await client.chat.completions.create(ASK).withResponse()
        return {
          data,
          request_id,
          status: response.status,
          headers: [...response.headers],
          used: response.bodyUsed,
          isResponse: response instanceof Response,
        }
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it('an AbortSignal before the answer is one aborted call', async () => {
    let leave = () => {}
    const { calls } = await compare({
      script: [() => leave()],
      run: (client) => {
        const controller = new AbortController()
        leave = () => controller.abort()
        return client.chat.completions.create(ASK, { signal: controller.signal })
      },
    })
    expect(calls).toEqual([
      expect.objectContaining({ outcome: 'aborted', attempts: 1, model: 'gpt-4.1', usage: expect.objectContaining({ source: 'partial' }) }),
    ])
  })

  it('an AbortSignal that was aborted before sends nothing and is no call', async () => {
    const { calls } = await compare({
      script: [chatReply()],
      run: (client) => client.chat.completions.create(ASK, { signal: AbortSignal.abort() }),
    })
    expect(calls).toEqual([])
  })

  it('a connection broken before the answer is a network error without usage', async () => {
    const { calls } = await compare({ script: [breakOff], run: (client) => client.chat.completions.create(ASK) })
    expect(calls).toEqual([
      expect.objectContaining({ outcome: 'network', model: 'gpt-4.1', usage: expect.objectContaining({ inputTokens: 0, source: 'none' }) }),
    ])
  })

  it('a refused connection is seen', async () => {
    const { calls } = await compare({
      script: [chatReply()],
      options: { baseURL: 'http://127.0.0.1:1/v1' },
      run: (client) => client.chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'network', attempts: 1 })])
  })

  it('a timeout is seen with its attempts', async () => {
    const { calls } = await compare({
      script: [hang],
      options: { timeout: 250, maxRetries: 1 },
      run: (client) => client.chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'timeout', attempts: 2 })])
    expect(calls[0]?.wastedUsage?.inputTokens).toBeGreaterThan(0)
    expect(calls[0]?.durationMs).toBeGreaterThan(300)
  })

  it('429 and then an answer is one call of two attempts, back-off included', async () => {
    const { calls } = await compare({
      script: [apiError(429, { code: 'rate_limit_exceeded' }, { 'retry-after-ms': '60' }), chatReply()],
      options: { maxRetries: 2 },
      run: (client) => client.chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, attempts: 2, usage: REPORTED })])
    expect(calls[0]?.durationMs).toBeGreaterThanOrEqual(60)
  })

  it('leaving during the back-off is one aborted call', async () => {
    let leave = () => {}
    const refuse: Reply = (request, response) => {
      setTimeout(() => leave(), 150)
      return apiError(429, {}, { 'retry-after-ms': '900' })(request, response)
    }
    const { calls } = await compare({
      script: [refuse, chatReply()],
      options: { maxRetries: 2 },
      run: (client) => {
        const controller = new AbortController()
        leave = () => controller.abort()
        return client.chat.completions.create(ASK, { signal: controller.signal })
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', attempts: 1 })])
  })

  const ERRORS: [status: number, error: Record<string, unknown>, outcome: string][] = [
    [400, { code: 'context_length_exceeded' }, 'context_length'],
    [400, { code: 'content_filter' }, 'content_filter'],
    [400, {}, 'invalid_request'],
    [401, { code: 'invalid_api_key' }, 'auth'],
    [404, { code: 'model_not_found' }, 'not_found'],
    [429, { code: 'insufficient_quota', type: 'insufficient_quota' }, 'rate_limit'],
    [500, { type: 'server_error' }, 'server_error'],
    [503, { type: 'server_error' }, 'overloaded'],
  ]
  it.each(ERRORS)('HTTP %i with %j gives the same error and counts as %s', async (status, error, outcome) => {
    const { calls } = await compare({ script: [apiError(status, error)], run: (client) => client.chat.completions.create(ASK) })
    const expected = {
      outcome,
      httpStatus: status,
      model: 'gpt-4.1',
      attempts: 1,
      usage: expect.objectContaining({ source: 'none', inputTokens: 0 }),
    }
    expect(calls).toEqual([expect.objectContaining(expected)])
  })

  it('an answer stopped by the content filter is counted so', async () => {
    const { calls } = await compare({
      script: [chatReply({ content: 'I' }, 'content_filter')],
      run: (client) => client.chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'content_filter', usage: REPORTED })])
  })
})
