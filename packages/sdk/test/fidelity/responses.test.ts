import { describe, expect, it } from 'vitest'
import { CLIENTS, drain } from './compare-clients.ts'
import { CHAT_MODEL, response, responseEvents, responseStream, ssePart } from './openai-replies.ts'
import { json } from './scripted-upstream.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const OK = { outcome: 'ok', attempts: 1, model: CHAT_MODEL }
const RESPONSE_TOKENS = { inputTokens: 36, cacheReadTokens: 5, outputTokens: 87, reasoningTokens: 40, source: 'reported' }
const ANSWER_FORMAT = {
  type: 'json_schema' as const,
  name: 'answer',
  json_schema: {
    name: 'answer',
    strict: true,
    schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  },
}

describe.each(CLIENTS)('responses, openai $version', ({ make }) => {
  const compare = pair.of(make)

  it('responses.create gives the same answer', async () => {
    const { calls } = await compare({
      script: [json(response())],
      run: (client) => client.responses.create({ model: 'gpt-4.1', input: 'Hi' }),
    })
    expect(calls).toEqual([
      expect.objectContaining({ ...OK, operation: 'chat', stream: false, usage: expect.objectContaining(RESPONSE_TOKENS) }),
    ])
  })

  it('responses.create streamed gives the same events, and is never asked for usage', async () => {
    const { calls } = await compare({
      script: [responseStream()],
      run: async (client) => drain(await client.responses.create({ model: 'gpt-4.1', input: 'Hi', stream: true })),
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, stream: true, usage: expect.objectContaining(RESPONSE_TOKENS) })])
    expect(calls[0]?.timeToFirstTokenMs).toBeGreaterThan(0)
    expect(pair.upstream.requests[0]?.body).not.toContain('stream_options')
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
        client.responses.parse({
          model: 'gpt-4.1',
          input: 'Hi',
          text: { format: { type: 'json_schema', name, strict: true, schema: json_schema.schema } },
        }),
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
    expect(calls).toEqual([
      expect.objectContaining({
        outcome: 'server_error',
        httpStatus: 200,
        usage: expect.objectContaining({ outputTokens: 2, source: 'partial' }),
      }),
    ])
  })
})
