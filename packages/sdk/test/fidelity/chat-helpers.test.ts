import { describe, expect, it } from 'vitest'
import { CLIENTS, describeError, drain } from './compare-clients.ts'
import { CHAT_MODEL, CONTENT_DELTAS, chatReply, chatStream, TOOL_DELTAS } from './openai-replies.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] }
const OK = { outcome: 'ok', attempts: 1, model: CHAT_MODEL }
const CHAT_TOKENS = { inputTokens: 19, outputTokens: 10, reasoningTokens: 3, cacheReadTokens: 4 }
const ANSWER_FORMAT = {
  type: 'json_schema' as const,
  name: 'answer',
  json_schema: {
    name: 'answer',
    strict: true,
    schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  },
}
const CHAT_STREAM_EVENTS = [
  'chunk',
  'content',
  'message',
  'finalContent',
  'finalMessage',
  'finalChatCompletion',
  'totalUsage',
  'error',
  'end',
] as const

describe.each(CLIENTS)('chat helpers, openai $version', ({ make }) => {
  const compare = pair.of(make)

  it('chat.completions.stream gives the same events and final completion', async () => {
    const { calls } = await compare({
      script: [chatStream()],
      run: async (client) => {
        const events: unknown[] = []
        const runner = client.chat.completions.stream(ASK)
        for (const name of CHAT_STREAM_EVENTS)
          runner.on(name as 'content', (...values: unknown[]) => void events.push([name, ...values.map(plain)]))
        return { final: await runner.finalChatCompletion(), content: await runner.finalContent(), events }
      },
    })
    expect(calls).toEqual([
      expect.objectContaining({ ...OK, stream: true, usage: expect.objectContaining({ ...CHAT_TOKENS, source: 'requested' }) }),
    ])
  })

  it('chat.completions.stream with tools gives the same', async () => {
    const { calls } = await compare({
      script: [chatStream(TOOL_DELTAS, { finishReason: 'tool_calls' })],
      run: async (client) => {
        const runner = client.chat.completions.stream({
          ...ASK,
          tools: [{ type: 'function', function: { name: 'get_weather', parameters: {} } }],
        })
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
      run: (client) =>
        client.chat.completions.parse({ ...ASK, response_format: { type: 'json_schema', json_schema: ANSWER_FORMAT.json_schema } }),
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, usage: expect.objectContaining(CHAT_TOKENS) })])
  })

  it('chat.completions.parse of a refusal gives the same', async () => {
    const { calls } = await compare({
      script: [chatReply({ content: null, refusal: 'I cannot.' })],
      run: (client) =>
        client.chat.completions.parse({ ...ASK, response_format: { type: 'json_schema', json_schema: ANSWER_FORMAT.json_schema } }),
    })
    expect(calls).toEqual([expect.objectContaining(OK)])
  })

  it('runTools makes a call for each of its requests', async () => {
    const tool = {
      type: 'function' as const,
      function: {
        name: 'get_weather',
        description: 'Weather',
        parameters: { type: 'object', properties: {} },
        function: () => 'sunny',
        parse: (text: string): object => JSON.parse(text),
      },
    }
    const toolCall = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } }
    const { calls } = await compare({
      script: [chatReply({ tool_calls: [toolCall] }, 'tool_calls'), chatReply()],
      run: (client) => client.chat.completions.runTools({ ...ASK, tools: [tool] }).finalContent(),
    })
    expect(calls.map((call) => call.outcome)).toEqual(['ok', 'ok'])
  })
})

function plain(value: unknown): unknown {
  return value instanceof Error ? describeError(value) : JSON.parse(JSON.stringify(value ?? null))
}
