import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, compareClients, drain } from './compare-clients.ts'
import { CHAT_MODEL, chatReply, chatStream, CONTENT_DELTAS, TOOL_DELTAS } from './openai-replies.ts'
import { apiError, breakOff, hang, type Reply, type ScriptedUpstream, startUpstream } from './scripted-upstream.ts'

let upstream: ScriptedUpstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Say "hello", {friend}: \\ "usage":{' }] }
const ASK_STREAM = { ...ASK, stream: true as const }
const REPORTED = { inputTokens: 19, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 10, reasoningTokens: 3, source: 'reported' }
const REQUESTED = { ...REPORTED, source: 'requested' }
const ONE_OK = { provider: 'openai_compatible', model: CHAT_MODEL, requestModel: 'gpt-4.1', operation: 'chat', outcome: 'ok', attempts: 1, httpStatus: 200 }

describe.each(CLIENTS)('chat completions, openai $version', ({ make }) => {
  const compare = (scenario: Parameters<typeof compareClients>[2]) => compareClients(make, upstream, scenario)

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
        return { data, request_id, status: response.status, headers: [...response.headers], used: response.bodyUsed, isResponse: response instanceof Response }
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  const DOORS: Record<string, (response: Response) => Promise<unknown>> = {
    json: (response) => response.json(),
    text: (response) => response.text(),
    arrayBuffer: async (response) => Buffer.from(await response.arrayBuffer()).toString(),
    blob: async (response) => {
      const blob = await response.blob()
      return [blob.type, await blob.text()]
    },
    clone: async (response) => [await response.clone().json(), await response.text()],
    getReader: async (response) => {
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      let text = ''
      for (let next = await reader.read(); !next.done; next = await reader.read()) text += Buffer.from(next.value).toString()
      return text
    },
    iterator: async (response) => {
      let text = ''
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) text += Buffer.from(chunk).toString()
      return text
    },
    pipeTo: async (response) => {
      let text = ''
      const sink = new WritableStream<Uint8Array>({
        write(chunk) {
          text += Buffer.from(chunk).toString()
        },
      })
      await response.body?.pipeTo(sink)
      return text
    },
    pipeThrough: async (response) => new Response(response.body?.pipeThrough(new TransformStream())).text(),
    tee: async (response) => {
      const [left, right] = (response.body as ReadableStream<Uint8Array>).tee()
      return [await new Response(left).text(), await new Response(right).text()]
    },
    'new Response(body)': (response) => new Response(response.body).text(),
  }

  it.each(Object.keys(DOORS))('asResponse read by %s is one call with its usage', async (door) => {
    const { calls } = await compare({
      script: [chatReply()],
      run: async (client) => DOORS[door]?.(await client.chat.completions.create(ASK).asResponse()),
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: REPORTED })])
  })

  it.each(Object.keys(DOORS).filter((door) => door !== 'json' && door !== 'clone'))('a streamed asResponse read by %s hides what we asked for', async (door) => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => {
        const body = await DOORS[door]?.((await client.chat.completions.create(ASK_STREAM).asResponse()) as Response)
        // Blanked fields leave spaces, which JSON ignores.
        return JSON.parse(JSON.stringify(body).replace(/ +(?=[,}])/g, ''))
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: true, usage: REQUESTED })])
  })

  it('a stream read to the end gives the same chunks, without usage that only we asked for', async () => {
    const { calls } = await compare({ script: [chatStream()], run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)) })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: true, usage: REQUESTED })])
    expect(calls[0]?.timeToFirstTokenMs).toBeGreaterThan(0)
    expect(calls[0]?.timePerOutputTokenMs).toBeGreaterThan(0)
    expect(upstream.requests[0]?.body).toContain('"stream_options":{"include_usage":true}')
  })

  it.each([{ bytesPerWrite: 7 }, { bytesPerWrite: 100 }, { lineEnd: '\r\n' }, { lineEnd: '\r\n', bytesPerWrite: 31 }])(
    'a stream in odd pieces (%j) gives the same chunks',
    async (options) => {
      const { calls } = await compare({ script: [chatStream(CONTENT_DELTAS, options)], run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)) })
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
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, usage: expect.objectContaining({ outputTokens: 5, source: 'estimated' }) })])
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
    expect(calls).toEqual([expect.objectContaining({ ...LEFT, model: CHAT_MODEL, usage: expect.objectContaining({ outputTokens: 3, source: 'partial' }) })])
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
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', attempts: 1, model: 'gpt-4.1', usage: expect.objectContaining({ source: 'partial' }) })])
  })

  it('an AbortSignal that was aborted before sends nothing and is no call', async () => {
    const { calls } = await compare({ script: [chatReply()], run: (client) => client.chat.completions.create(ASK, { signal: AbortSignal.abort() }) })
    expect(calls).toEqual([])
  })

  it('a connection cut in mid-stream is a network error with a partial estimate', async () => {
    const { calls } = await compare({ script: [chatStream(CONTENT_DELTAS, { cutAfter: 4 })], run: async (client) => drain(await client.chat.completions.create(ASK_STREAM)) })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'network', usage: expect.objectContaining({ outputTokens: 3, source: 'partial' }) })])
  })

  it('a connection broken before the answer is a network error without usage', async () => {
    const { calls } = await compare({ script: [breakOff], run: (client) => client.chat.completions.create(ASK) })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'network', model: 'gpt-4.1', usage: expect.objectContaining({ inputTokens: 0, source: 'none' }) })])
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
    const { calls } = await compare({ script: [hang], options: { timeout: 250, maxRetries: 1 }, run: (client) => client.chat.completions.create(ASK) })
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
    const expected = { outcome, httpStatus: status, model: 'gpt-4.1', attempts: 1, usage: expect.objectContaining({ source: 'none', inputTokens: 0 }) }
    expect(calls).toEqual([expect.objectContaining(expected)])
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

  it('an answer stopped by the content filter is counted so', async () => {
    const { calls } = await compare({ script: [chatReply({ content: 'I' }, 'content_filter')], run: (client) => client.chat.completions.create(ASK) })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'content_filter', usage: REPORTED })])
  })
})
