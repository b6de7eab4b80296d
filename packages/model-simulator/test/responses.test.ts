import OpenAI from 'openai'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../src/index.ts'

let simulator: Simulator
let client: OpenAI

beforeAll(async () => {
  simulator = await startSimulator({ speed: 0 })
  client = new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
})
beforeEach(() => simulator.ledger.reset())
afterAll(() => simulator.close())

const exact = { headers: { 'x-simulate-input-tokens': '120', 'x-simulate-output-tokens': '20' } }

async function eventsOf(body: Partial<OpenAI.Responses.ResponseCreateParamsStreaming>, headers: Record<string, string> = exact.headers) {
  const events: ResponseStreamEvent[] = []
  for await (const event of await client.responses.create({ model: 'gpt-4.1', input: 'hello', ...body, stream: true }, { headers })) {
    events.push(event)
  }
  return events
}

test('a whole response has text and usage', async () => {
  const response = await client.responses.create({ model: 'gpt-4.1', input: 'hello', instructions: 'be short' }, exact)
  expect(response).toMatchObject({ status: 'completed', usage: { input_tokens: 120, output_tokens: 20, total_tokens: 140 } })
  expect(response.output_text.split(' ')).toHaveLength(20)
})

test('events come in order, numbered from 0, with usage in the last', async () => {
  const events = await eventsOf({})
  const deltas = events.filter((event) => event.type === 'response.output_text.delta')
  expect(deltas).toHaveLength(20)
  expect(events.map((event) => event.type).filter((type) => type !== 'response.output_text.delta')).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
  const last = events.at(-1)
  expect(last?.type === 'response.completed' && last.response.usage).toMatchObject({ input_tokens: 120, output_tokens: 20 })
  await simulator.idle()
  expect(simulator.ledger.snapshot().total).toMatchObject({ ok: 1, inputTokens: 120, outputTokens: 20 })
})

test('the stream helper ends with the same response', async () => {
  const final = await client.responses.stream({ model: 'gpt-5-mini', input: 'hello' }, exact).finalResponse()
  expect(final.output.map((item) => item.type)).toEqual(['reasoning', 'message'])
  expect(final.usage?.output_tokens_details.reasoning_tokens).toBe(10)
  expect(final.output_text.split(' ')).toHaveLength(10)
})

test('parse() reads JSON of the schema that was given', async () => {
  const schema = { type: 'object', properties: { ok: { type: 'boolean' } } }
  const text = { format: { type: 'json_schema' as const, name: 'thing', schema } }
  const response = await client.responses.parse({ model: 'gpt-4o', input: 'hello', text })
  expect(JSON.parse(response.output_text)).toEqual({ ok: true })
})

test('function calls are streamed in pieces and end with their whole arguments', async () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const tools = [{ type: 'function' as const, name: 'get_weather', parameters, strict: true }]
  const events = await eventsOf({ tools }, {})
  const pieces = events.flatMap((event) => (event.type === 'response.function_call_arguments.delta' ? [event.delta] : []))
  const done = events.find((event) => event.type === 'response.function_call_arguments.done')
  expect(pieces.length).toBeGreaterThan(1)
  expect(done?.type === 'response.function_call_arguments.done' && done.arguments).toBe(pieces.join(''))
  expect(JSON.parse(pieces.join(''))).toEqual({ city: 'river' })
})

test('a limit ends a response incomplete, with usage', async () => {
  const events = await eventsOf({ max_output_tokens: 20 })
  const last = events.at(-1)
  expect(last).toMatchObject({
    type: 'response.incomplete',
    response: { incomplete_details: { reason: 'max_output_tokens' }, usage: { output_tokens: 20 } },
  })
})

test('a failed response ends with response.failed and no usage', async () => {
  const events = await eventsOf({}, { ...exact.headers, 'x-simulate-error': 'failed' })
  expect(events.at(-1)).toMatchObject({ type: 'response.failed', response: { status: 'failed', usage: null } })
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
  await simulator.idle()
  expect(simulator.ledger.snapshot().total).toMatchObject({ errors: 1, errorKinds: { failed: 1 }, unreported: { requests: 1 } })
})

test('an error event in mid-stream throws', async () => {
  await expect(eventsOf({}, { ...exact.headers, 'x-simulate-error': 'stream_error' })).rejects.toThrow(/had an error/)
})

test('include_usage is refused, as it belongs to another API', async () => {
  const body = { model: 'gpt-4.1', input: 'x', stream: true, stream_options: { include_usage: true } }
  await expect(client.post('/responses', { body })).rejects.toMatchObject({ status: 400, param: 'stream_options.include_usage' })
})
