import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, type Client, collectingSink, compareClients, describeError, drain, newCapture } from './compare-clients.ts'
import {
  asksForUsage,
  CHAT_MODEL,
  chatEvents,
  chatReply,
  chatStream,
  CONTENT_DELTAS,
  embeddingReply,
  imageReply,
  response,
  responseEvents,
  responseStream,
  ssePart,
  TOOL_DELTAS,
  WORDS,
} from './openai-replies.ts'
import { apiError, json, type Reply, type ScriptedUpstream, startUpstream, text, writeEvents } from './scripted-upstream.ts'

let upstream: ScriptedUpstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] }
const OK = { outcome: 'ok', attempts: 1, model: CHAT_MODEL }
const CHAT_TOKENS = { inputTokens: 19, outputTokens: 10, reasoningTokens: 3, cacheReadTokens: 4 }
const RESPONSE_TOKENS = { inputTokens: 36, cacheReadTokens: 5, outputTokens: 87, reasoningTokens: 40, source: 'reported' }
const ANSWER_FORMAT = {
  type: 'json_schema' as const,
  name: 'answer',
  json_schema: { name: 'answer', strict: true, schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } },
}

const CHAT_STREAM_EVENTS = ['chunk', 'content', 'message', 'finalContent', 'finalMessage', 'finalChatCompletion', 'totalUsage', 'error', 'end'] as const

