import { describe, expect, it } from 'vitest'
import { ANTHROPIC_CLIENTS } from './anthropic-clients.ts'
import {
  CLAUDE,
  MESSAGE_TOKENS,
  messageEvents,
  messageStream,
  namedEvent,
  TEXT_BLOCK,
  THINKING_BLOCK,
  TOOL_BLOCK,
} from './anthropic-replies.ts'
import { drain } from './compare-clients.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user' as const, content: 'Hello' }], stream: true as const }
const REPORTED = { ...MESSAGE_TOKENS, source: 'reported' }
const { outputTokens: _output, ...INPUT } = MESSAGE_TOKENS
const ONE_OK = {
  provider: 'anthropic_compatible',
  model: CLAUDE,
  requestModel: ASK.model,
  operation: 'chat',
  stream: true,
  outcome: 'ok',
  attempts: 1,
  httpStatus: 200,
}
/** Input as the first event says it, output by the events with content. */
const partial = (outputTokens: number) => ({ ...INPUT, outputTokens, reasoningTokens: 0, source: 'partial' })

describe.each(ANTHROPIC_CLIENTS)('message streams, @anthropic-ai/sdk $version', ({ make }) => {
  const compare = pair.of(make)

  it('a stream read to the end gives the same events, and is sent as the caller wrote it', async () => {
    const { calls, problems } = await compare({
      script: [messageStream()],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
    expect(calls[0]?.timeToFirstTokenMs).toBeGreaterThan(0)
    expect(calls[0]?.timePerOutputTokenMs).toBeGreaterThan(0)
    expect(problems).toEqual([])
    expect(JSON.parse(pair.upstream.requests[0]?.body ?? '')).toEqual(ASK)
  })

  it.each([{ bytesPerWrite: 13 }, { bytesPerWrite: 100 }, { lineEnd: '\r\n' }, { lineEnd: '\r\n', bytesPerWrite: 31 }])(
    'a stream in odd pieces (%j) gives the same events',
    async (options) => {
      const { calls } = await compare({
        script: [messageStream(messageEvents([THINKING_BLOCK, TEXT_BLOCK]), options)],
        run: async (client) => drain(await client.messages.create(ASK)),
      })
      expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
    },
  )

  it('thinking, text and tool calls in one stream give the same', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents([THINKING_BLOCK, TEXT_BLOCK, TOOL_BLOCK], { stopReason: 'tool_use' }))],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it('the last usage overwrites the first field by field, null says nothing', async () => {
    const lastUsage = { input_tokens: 25, cache_read_input_tokens: null, cache_creation_input_tokens: 45, output_tokens: 33 }
    const { calls } = await compare({
      script: [messageStream(messageEvents([TEXT_BLOCK], { lastUsage }))],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    const usage = { ...REPORTED, inputTokens: 25 + 40 + 45, cacheWriteTokens: 45, outputTokens: 33 }
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage })])
  })

  it('a stream without its first event, as llama.cpp may send it, has the output as counted and the input estimated', async () => {
    const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 12 } }
    const events = [...messageEvents().slice(1, -2), namedEvent(delta), namedEvent({ type: 'message_stop' })]
    const { calls } = await compare({
      script: [messageStream(events)],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    const inputTokens = Math.ceil(JSON.stringify(ASK).length / 4)
    const usage = { inputTokens, outputTokens: 12, source: 'estimated' }
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, model: ASK.model, usage: expect.objectContaining(usage) })])
  })

  it('stream.tee and toReadableStream give the same', async () => {
    const { calls } = await compare({
      script: [messageStream()],
      run: async (client) => {
        const [left, right] = (await client.messages.create(ASK)).tee()
        const lines = new Response((await client.messages.create(ASK)).toReadableStream() as ReadableStream).text()
        return Promise.all([drain(left), drain(right), lines])
      },
    })
    expect(calls).toEqual([
      expect.objectContaining({ ...ONE_OK, usage: REPORTED }),
      expect.objectContaining({ ...ONE_OK, usage: REPORTED }),
    ])
  })

  // The events before the first with content: message_start, content_block_start, ping.
  const BEFORE = 3

  it('a loop left by break is one aborted call: input as reported, output by what was read', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents(), { hangAfter: BEFORE + 3 })],
      run: async (client) => {
        const events: unknown[] = []
        for await (const event of await client.messages.create(ASK)) {
          events.push(event)
          if (events.length === BEFORE - 1 + 3) break
        }
        return events
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', attempts: 1, stream: true, model: CLAUDE, usage: partial(3) })])
  })

  it('left before any content, the input counts as reported', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents(), { hangAfter: 1 })],
      run: async (client) => {
        for await (const event of await client.messages.create(ASK)) return event
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', usage: partial(0) })])
  })

  it('stream.controller.abort ends the loop without an error', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents(), { hangAfter: BEFORE + 2 })],
      run: async (client) => {
        const stream = await client.messages.create(ASK)
        const events: unknown[] = []
        for await (const event of stream) {
          events.push(event)
          if (events.length === BEFORE - 1 + 2) setTimeout(() => stream.controller.abort(), 10)
        }
        return events
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', usage: partial(2) })])
  })

  it('an AbortSignal in mid-stream ends the loop', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents(), { hangAfter: BEFORE + 2 })],
      run: async (client) => {
        const controller = new AbortController()
        const events: unknown[] = []
        for await (const event of await client.messages.create(ASK, { signal: controller.signal })) {
          events.push(event)
          if (events.length === BEFORE - 1 + 2) setTimeout(() => controller.abort(), 10)
        }
        return events
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', usage: partial(2) })])
  })

  it('a connection cut in mid-stream is a network error with a partial count', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents(), { cutAfter: BEFORE + 4 })],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'network', usage: partial(4) })])
  })

  it.each([
    ['overloaded_error', 'overloaded'],
    ['api_error', 'server_error'],
  ])('an error event (%s) in a 200 stream is an error', async (type, outcome) => {
    const error = namedEvent({ type: 'error', error: { type, message: 'No.' } })
    const { calls } = await compare({
      script: [messageStream([...messageEvents().slice(0, BEFORE + 2), error])],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome, httpStatus: 200, usage: partial(2) })])
  })

  it('a stream that ends in a refusal is the content filter', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents([TEXT_BLOCK], { stopReason: 'refusal' }))],
      run: async (client) => drain(await client.messages.create(ASK)),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, outcome: 'content_filter', usage: REPORTED })])
  })
})
