import { describe, expect, it } from 'vitest'
import { message } from '../fidelity/anthropic-replies.ts'
import { collectingSink, newCapture } from '../fidelity/compare-clients.ts'
import { asksForUsage, CHAT_USAGE, CONTENT_DELTAS, chatCompletion, chatEvents } from '../fidelity/openai-replies.ts'
import { eventResponse, jsonResponse, stubFetch } from '../fidelity/reply-stubs.ts'

const BODY = JSON.stringify({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'Hi' }], stream: true })
const post = (
  body: string | Uint8Array<ArrayBuffer> = BODY,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): RequestInit => ({ method: 'POST', body, headers })
const chat = (body: string) => eventResponse(chatEvents(CONTENT_DELTAS, { withUsage: asksForUsage(body) }))
const tick = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms))

function setUp(...replies: Parameters<typeof stubFetch>) {
  const sink = collectingSink()
  const inner = stubFetch(...replies)
  const capture = newCapture(sink)
  return { sink, inner, capture, fetch: capture.wrapFetch(inner) as unknown as typeof globalThis.fetch }
}

const ASKED: [url: string, asked: boolean][] = [
  ['https://api.openai.com/v1/chat/completions', true],
  ['https://gateway.example/v1/chat/completions', true],
  ['https://api.openai.com/v1/responses', false],
  ['https://api.groq.com/openai/v1/chat/completions', false],
  ['https://api.mistral.ai/v1/chat/completions', false],
  ['https://x.cloud.databricks.com/serving-endpoints/chat/completions', false],
  ['https://openrouter.ai/api/v1/chat/completions', true],
  ['https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01', false],
  ['https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21', true],
  ['https://r.openai.azure.com/openai/v1/chat/completions', true],
]

describe('asking for usage', () => {
  it.each(ASKED)('%s: asked %s', async (url, asked) => {
    const { inner, fetch } = setUp(chat)
    await (await fetch(url, post())).text()
    expect(asksForUsage(String(inner.calls[0]?.init?.body))).toBe(asked)
  })

  it('is off with streamUsage observe', async () => {
    const sink = collectingSink()
    const inner = stubFetch(chat)
    const fetch = newCapture(sink, 'observe').wrapFetch(inner) as unknown as typeof globalThis.fetch
    await (await fetch('https://api.openai.com/v1/chat/completions', post())).text()
    expect(String(inner.calls[0]?.init?.body)).toBe(BODY)
    expect(sink.calls).toEqual([expect.objectContaining({ usage: expect.objectContaining({ source: 'estimated', outputTokens: 5 }) })])
  })

  it('keeps other stream options, corrects content-length, and leaves the init of the caller alone', async () => {
    const { inner, fetch } = setUp(chat)
    const body = JSON.stringify({ stream: true, stream_options: { include_obfuscation: false }, model: 'm', messages: [] })
    const init = post(body, { 'Content-Length': String(body.length), 'content-type': 'application/json' })
    await (await fetch('https://api.openai.com/v1/chat/completions', init)).text()
    const sent = inner.calls[0]?.init as RequestInit
    expect(JSON.parse(String(sent.body))).toEqual({
      ...JSON.parse(body),
      stream_options: { include_usage: true, include_obfuscation: false },
    })
    expect(new Headers(sent.headers).get('content-length')).toBe(String(String(sent.body).length))
    expect(init).toEqual(post(body, { 'Content-Length': String(body.length), 'content-type': 'application/json' }))
  })

  it('is taken back when the server refuses, and not tried again there', async () => {
    const refuse = (body: string) =>
      asksForUsage(body) ? jsonResponse({ error: { message: 'Unknown parameter: stream_options' } }, 400) : chat(body)
    const { sink, inner, fetch } = setUp(refuse)
    for (let round = 0; round < 2; round++) {
      const response = await fetch('https://gateway.example/v1/chat/completions', post())
      expect([response.status, await response.text()]).toEqual([200, chatEvents(CONTENT_DELTAS).join('')])
    }
    expect(inner.calls.map((call) => asksForUsage(String(call.init?.body)))).toEqual([true, false, false])
    expect(sink.calls.map(({ attempts, outcome, usage }) => [attempts, outcome, usage.source])).toEqual([
      [1, 'ok', 'estimated'],
      [1, 'ok', 'estimated'],
    ])
  })

  it('passes on a 400 that has other reasons, readable', async () => {
    const { sink, fetch, inner } = setUp(() => jsonResponse({ error: { message: 'no', code: 'context_length_exceeded' } }, 400))
    const response = await fetch('https://gateway.example/v1/chat/completions', post())
    expect(await response.json()).toEqual({ error: { message: 'no', code: 'context_length_exceeded' } })
    expect(inner.calls).toHaveLength(1)
    expect(sink.calls).toEqual([expect.objectContaining({ outcome: 'context_length', httpStatus: 400 })])
  })

  it('shows the extra event where the provider may send it unasked', async () => {
    const { fetch } = setUp(chat)
    const seen = await (await fetch('https://openrouter.ai/api/v1/chat/completions', post())).text()
    expect(seen).toBe(chatEvents(CONTENT_DELTAS, { withUsage: true }).join(''))
  })

  it('works on bodies of bytes', async () => {
    const { inner, fetch, sink } = setUp((body) => chat(body))
    await (await fetch('https://api.openai.com/v1/chat/completions', post(Buffer.from(BODY)))).text()
    expect(inner.calls[0]?.init?.body).toBeInstanceOf(Uint8Array)
    expect(sink.calls).toEqual([expect.objectContaining({ usage: expect.objectContaining({ source: 'requested' }) })])
  })
})