describe.each(CLIENTS)('helpers, openai $version', ({ version, make }) => {
  const compare = (scenario: Parameters<typeof compareClients>[2]) => compareClients(make, upstream, scenario)

  it('chat.completions.stream gives the same events and final completion', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => {
        const events: unknown[] = []
        const runner = client.chat.completions.stream(ASK)
        for (const name of CHAT_STREAM_EVENTS) runner.on(name as 'content', (...values: unknown[]) => void events.push([name, ...values.map(plain)]))
        return { final: await runner.finalChatCompletion(), content: await runner.finalContent(), events }
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, stream: true, usage: expect.objectContaining({ ...CHAT_TOKENS, source: 'requested' }) })])
  })

  it('chat.completions.stream with tools gives the same', async () => {
    const { calls } = await compare({
      script: [chatStream(TOOL_DELTAS, { finishReason: 'tool_calls' })],
      run: async (client) => {
        const runner = client.chat.completions.stream({ ...ASK, tools: [{ type: 'function', function: { name: 'get_weather', parameters: {} } }] })
        return { items: await drain(runner), final: await runner.finalChatCompletion() }
      },
    })
    expect(calls).toEqual([expect.objectContaining(OK)])
  })

  it('chat.completions.stream aborted in the middle ends the same', async () => {
    const { calls } = await compare({
      script: [chatStream(CONTENT_DELTAS, { hangAfter: 3 })],
      run: async (client) => {
        const runner = client.chat.completions.stream(ASK)
        let chunks = 0
        runner.on('chunk', () => {
          if (++chunks === 3) runner.abort()
        })
        return runner.finalChatCompletion()
      },
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'aborted', usage: expect.objectContaining({ source: 'partial' }) })])
  })

  it('chat.completions.parse gives the same parsed answer', async () => {
    const { calls } = await compare({
      script: [chatReply({ content: '{"city":"Paris"}' })],
      run: (client) => client.chat.completions.parse({ ...ASK, response_format: { type: 'json_schema', json_schema: ANSWER_FORMAT.json_schema } }),
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, usage: expect.objectContaining(CHAT_TOKENS) })])
  })

  it('chat.completions.parse of a refusal gives the same', async () => {
    const { calls } = await compare({
      script: [chatReply({ content: null, refusal: 'I cannot.' })],
      run: (client) => client.chat.completions.parse({ ...ASK, response_format: { type: 'json_schema', json_schema: ANSWER_FORMAT.json_schema } }),
    })
    expect(calls).toEqual([expect.objectContaining(OK)])
  })

  it('runTools makes a call for each of its requests', async () => {
    const tool = {
      type: 'function' as const,
      function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object', properties: {} }, function: () => 'sunny', parse: (text: string): object => JSON.parse(text) },
    }
    const toolCall = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }
    const { calls } = await compare({
      script: [chatReply({ tool_calls: [toolCall] }, 'tool_calls'), chatReply()],
      run: (client) => client.chat.completions.runTools({ ...ASK, tools: [tool] }).finalContent(),
    })
    expect(calls.map((call) => call.outcome)).toEqual(['ok', 'ok'])
  })

  it('responses.create gives the same answer', async () => {
    const { calls } = await compare({ script: [json(response())], run: (client) => client.responses.create({ model: 'gpt-4.1', input: 'Hi' }) })
    expect(calls).toEqual([expect.objectContaining({ ...OK, operation: 'chat', stream: false, usage: expect.objectContaining(RESPONSE_TOKENS) })])
  })

  it('responses.create streamed gives the same events, and is never asked for usage', async () => {
    const { calls } = await compare({
      script: [responseStream()],
      run: async (client) => drain(await client.responses.create({ model: 'gpt-4.1', input: 'Hi', stream: true })),
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, stream: true, usage: expect.objectContaining(RESPONSE_TOKENS) })])
    expect(calls[0]?.timeToFirstTokenMs).toBeGreaterThan(0)
    expect(upstream.requests[0]?.body).not.toContain('stream_options')
  })

  it('responses.stream gives the same events and final response', async () => {
    const { calls } = await compare({
      script: [responseStream()],
      run: async (client) => {
        const stream = client.responses.stream({ model: 'gpt-4.1', input: 'Hi' })
        return { items: await drain(stream), final: await stream.finalResponse() }
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, usage: expect.objectContaining(RESPONSE_TOKENS) })])
  })

  it('responses.parse gives the same', async () => {
    const { name, json_schema } = ANSWER_FORMAT
    const { calls } = await compare({
      script: [json(response({}, '{"city":"Paris"}'))],
      run: (client) =>
        client.responses.parse({ model: 'gpt-4.1', input: 'Hi', text: { format: { type: 'json_schema', name, strict: true, schema: json_schema.schema } } }),
    })
    expect(calls).toEqual([expect.objectContaining(OK)])
  })

  it.each([
    ['response.failed', { status: 'failed', error: { code: 'server_error', message: 'oops' } }, 'server_error'],
    ['response.failed', { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'oops' } }, 'rate_limit'],
    ['response.incomplete', { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }, 'content_filter'],
    ['response.incomplete', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, 'ok'],
  ])('a stream that ends in %s (%j) counts as %s', async (type, fields, outcome) => {
    const { calls } = await compare({
      script: [responseStream(responseEvents('In a grove', { type, fields }))],
      run: async (client) => drain(await client.responses.create({ model: 'gpt-4.1', input: 'Hi', stream: true })),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome, usage: expect.objectContaining(RESPONSE_TOKENS) })])
  })

  it('an error event in a Responses stream is an error inside a 200', async () => {
    const error = `event: error\n${ssePart({ type: 'error', code: 'server_error', message: 'oops', param: null, sequence_number: 6 })}`
    const { calls } = await compare({
      script: [responseStream([...responseEvents().slice(0, 6), error])],
      run: async (client) => drain(await client.responses.create({ model: 'gpt-4.1', input: 'Hi', stream: true })),
    })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'server_error', httpStatus: 200, usage: expect.objectContaining({ outputTokens: 2, source: 'partial' }) })])
  })

  it('an error object in a chat stream is an error inside a 200', async () => {
    const reply: Reply = (request, answer) =>
      writeEvents(answer, [
        ...chatEvents(CONTENT_DELTAS, { withUsage: asksForUsage(request.body) }).slice(0, 3),
        ssePart({ error: { message: 'The server had an error', type: 'server_error', param: null, code: null } }),
      ])
    const { calls } = await compare({ script: [reply], run: async (client) => drain(await client.chat.completions.create({ ...ASK, stream: true })) })
    expect(calls).toEqual([expect.objectContaining({ outcome: 'server_error', httpStatus: 200, usage: expect.objectContaining({ outputTokens: 2, source: 'partial' }) })])
  })

  it.each([{}, { encoding_format: 'float' as const }])('embeddings.create %j gives the same', async (options) => {
    const { calls } = await compare({ script: [embeddingReply()], run: (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi', ...options }) })
    expect(calls).toEqual([
      expect.objectContaining({ operation: 'embeddings', model: 'text-embedding-3-small', usage: expect.objectContaining({ inputTokens: 8, outputTokens: 0 }) }),
    ])
  })

  it('the old completions stream the same', async () => {
    const chunk = (part: string, usage?: unknown) => ({ id: 'cmpl-1', object: 'text_completion', created: 1, model: 'm-1', choices: [{ text: part, index: 0, finish_reason: null }], usage })
    const reply: Reply = (request, answer) => {
      const asked = asksForUsage(request.body)
      const last = { ...chunk('', { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 }), choices: [] }
      return writeEvents(answer, [...WORDS.map((word) => ssePart(chunk(word, asked ? null : undefined))), ...(asked ? [ssePart(last)] : []), ssePart('[DONE]')])
    }
    const { calls } = await compare({ script: [reply], run: async (client) => drain(await client.completions.create({ model: 'm', prompt: 'Hi', stream: true })) })
    expect(calls).toEqual([expect.objectContaining({ operation: 'text_completion', usage: expect.objectContaining({ inputTokens: 5, outputTokens: 4 }) })])
  })

  it('a raw client.post is a call like any other', async () => {
    const { calls } = await compare({ script: [chatReply()], run: (client) => client.post('/chat/completions', { body: ASK }) })
    expect(calls).toEqual([expect.objectContaining({ ...OK, requestModel: 'gpt-4.1', usage: expect.objectContaining(CHAT_TOKENS) })])
  })

  it('images.edit sends its form in the same order', async () => {
    const { calls } = await compare({
      script: [imageReply()],
      run: (client) =>
        client.images.edit({
          model: 'gpt-image-1',
          prompt: 'A cat',
          image: [new File(['first'], 'a.png', { type: 'image/png' }), new File(['second'], 'b.png', { type: 'image/png' })],
          mask: new File(['mask'], 'm.png', { type: 'image/png' }),
          n: 1,
        }),
    })
    expect(calls).toEqual([expect.objectContaining({ operation: 'image', model: 'gpt-image-1', usage: expect.objectContaining({ inputTokens: 50, inputImageTokens: 40, outputTokens: 50 }) })])
    expect(upstream.requests).toHaveLength(1)
  })

  it('an upload is passed through and is no call', async () => {
    const { calls } = await compare({
      script: [json({ id: 'file-1', object: 'file', bytes: 3 })],
      run: (client) => client.files.create({ file: new File(['{}\n'], 'batch.jsonl'), purpose: 'batch' }),
    })
    expect(calls).toEqual([])
  })

  it('a transcription by the second has no tokens', async () => {
    const { calls } = await compare({
      script: [json({ text: 'Hello', usage: { type: 'duration', seconds: 3 } })],
      run: (client) => client.audio.transcriptions.create({ model: 'whisper-1', file: new File(['riff'], 'a.wav') }),
    })
    expect(calls).toEqual([expect.objectContaining({ operation: 'audio', model: 'whisper-1', usage: expect.objectContaining({ inputTokens: 0, outputTokens: 0, source: 'reported' }) })])
  })

  it('speech gives the same bytes', async () => {
    const { calls } = await compare({
      script: [text('ID3\u0001bytes', 200, { 'content-type': 'audio/mpeg' })],
      run: async (client) => (await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi' })).text(),
    })
    expect(calls).toEqual([expect.objectContaining({ operation: 'audio', outcome: 'ok' })])
  })

  it('a list is passed through and is no call', async () => {
    const { calls } = await compare({
      script: [json({ object: 'list', data: [{ id: 'gpt-4.1', object: 'model' }] })],
      run: async (client) => drain(await client.models.list()),
    })
    expect(calls).toEqual([])
  })

  it('withOptions on a wrapped client gives a wrapped client', async () => {
    const { calls } = await compare({
      script: [apiError(500, {}, { 'retry-after-ms': '1' }), chatReply()],
      run: (client) => client.withOptions({ maxRetries: 1 }).chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, attempts: 2 })])
  })

  it('a second wrap, by whomever, counts once', async () => {
    const sink = collectingSink()
    const other = collectingSink()
    const client = make({ baseURL: upstream.baseURL })
    const capture = newCapture(sink)
    expect(capture.wrap(capture.wrap(client))).toBe(client)
    expect(newCapture(other).wrap(client)).toBe(client)
    upstream.script(chatReply())
    await client.chat.completions.create(ASK)
    expect([sink.calls.length, other.calls.length]).toEqual([1, 0])
  })

  it('a wrap adds nothing that can be enumerated', () => {
    const bare = make({ baseURL: upstream.baseURL })
    const keys = Object.keys(bare)
    expect(Object.keys(newCapture(collectingSink()).wrap(bare))).toEqual(keys)
  })

  it('a body that times out is asked for again, as an attempt of the same call', async () => {
    const slow: Reply = (_request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' }).write('{"id":')
    }
    const run = (client: Client) => client.chat.completions.create(ASK, { timeout: 400, maxRetries: 1 }).catch(describeError)
    const { calls } = await compare({ script: [slow, chatReply()], run: (client) => Promise.race([run(client), new Promise((resolve) => setTimeout(resolve, 2500, 'hangs'))]) })
    // Version 6 does not time bodies: it waits for ever, and so does the wrapped client.
    expect(calls).toEqual(version === '6' ? [] : [expect.objectContaining({ ...OK, attempts: 2, usage: expect.objectContaining(CHAT_TOKENS) })])
    if (version !== '6') expect(calls[0]?.wastedUsage).toMatchObject({ source: 'partial', outputTokens: 0 })
  })

  it('a malformed answer gives the same error, and is counted with an estimate', async () => {
    const { calls, problems } = await compare({
      script: [text('{"id":"chatcmpl', 200, { 'content-type': 'application/json' })],
      run: (client) => client.chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ model: 'gpt-4.1', attempts: 1, usage: expect.objectContaining({ source: 'estimated' }) })])
    expect(problems).toEqual(['reply is not JSON'])
  })
})

function plain(value: unknown): unknown {
  return value instanceof Error ? describeError(value) : JSON.parse(JSON.stringify(value ?? null))
}
