import { describe, expect, it } from 'vitest'
import { ANTHROPIC_CLIENTS } from './anthropic-clients.ts'
import { CLAUDE, MESSAGE_TOKENS, messageEvents, messageReply, messageStream, THINKING_BLOCK, TOOL_BLOCK } from './anthropic-replies.ts'
import { describeError, drain } from './compare-clients.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user' as const, content: 'Hello' }] }
const ONE_OK = { outcome: 'ok', attempts: 1, model: CLAUDE, usage: { ...MESSAGE_TOKENS, source: 'reported' } }
const STREAM_EVENTS = ['connect', 'streamEvent', 'text', 'thinking', 'inputJson', 'message', 'contentBlock', 'finalMessage', 'error', 'end']

describe.each(ANTHROPIC_CLIENTS)('helpers, @anthropic-ai/sdk $version', ({ make }) => {
  const compare = pair.of(make)

  it('messages.stream gives the same events and final message', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents([THINKING_BLOCK, ...[TOOL_BLOCK]], { stopReason: 'tool_use' }))],
      run: async (client) => {
        const events: unknown[] = []
        const runner = client.messages.stream(ASK)
        for (const name of STREAM_EVENTS)
          runner.on(name as 'text', (...values: unknown[]) => void events.push([name, ...values.map(plain)]))
        const final = await runner.finalMessage()
        return { final, events, ended: runner.ended, aborted: runner.aborted, request: runner.request_id }
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: true })])
  })

  it('messages.stream iterated, and its final text, give the same', async () => {
    const { calls } = await compare({
      script: [messageStream()],
      run: async (client) => {
        const runner = client.messages.stream(ASK)
        return [await drain(runner), await runner.finalText(), (await runner.withResponse()).response.status]
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream: true })])
  })

  it('messages.stream aborted in the middle ends the same', async () => {
    const { calls } = await compare({
      script: [messageStream(messageEvents(), { hangAfter: 5 })],
      run: async (client) => {
        const runner = client.messages.stream(ASK)
        let texts = 0
        runner.on('text', () => {
          if (++texts === 2) runner.abort()
        })
        return runner.finalMessage()
      },
    })
    expect(calls).toEqual([
      expect.objectContaining({
        outcome: 'aborted',
        usage: expect.objectContaining({ inputTokens: MESSAGE_TOKENS.inputTokens, outputTokens: 2, source: 'partial' }),
      }),
    ])
  })

  const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }

  it('messages.parse gives the same parsed answer', async () => {
    const { calls } = await compare({
      script: [messageReply({ content: [{ type: 'text', text: '{"city":"Paris"}' }] })],
      run: async (client) => {
        const format = { type: 'json_schema' as const, schema: SCHEMA, parse: (content: string) => JSON.parse(content) as unknown }
        return (await client.messages.parse({ ...ASK, output_config: { format } })).parsed_output
      },
    })
    expect(calls).toEqual([expect.objectContaining(ONE_OK)])
  })

  it.each([false, true])('the tool runner (streamed: %s) makes a call for each of its requests', async (stream) => {
    const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } }
    const asking = stream
      ? messageStream(messageEvents([TOOL_BLOCK], { stopReason: 'tool_use' }))
      : messageReply({ content: [call], stop_reason: 'tool_use' })
    const { calls } = await compare({
      script: [asking, stream ? messageStream() : messageReply()],
      run: async (client) => {
        const runner = client.beta.messages.toolRunner({
          ...ASK,
          stream,
          tools: [
            {
              type: 'custom' as const,
              name: 'get_weather',
              description: 'Weather',
              input_schema: SCHEMA as { type: 'object' },
              run: () => 'sunny',
              parse: (input: unknown) => input,
            },
          ],
        })
        return runner.runUntilDone()
      },
    })
    expect(calls).toEqual([expect.objectContaining({ ...ONE_OK, stream }), expect.objectContaining({ ...ONE_OK, stream })])
    expect(pair.upstream.requests[1]?.body).toContain('sunny')
  })
})

function plain(value: unknown): unknown {
  return value instanceof Error ? describeError(value) : JSON.parse(JSON.stringify(value ?? null))
}
