import { describe, expect, it } from 'vitest'
import { CLIENTS, drain } from './compare-clients.ts'
import { asksForUsage, CHAT_MODEL, CONTENT_DELTAS, chatEvents, chatStream, ssePart, TOOL_DELTAS } from './openai-replies.ts'
import { type Reply, writeEvents } from './scripted-upstream.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Say "hello", {friend}: \\ "usage":{' }] }
const ASK_STREAM = { ...ASK, stream: true as const }
const REPORTED = { inputTokens: 19, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 3, source: 'reported' }
const REQUESTED = { ...REPORTED, source: 'requested' }
const ONE_OK = {
  provider: 'openai_compatible',
  model: CHAT_MODEL,
  requestModel: 'gpt-4.1',
  operation: 'chat',
  outcome: 'ok',
  attempts: 1,
  httpStatus: 200,
}

describe.each(CLIENTS)('chat streams, openai $version', ({ make }) => {
  const compare = pair.of(make)

  it('a stream read to the end gives the same chunks, without usage that only we asked for', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: true, usage: REQUESTED })])
    expect(calls[0]?.timeToFirstTokenMs).toBeGreaterThan(0)
    expect(calls[0]?.timePerOutputTokenMs).toBeGreaterThan(0)
    expect(pair.upstream.requests[0]?.body).toContain('"stream_options":{"include_usage":true}')
  })

  it.each([{ bytesPerWrite: 7 }, { bytesPerWrite: 100 }, { lineEnd: '\r\n' }, { lineEnd: '\r\n', bytesPerWrite: 31 }])(
    'a stream in odd pieces (%j) gives the same chunks',
    async (options) => {
      const { calls } = await compare({
        script: [chatStream(CONTENT_DELTAS, options)],
        run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)),
      })
      expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REQUESTED })])
    },
  )

  it('usage that the caller asked for is left in the stream', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => drain(await client.chat.completions.create({ ...ASK_STREAM, stream_options: { include_usage: true } })),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it('usage that the caller refused is not asked for, and estimated', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => drain(await client.chat.completions.create({ ...ASK_STREAM, stream_options: { include_usage: false } })),
    })
    expect(calls).toEqual([
      expect.objectContaining({ ...ONE_OK, usage: expect.objectContaining({ outputTokens: 5, source: 'estimated' }) }),
    ])
  })

  it('stream.tee gives both branches all chunks', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => {
        const [left, right] = (await client.chat.completions.create(ASK_STREAM)).tee()
        return Promise.all([drain(left), drain(right)])
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REQUESTED })])
  })

  it('stream.toReadableStream gives the same lines', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => new Response((await client.chat.completions.create(ASK_STREAM)).toReadableStream() as ReadableStream).text(),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REQUESTED })])
  })

  const LEFT = { outcome: 'aborted', attempts: 1, stream: true }

  it('a loop left by break is one aborted call with what was read', async () => {
    const { calls } = await compare({
      script: [chatStream(CONTENT_DELTAS, { hangAfter: 4 })],
      run: async (client) => {
        const chunks: unknown[] = []
        for await (const chunk of await client.chat.completions.create(ASK_STREAM)) {
          chunks.push(chunk)
          if (chunks.length === 4) break
        }
        return chunks
      },
    })
    expect(calls).toEqual([
      expect.objectContaining({ ...LEFT, model: CHAT_MODEL, usage: expect.objectContaining({ outputTokens: 3, source: 'partial' }) }),
    ])
    expect(calls[0]?.usage.inputTokens).toBeGreaterThan(10)
  })

  it('stream.controller.abort ends the loop without an error', async () => {
    const { calls } = await compare({
      script: [chatStream(CONTENT_DELTAS, { hangAfter: 3 })],
      run: async (client) => {
        const stream = await client.chat.completions.create(ASK_STREAM)
        const chunks: unknown[] = []
        for await (const chunk of stream) {
          chunks.push(chunk)
          if (chunks.length === 3) setTimeout(() => stream.controller.abort(), 10)
        }
        return chunks
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...LEFT, usage: expect.objectContaining({ outputTokens: 2, source: 'partial' }) })])
  })

  it('an AbortSignal in mid-stream ends the loop', async () => {
    const { calls } = await compare({
      script: [chatStream(CONTENT_DELTAS, { hangAfter: 3 })],
      run: async (client) => {
        const controller = new AbortController()
        const chunks: unknown[] = []
        for await (const chunk of await client.chat.completions.create(ASK_STREAM, { signal: controller.signal })) {
          chunks.push(chunk)
          if (chunks.length === 3) setTimeout(() => controller.abort(), 10)
        }
        return chunks
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...LEFT, usage: expect.objectContaining({ source: 'partial' }) })])
  })

  it('a connection cut in mid-stream is a network error with a partial estimate', async () => {
    const { calls } = await compare({
      script: [chatStream(CONTENT_DELTAS, { cutAfter: 4 })],
      run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)),
    })
    expect(calls).toEqual([
      expect.objectContaining({ outcome: 'network', usage: expect.objectContaining({ outputTokens: 3, source: 'partial' }) }),
    ])
  })

  it('tool calls stream the same', async () => {
    const { calls } = await compare({
      script: [chatStream(TOOL_DELTAS, { finishReason: 'tool_calls' })],
      run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REQUESTED })])
  })

  it('a stream stopped by the content filter is counted so', async () => {
    const { calls } = await compare({
      script: [chatStream(CONTENT_DELTAS, { finishReason: 'content_filter' })],
      run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'content_filter', usage: REQUESTED })])
  })

  it('an error object in a chat stream is an error inside a 200', async () => {
    const reply: Reply = (request, answer) =>
      writeEvents(answer, [
        ...chatEvents(CONTENT_DELTAS, { withUsage: asksForUsage(request.body) }).slice(0, 3),
        ssePart({ error: { message: 'The server had an error', type: 'server_error', param: null, code: null } }),
      ])
    const { calls } = await compare({
      script: [reply],
      run: async (client) => drain(await client.chat.completions.create({ ...ASK, stream: true })),
    })
    expect(calls).toEqual([
      expect.objectContaining({
        outcome: 'server_error',
        httpStatus: 200,
        usage: expect.objectContaining({ outputTokens: 2, source: 'partial' }),
      }),
    ])
  })
})
