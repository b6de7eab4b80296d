import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { collectingSink, newCapture } from '../fidelity/compare-clients.ts'
import { CHAT_MODEL, chatCompletion } from '../fidelity/openai-replies.ts'
import { jsonResponse, stubFetch } from '../fidelity/reply-stubs.ts'

function setUp() {
  const sink = collectingSink()
  return { sink, capture: newCapture(sink) }
}

describe('record', () => {
  it('keeps all that is given', () => {
    const { sink, capture } = setUp()
    const usage = { inputTokens: 10, cacheReadTokens: 4, outputTokens: 5, reasoningTokens: 2 }
    capture.with({ session: 's' }, () =>
      capture.record({
        provider: 'p',
        model: 'm',
        usage,
        durationMs: 120,
        startedAt: 1000,
        user: 'u',
        tags: { a: 'b' },
        outcome: 'timeout',
        costNanoUsd: 7,
        timeToFirstTokenMs: 20,
      }),
    )
    const expected = {
      provider: 'p',
      model: 'm',
      requestModel: 'm',
      operation: 'chat',
      stream: true,
      startedAt: 1000,
      durationMs: 120,
      timeToFirstTokenMs: 20,
      user: 'u',
      session: 's',
      tags: { a: 'b' },
      outcome: 'timeout',
      attempts: 1,
      measuredCostNanoUsd: 7,
      usage: { ...usage, cacheWriteTokens: 0, source: 'reported' },
    }
    expect(sink.calls).toEqual([{ id: expect.any(String), ...expected }])
    expect(sink.errors).toEqual([])
  })

  it.each([
    [{}, 'record: provider must be'],
    [{ provider: 'p', model: 3 }, 'record: model must be a string'],
    [{ provider: 'p', model: 'm', durationMs: -1 }, 'record: durationMs must be a number that is not negative, got -1'],
    [{ provider: 'p', model: 'm', usage: { inputTokens: 1.5 } }, 'record: usage: inputTokens must be an integer, got 1.5'],
    [{ provider: 'p', model: 'm', usage: 'many' }, 'record: usage: expected an object'],
    [{ provider: 'p', model: 'm', outcome: 'bad' }, 'record: outcome must be one of ok'],
    [{ provider: 'p', model: 'm', usage: { inputTokens: 1, cacheReadTokens: 2 } }, 'cacheReadTokens must not exceed its total of 1, got 2'],
    [undefined, 'record: expected an object'],
  ])('of %j reports the field and counts the call', (input, message) => {
    const { sink, capture } = setUp()
    capture.record(input as never)
    expect(sink.errors.map(String).join('\n')).toContain(message)
    expect(sink.calls).toHaveLength(1)
    expect(sink.calls[0]?.usage.cacheReadTokens).toBeLessThanOrEqual(sink.calls[0]?.usage.inputTokens ?? 0)
  })
})

describe('call', () => {
  it('passes on the result and records what was told', async () => {
    const { sink, capture } = setUp()
    const result = await capture.call({ provider: 'in-house', model: 'm1', user: 'u' }, async (call) => {
      call.firstToken()
      call.usage({ inputTokens: 5 })
      call.usage({ outputTokens: 7 })
      call.model('m1-2026')
      await new Promise((resolve) => setTimeout(resolve, 12))
      return 42
    })
    expect(result).toBe(42)
    expect(sink.calls).toEqual([
      expect.objectContaining({
        provider: 'in-house',
        model: 'm1-2026',
        requestModel: 'm1',
        stream: true,
        user: 'u',
        outcome: 'ok',
        usage: expect.objectContaining({ inputTokens: 5, outputTokens: 7, source: 'reported' }),
      }),
    ])
    expect(sink.calls[0]?.durationMs).toBeGreaterThan(10)
  })

  it.each([
    [Object.assign(new Error('x'), { status: 429 }), 'rate_limit'],
    [Object.assign(new Error('x'), { name: 'AbortError' }), 'aborted'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'network'],
    [new TypeError('x'), 'unknown'],
    ['a string', 'unknown'],
  ])('passes on the error %s and counts it as %s', async (error, outcome) => {
    const { sink, capture } = setUp()
    const run = capture.call({ provider: 'p', model: 'm' }, () => {
      throw error
    })
    await expect(run).rejects.toBe(error)
    expect(sink.calls).toEqual([expect.objectContaining({ outcome })])
  })

  it('around a wrapped call of the same model counts once, with its attribution', async () => {
    const { sink, capture } = setUp()
    const fetch = stubFetch(() => jsonResponse(chatCompletion())) as unknown as typeof globalThis.fetch
    const client = capture.wrap(new OpenAI({ apiKey: 'k', baseURL: 'https://api.openai.com/v1', fetch }))
    const ask = () => client.chat.completions.create({ model: 'gpt-4.1', messages: [] })
    await capture.call({ provider: 'openai', model: 'gpt-4.1', tags: { a: 'b' } }, ask)
    expect(sink.calls).toEqual([expect.objectContaining({ model: CHAT_MODEL, provider: 'openai', tags: { a: 'b' } })])
    await capture.call({ provider: 'in-house', model: 'router' }, ask)
    expect(sink.calls.map((call) => call.model)).toEqual([CHAT_MODEL, CHAT_MODEL, 'router'])
  })
})