describe('messages', () => {
  const ASK = JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'Hi' }] })

  it.each([
    ['https://api.anthropic.com/v1/messages', 'anthropic'],
    ['https://gateway.example/v1/messages', 'anthropic_compatible'],
  ])('%s with a model to answer is a call to %s', async (url, provider) => {
    const { sink, inner, fetch } = setUp(() => jsonResponse(message(), 200, { 'x-litellm-response-cost': '0.001' }))
    await (await fetch(url, post(ASK))).json()
    expect(inner.calls[0]?.init?.body).toBe(ASK)
    expect(sink.calls).toEqual([expect.objectContaining({ provider, requestModel: 'claude-haiku-4-5', outcome: 'ok' })])
    expect(sink.calls[0]?.measuredCostNanoUsd).toBe(provider === 'anthropic' ? undefined : 1_000_000)
  })

  it.each([JSON.stringify({ to: '+49', text: 'Hi' }), undefined])('sent to a service of another kind are none (%s)', async (body) => {
    const { sink, fetch } = setUp(() => jsonResponse({ sent: true }))
    const response = await fetch('https://sms.example/v1/messages', { method: 'POST', body })
    expect(await response.json()).toEqual({ sent: true })
    await tick()
    expect(sink.calls).toEqual([])
  })
})

describe('what is no call to a model', () => {
  it.each([
    ['https://api.openai.com/v1/models', 'GET'],
    ['https://api.openai.com/v1/files', 'POST'],
    ['https://api.openai.com/v1/responses/resp_1/cancel', 'POST'],
    ['https://api.openai.com/v1/chat/completions', 'GET'],
    ['data:,', 'GET'],
  ])('%s %s gets the very promise and response of the fetch', async (url, method) => {
    const response = jsonResponse({})
    const promise = Promise.resolve(response)
    const sink = collectingSink()
    const fetch = newCapture(sink).wrapFetch((() => promise) as unknown as typeof globalThis.fetch)
    expect(fetch(url, { method })).toBe(promise)
    expect(Object.getPrototypeOf(response)).toBe(Response.prototype)
    await tick()
    expect(sink.calls).toEqual([])
  })
})

