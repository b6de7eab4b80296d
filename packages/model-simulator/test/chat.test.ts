import OpenAI from 'openai'
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

const messages = [{ role: 'user' as const, content: 'How long is the river?' }]
const exact = { headers: { 'x-simulate-input-tokens': '374', 'x-simulate-output-tokens': '44' } }

test('a whole answer has the asked token counts, and the ledger books them under the answered model', async () => {
  const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages }, exact)
  expect(answer.model).toBe('gpt-4o-mini-2024-07-18')
  expect(answer.usage).toMatchObject({ prompt_tokens: 374, completion_tokens: 44, total_tokens: 418 })
  expect(answer.choices[0]?.message.content?.split(' ')).toHaveLength(44)
  await simulator.idle()
  expect(simulator.ledger.snapshot().models['gpt-4o-mini-2024-07-18']).toMatchObject({
    requests: 1,
    ok: 1,
    inputTokens: 374,
    outputTokens: 44,
  })
})

test('without control headers the prompt counts a token for four characters', async () => {
  const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'x'.repeat(401) }] })
  expect(answer.usage?.prompt_tokens).toBe(101)
})

test('a stream that does not ask has no usage on any chunk, and is booked as unreported', async () => {
  const chunks = []
  for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true }, exact))
    chunks.push(chunk)
  expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false)
  expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' })
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content)).toHaveLength(44)
  await simulator.idle()
  const { total } = simulator.ledger.snapshot()
  expect(total).toMatchObject({ ok: 1, inputTokens: 0, unreported: { requests: 1, inputTokens: 374, outputTokens: 44 } })
})

test('a stream that asks has null usage on every chunk and one last chunk with it', async () => {
  const chunks = []
  const options = { ...exact, headers: { ...exact.headers, 'x-simulate-chunk-tokens': '16' } }
  const body = { model: 'gpt-4o-mini', messages, stream: true as const, stream_options: { include_usage: true } }
  for await (const chunk of await client.chat.completions.create(body, options)) chunks.push(chunk)
  const last = chunks.pop()
  expect(last?.choices).toEqual([])
  expect(last?.usage).toMatchObject({ prompt_tokens: 374, completion_tokens: 44 })
  expect(chunks.every((chunk) => chunk.usage === null)).toBe(true)
  expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content)).toHaveLength(3)
  await simulator.idle()
  expect(simulator.ledger.snapshot().total).toMatchObject({ ok: 1, inputTokens: 374, outputTokens: 44, unreported: { requests: 0 } })
})

test('the stream helper gathers several choices into whole messages', async () => {
  const stream = client.chat.completions.stream({ model: 'gpt-4.1', messages, n: 2, stream_options: { include_usage: true } }, exact)
  const final = await stream.finalChatCompletion()
  expect(final.choices).toHaveLength(2)
  expect(final.choices.reduce((sum, choice) => sum + (choice.message.content?.split(' ').length ?? 0), 0)).toBe(44)
  expect(final.usage?.completion_tokens).toBe(44)
})

const tools = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 } } } },
}))

test('tool calls come whole or in pieces with the same arguments', async () => {
  const whole = await client.chat.completions.create({ model: 'gpt-4o', messages, tools })
  const calls = whole.choices[0]?.message.tool_calls ?? []
  expect(whole.choices[0]?.finish_reason).toBe('tool_calls')
  expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual(['get_weather', 'get_time'])
  const stream = client.chat.completions.stream({ model: 'gpt-4o', messages, tools })
  let pieces = 0
  stream.on('tool_calls.function.arguments.delta', () => pieces++)
  const streamed = await stream.finalMessage()
  expect(pieces).toBeGreaterThan(4)
  const functions = streamed.tool_calls?.map((call) => call.type === 'function' && JSON.parse(call.function.arguments))
  expect(functions).toEqual([
    { city: 'river', days: 3 },
    { city: 'river', days: 3 },
  ])
})

test('a json schema is answered with JSON that parse() accepts', async () => {
  const schema = { type: 'object', properties: { name: { type: 'string' }, tags: { type: 'array', items: { enum: ['a', 'b'] } } } }
  const format = { type: 'json_schema' as const, json_schema: { name: 'thing', strict: true, schema } }
  const answer = await client.chat.completions.parse({ model: 'gpt-4o-mini', messages, response_format: format })
  expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: 'river', tags: ['a'] })
})

test('a refusal comes in place of content', async () => {
  const options = { headers: { 'x-simulate-error': 'refusal' } }
  const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages }, options)
  expect(answer.choices[0]?.message).toMatchObject({ content: null, refusal: expect.stringContaining("can't help") })
  const streamed = await client.chat.completions.stream({ model: 'gpt-4o-mini', messages }, options).finalMessage()
  expect(streamed.refusal).toBe(answer.choices[0]?.message.refusal)
})

test('reasoning and cached tokens are subsets, and a limit cuts the answer', async () => {
  const headers = { 'x-simulate-input-tokens': '5000', 'x-simulate-cached-tokens': '2048' }
  const body = { model: 'o4-mini', messages, max_completion_tokens: 40, reasoning_effort: 'medium' as const }
  const { usage, choices } = await client.chat.completions.create(body, { headers })
  expect(usage?.prompt_tokens_details?.cached_tokens).toBe(2048)
  expect(usage?.completion_tokens).toBe(40)
  expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(20)
  expect(choices[0]?.finish_reason).toBe('length')
})

test('the same seed gives the same answers, another seed others', async () => {
  const ask = async (seed: number) => {
    const other = await startSimulator({ speed: 0, seed })
    const asker = new OpenAI({ baseURL: `${other.url}/v1`, apiKey: 'sk-test' })
    const texts = []
    for (let i = 0; i < 3; i++) {
      const { choices, usage } = await asker.chat.completions.create({ model: 'gpt-4o', messages })
      texts.push(choices[0]?.message.content, usage)
    }
    await other.close()
    return texts
  }
  const first = await ask(7)
  expect(await ask(7)).toEqual(first)
  expect(await ask(8)).not.toEqual(first)
})

test('Groq sends usage unasked under x_groq with the last chunk, and its own times', async () => {
  const chunks: Record<string, unknown>[] = []
  const body = { model: 'llama-3.3-70b-versatile', messages, stream: true as const }
  for await (const chunk of await client.chat.completions.create(body, exact)) chunks.push(chunk as unknown as Record<string, unknown>)
  const groq = chunks.map((chunk) => chunk['x_groq']).filter((value) => value !== undefined)
  expect(groq).toHaveLength(2)
  expect(groq[1]).toMatchObject({ usage: { prompt_tokens: 374, completion_tokens: 44, queue_time: expect.any(Number) } })
  expect(chunks.at(-1)).toMatchObject({ x_groq: groq[1], choices: [{ finish_reason: 'stop' }] })
  await simulator.idle()
  expect(simulator.ledger.snapshot().total).toMatchObject({ inputTokens: 374, outputTokens: 44 })
})

test('a latency that is asked for passes before the first content and before the end', async () => {
  const startedAt = performance.now()
  let firstMs = 0
  const headers = { ...exact.headers, 'x-simulate-latency-ms': '400' }
  for await (const chunk of await client.chat.completions.create({ model: 'gpt-4o', messages, stream: true }, { headers })) {
    if (chunk.choices[0]?.delta.content && firstMs === 0) firstMs = performance.now() - startedAt
  }
  // A timer may fire up to a millisecond early.
  expect(firstMs).toBeGreaterThan(98)
  expect(performance.now() - startedAt).toBeGreaterThan(390)
})
