import Anthropic from '@anthropic-ai/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../src/index.ts'

let simulator: Simulator
let client: Anthropic

beforeEach(async () => {
  simulator = await startSimulator({ speed: 0 })
  client = new Anthropic({ baseURL: simulator.url, apiKey: 'sk-ant-test', maxRetries: 0 })
})
afterEach(() => simulator.close())

const ask = { model: 'claude-haiku-4-5', max_tokens: 500, messages: [{ role: 'user' as const, content: 'How long is the Danube?' }] }
const weather = {
  name: 'get_weather',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
}

async function total() {
  await simulator.idle()
  return simulator.ledger.snapshot().total
}

describe('whole messages', () => {
  test('are answered by the dated model, with counts as asked; cache reads and writes stand outside input_tokens', async () => {
    const headers = {
      'x-simulate-input-tokens': '1000',
      'x-simulate-cached-tokens': '400',
      'x-simulate-cache-write-tokens': '300',
      'x-simulate-cache-write-1h-tokens': '100',
      'x-simulate-output-tokens': '50',
      'x-simulate-reasoning-tokens': '20',
    }
    const message = await client.messages.create(ask, { headers })
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'claude-haiku-4-5-20251001', stop_reason: 'end_turn' })
    expect(message.content.map((block) => block.type)).toEqual(['thinking', 'text'])
    expect(message.usage).toMatchObject({
      input_tokens: 300,
      cache_read_input_tokens: 400,
      cache_creation_input_tokens: 300,
      cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 20 },
    })
    expect(await total()).toMatchObject({
      requests: 1,
      ok: 1,
      inputTokens: 1000,
      cachedTokens: 400,
      cacheWriteTokens: 300,
      outputTokens: 50,
      reasoningTokens: 20,
    })
  })

  test('stop at max_tokens', async () => {
    const message = await client.messages.create({ ...ask, max_tokens: 3 })
    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 3 } })
  })

  test('use tools when they may, and answer with text when they were told the results', async () => {
    const message = await client.messages.create({ ...ask, tools: [weather] })
    expect(message.stop_reason).toBe('tool_use')
    const [call] = message.content
    expect(call).toMatchObject({ type: 'tool_use', name: 'get_weather', input: { city: expect.any(String) } })
    const result = { type: 'tool_result' as const, tool_use_id: call?.type === 'tool_use' ? call.id : '', content: 'sunny' }
    const messages = [
      ...ask.messages,
      { role: 'assistant' as const, content: message.content },
      { role: 'user' as const, content: [result] },
    ]
    const answer = await client.messages.create({ ...ask, tools: [weather], messages })
    expect(answer).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text' }] })
  })

  test('their tokens can be counted before', async () => {
    const { input_tokens } = await client.messages.countTokens({ model: ask.model, messages: ask.messages })
    expect((await client.messages.create(ask)).usage.input_tokens).toBe(input_tokens)
  })
})

describe('streamed messages', () => {
  test('have the events of the real service, pings included, and the same message in the end', async () => {
    const headers = { 'x-simulate-seed': '7', 'x-simulate-reasoning-tokens': '2', 'x-simulate-output-tokens': '9' }
    const response = await client.messages.create({ ...ask, stream: true }, { headers }).asResponse()
    const names = (await response.text()).match(/(?<=^event: ).*$/gm)
    expect(names?.slice(0, 3)).toEqual(['message_start', 'content_block_start', 'ping'])
    expect(names?.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop'])
    const streamed = await client.messages.stream(ask, { headers }).finalMessage()
    const whole = await client.messages.create(ask, { headers })
    expect(streamed.content).toEqual(whole.content)
    expect(streamed.usage.output_tokens).toBe(9)
    expect(await total()).toMatchObject({ ok: 3, outputTokens: 27, reasoningTokens: 6 })
  })

  test('stream tool input as JSON in pieces', async () => {
    const message = await client.messages
      .stream({ ...ask, tools: [weather], tool_choice: { type: 'tool', name: 'get_weather' } })
      .finalMessage()
    expect(message.content).toEqual([expect.objectContaining({ type: 'tool_use', input: { city: 'river' } })])
  })

  test('left early are booked with what was sent', async () => {
    const headers = { 'x-simulate-output-tokens': '4000', 'x-simulate-latency-ms': '2000' }
    for await (const event of await client.messages.create({ ...ask, stream: true }, { headers })) {
      if (event.type === 'content_block_delta') break
    }
    const { aborted, ok, unreported } = await total()
    expect({ aborted, ok }).toEqual({ aborted: 1, ok: 0 })
    expect(unreported.outputTokens).toBeGreaterThan(0)
    expect(unreported.outputTokens).toBeLessThan(4000)
  })

  test('can end in an error event, or in a refusal', async () => {
    const drain = async (fault: string) => {
      const events = []
      for await (const event of await client.messages.create({ ...ask, stream: true }, { headers: { 'x-simulate-error': fault } }))
        events.push(event)
      return events
    }
    await expect(drain('stream_error')).rejects.toMatchObject({ type: 'api_error' })
    expect((await drain('content_filter')).at(-2)).toMatchObject({ type: 'message_delta', delta: { stop_reason: 'refusal' } })
    expect((await total()).errorKinds).toEqual({ stream_error: 1, content_filter: 1 })
  })
})

describe('errors', () => {
  test.each([
    ['400', 400, 'invalid_request_error'],
    ['401', 401, 'authentication_error'],
    ['404', 404, 'not_found_error'],
    ['429', 429, 'rate_limit_error'],
    ['500', 500, 'api_error'],
    ['503', 529, 'overloaded_error'],
  ])('%s is answered as %i %s', async (fault, status, type) => {
    const answer = client.messages.create(ask, { headers: { 'x-simulate-error': fault } })
    await expect(answer).rejects.toMatchObject({ status, type, requestID: expect.stringMatching(/^req_/) })
    expect((await total()).errorKinds).toEqual({ [fault]: 1 })
  })

  test('a prompt that is too long is said so in prose', async () => {
    const answer = client.messages.create({ ...ask, messages: [{ role: 'user', content: 'x'.repeat(900_000) }] })
    await expect(answer).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('prompt is too long: 225000 tokens > 200000 maximum'),
    })
    expect((await total()).errorKinds).toEqual({ context_length: 1 })
  })

  test.each([
    ['max_tokens', { max_tokens: undefined }],
    ['messages', { messages: [] }],
    ['messages.0.role', { messages: [{ role: 'king', content: 'x' }] }],
  ])('a wrong request names the field: %s', async (field, wrong) => {
    const answer = client.post('/v1/messages', { body: { ...ask, ...wrong } })
    await expect(answer).rejects.toMatchObject({ status: 400, message: expect.stringContaining(field) })
  })

  test('no key, and a wrong one: 401', async () => {
    const wrong = client.withOptions({ apiKey: 'sk-invalid-1' })
    await expect(wrong.messages.create(ask)).rejects.toMatchObject({ status: 401, type: 'authentication_error' })
    const response = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', body: JSON.stringify(ask) })
    expect([response.status, await response.json()]).toEqual([401, expect.objectContaining({ type: 'error' })])
  })
})
