import OpenAI, { AzureOpenAI, toFile } from 'openai'
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

test('embeddings come as floats or as base64 with the same values, and count only input', async () => {
  const ask = (encoding_format?: 'float') =>
    client.embeddings.create({ model: 'text-embedding-3-small', input: ['a'.repeat(40), 'b'.repeat(8)], dimensions: 64, encoding_format })
  const floats = await ask('float')
  // Without a format the client asks for base64 and decodes it.
  const decoded = await ask()
  expect(floats.usage).toEqual({ prompt_tokens: 12, total_tokens: 12 })
  expect(floats.data.map((one) => one.embedding.length)).toEqual([64, 64])
  for (const [at, value] of (floats.data[1]?.embedding ?? []).entries()) expect(decoded.data[1]?.embedding[at]).toBeCloseTo(value, 6)
  expect(Math.hypot(...(floats.data[0]?.embedding ?? []))).toBeCloseTo(1, 5)
  await simulator.idle()
  expect(simulator.ledger.snapshot().models['text-embedding-3-small']).toMatchObject({ ok: 2, inputTokens: 24, outputTokens: 0 })
})

test('text completions are cut at sixteen tokens by default, streamed or whole', async () => {
  const body = { model: 'gpt-3.5-turbo-instruct', prompt: 'Once upon a time' }
  const options = { headers: { 'x-simulate-seed': '5' } }
  const whole = await client.completions.create(body, options)
  expect(whole.usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 16 })
  let text = ''
  for await (const chunk of await client.completions.create({ ...body, stream: true }, options)) text += chunk.choices[0]?.text ?? ''
  expect(text).toBe(whole.choices[0]?.text)
})

test('image edits and file uploads take multipart forms in order', async () => {
  const image = await toFile(Buffer.from('not really a png'), 'in.png', { type: 'image/png' })
  const edit = await client.images.edit({ model: 'gpt-image-1', image, prompt: 'add a boat' })
  expect(edit.data?.[0]?.b64_json?.length).toBeGreaterThan(10)
  expect(edit.usage).toMatchObject({ input_tokens: 275, output_tokens: 1056 })
  const content = Buffer.from([0, 13, 10, 255, 45, 45])
  const file = await client.files.create({ file: await toFile(content, 'data.jsonl'), purpose: 'batch' })
  expect(file).toMatchObject({ bytes: 6, filename: 'data.jsonl', purpose: 'batch', simulated_parts: ['file', 'purpose'] })
})

test('models are listed and found by name', async () => {
  const names = (await client.models.list()).data.map((model) => model.id)
  expect(names).toContain('gpt-4o-mini')
  expect(new Set(names).size).toBe(names.length)
  expect((await client.models.retrieve('o4-mini')).id).toBe('o4-mini')
})

test('an Azure client reaches its deployment by path and key header', async () => {
  const azure = new AzureOpenAI({ endpoint: simulator.url, apiKey: 'key', apiVersion: '2024-10-21', deployment: 'gpt-4o', maxRetries: 0 })
  const answer = await azure.chat.completions.create({ model: '', messages: [{ role: 'user', content: 'hello' }] })
  expect(answer.model).toBe('gpt-4o-2024-08-06')
})

test('health and ledger are plain JSON without a key', async () => {
  const health = await (await fetch(`${simulator.url}/health`)).json()
  expect(health).toEqual({ status: 'ok' })
  await client.models.list()
  await client.embeddings.create({ model: 'text-embedding-3-small', input: 'x' })
  await simulator.idle()
  const ledger = await (await fetch(`${simulator.url}/simulator/ledger`, { method: 'DELETE' })).json()
  expect(ledger).toMatchObject({ total: { requests: 1, ok: 1 } })
  expect(simulator.ledger.snapshot().total.requests).toBe(0)
})