describe('the hooked fetch', () => {
  it('carries the own properties of the one it hides', () => {
    const inner = Object.assign(stubFetch(chat), { Response, mock: { calls: [] } })
    const fetch = newCapture(collectingSink()).wrapFetch(inner)
    expect(fetch.Response).toBe(Response)
    expect(fetch.mock).toBe(inner.mock)
    expect(fetch.name).toBe(inner.name)
  })

  it('is not hooked twice', () => {
    const fetch = newCapture(collectingSink()).wrapFetch(stubFetch(chat))
    expect(newCapture(collectingSink()).wrapFetch(fetch)).toBe(fetch)
  })

  it('inside another fetch counts once; a second request in there counts by itself', async () => {
    const sink = collectingSink()
    const capture = newCapture(sink)
    const innermost = capture.wrapFetch(stubFetch(() => jsonResponse(chatCompletion()))) as unknown as typeof globalThis.fetch
    const outer = capture.wrapFetch((async (url: string, init: RequestInit) => {
      await (await innermost('https://api.openai.com/v1/embeddings', post('{"model":"e"}'))).json()
      return innermost(url, init)
    }) as unknown as typeof globalThis.fetch)
    await (await outer('https://api.openai.com/v1/chat/completions', post('{"model":"m"}'))).json()
    expect(sink.calls.map((call) => call.operation).sort()).toEqual(['chat', 'embeddings'])
  })

  it('reads a Request object on the side', async () => {
    const { sink, inner, fetch } = setUp(() => jsonResponse('', 500))
    const response = await fetch(new Request('https://api.openai.com/v1/chat/completions', post()))
    await tick()
    await response.text()
    expect(inner.calls).toHaveLength(1)
    expect(sink.calls).toEqual([expect.objectContaining({ model: 'gpt-4.1', outcome: 'server_error', stream: true })])
  })

  it('passes on what the fetch throws, at once or later', async () => {
    const sink = collectingSink()
    const boom = new Error('boom')
    const throwing = newCapture(sink).wrapFetch((() => {
      throw boom
    }) as unknown as typeof globalThis.fetch)
    expect(() => throwing('https://api.openai.com/v1/chat/completions', post())).toThrow(boom)
    const rejecting = newCapture(sink).wrapFetch((() => Promise.reject(boom)) as unknown as typeof globalThis.fetch)
    await expect(rejecting('https://api.openai.com/v1/chat/completions', post())).rejects.toBe(boom)
    expect(sink.calls.map((call) => call.outcome)).toEqual(['network', 'network'])
  })

  it('sends a request that is no call to a model once, though the fetch throws', () => {
    let sent = 0
    const fetch = newCapture(collectingSink()).wrapFetch((() => {
      sent++
      throw new Error('boom')
    }) as unknown as typeof globalThis.fetch)
    expect(() => fetch('https://api.openai.com/v1/files', post())).toThrow('boom')
    expect(sent).toBe(1)
  })

  it('takes a fetch that answers at once', async () => {
    const { sink, capture } = setUp(chat)
    const fetch = capture.wrapFetch((() => jsonResponse(chatCompletion())) as unknown as typeof globalThis.fetch)
    const response = await fetch('https://api.openai.com/v1/chat/completions', post('{"model":"m"}'))
    expect(await response.json()).toEqual(chatCompletion())
    expect(sink.calls).toHaveLength(1)
  })

  it('a sink that throws does not disturb the program', async () => {
    const failing = () => {
      throw new Error('sink')
    }
    const fetch = newCapture({ record: failing, unparsed: failing, failed: failing }).wrapFetch(
      stubFetch(() => jsonResponse({ ...chatCompletion(), usage: { weird: -1 } })),
    )
    const response = (await (fetch as unknown as typeof globalThis.fetch)('https://api.openai.com/v1/chat/completions', post())) as Response
    expect(await response.json()).toMatchObject({ usage: { weird: -1 } })
  })

  it('takes a stand-in for a response as tests make them', async () => {
    const { sink, fetch } = setUp(
      async () => ({ ok: true, status: 200, headers: new Headers(), json: async () => chatCompletion() }) as unknown as Response,
    )
    const response = await fetch('https://api.openai.com/v1/chat/completions', post('{"model":"m"}'))
    expect(await response.json()).toEqual(chatCompletion())
    expect(sink.calls).toEqual([expect.objectContaining({ usage: expect.objectContaining({ inputTokens: CHAT_USAGE.prompt_tokens }) })])
  })

  it('takes the same stand-in again and again', async () => {
    const standIn = { ok: true, status: 200, headers: new Headers(), json: async () => chatCompletion() } as unknown as Response
    const { sink, fetch } = setUp(() => standIn)
    for (let round = 0; round < 3; round++) await (await fetch('https://api.openai.com/v1/chat/completions', post('{"model":"m"}'))).json()
    expect(sink.calls.map((call) => call.outcome)).toEqual(['ok', 'ok', 'ok'])
    expect(sink.errors).toEqual([])
  })

  it('an answer that nobody reads is counted when settled, and not again when it is read later', async () => {
    const { sink, fetch, capture } = setUp(() => jsonResponse(chatCompletion()))
    const response = await fetch('https://api.openai.com/v1/chat/completions', post('{"model":"m"}'))
    expect(capture.openCalls()).toBe(1)
    capture.settleOpenCalls()
    expect(capture.openCalls()).toBe(0)
    await response.json()
    expect(sink.calls).toEqual([
      expect.objectContaining({ outcome: 'aborted', model: 'm', usage: expect.objectContaining({ source: 'partial' }) }),
    ])
  })

  it('a LiteLLM gateway states the cost in a header', async () => {
    const { sink, fetch } = setUp(() => jsonResponse(chatCompletion(), 200, { 'x-litellm-response-cost': '0.00125' }))
    await (await fetch('https://gateway.example/v1/chat/completions', post('{"model":"m"}'))).json()
    expect(sink.calls[0]?.measuredCostNanoUsd).toBe(1_250_000)
  })
})
