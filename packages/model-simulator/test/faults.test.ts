import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Fault, type FaultRates, parseFaultRates, type Simulator, startSimulator } from '../src/index.ts'

let simulator: Simulator
let client: OpenAI

beforeAll(async () => {
  simulator = await startSimulator({ speed: 0 })
  client = new OpenAI({ baseURL: `${simulator.url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
})
beforeEach(() => simulator.ledger.reset())
afterAll(() => simulator.close())

const messages = [{ role: 'user' as const, content: 'How long is the river?' }]
const chat = { model: 'gpt-4o-mini', messages }
const withFault = (fault: Fault, more: Record<string, string> = {}) => ({ headers: { 'x-simulate-error': fault, ...more } })

async function readAll(fault: Fault, more: Record<string, string> = {}) {
  const options = withFault(fault, { 'x-simulate-output-tokens': '40', ...more })
  let text = ''
  let failure: unknown
  try {
    for await (const chunk of await client.chat.completions.create({ ...chat, stream: true }, options)) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
  } catch (error) {
    failure = error
  }
  await simulator.idle()
  return { words: text.split(' ').length, failure, total: simulator.ledger.snapshot().total }
}

describe('errors by status', () => {
  const cases: [Fault, number, string | null][] = [
    ['429', 429, 'rate_limit_exceeded'],
    ['quota', 429, 'insufficient_quota'],
    ['400', 400, 'invalid_value'],
    ['401', 401, 'invalid_api_key'],
    ['404', 404, 'model_not_found'],
    ['500', 500, null],
    ['503', 503, 'overloaded'],
    ['context_length', 400, 'context_length_exceeded'],
  ]
  test.each(cases)('%s is answered with %i and code %s, and booked as such', async (fault, status, code) => {
    const error = await client.chat.completions.create(chat, withFault(fault)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ status, code, type: expect.any(String) })
    await simulator.idle()
    expect(simulator.ledger.snapshot().models['gpt-4o-mini']).toMatchObject({ requests: 1, errors: 1, errorKinds: { [fault]: 1 } })
  })

  test('a 429 names when to come back and what is left', async () => {
    const error = await client.chat.completions.create(chat, withFault('429', { 'x-simulate-retry-after-ms': '1700' })).catch((e) => e)
    expect(Object.fromEntries(error.headers)).toMatchObject({
      'retry-after': '2',
      'retry-after-ms': '1700',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-limit-requests': '10000',
    })
  })

  test('a 502 is the HTML page of a gateway', async () => {
    const error = await client.chat.completions.create(chat, withFault('502')).catch((e) => e)
    expect(error.message).toContain('<h1>502 Bad Gateway</h1>')
  })

  test('a fault of the first attempt only is mended by the retry of the client', async () => {
    const answer = await client.chat.completions.create(chat, { ...withFault('429', { 'x-simulate-fail-attempts': '1' }), maxRetries: 2 })
    expect(answer.choices).toHaveLength(1)
    await simulator.idle()
    expect(simulator.ledger.snapshot().total).toMatchObject({ requests: 2, ok: 1, errors: 1, errorKinds: { 429: 1 } })
  })
})

describe('answers that break', () => {
  test('a cut stream ends the connection after half of the answer', async () => {
    const { words, failure, total } = await readAll('cut')
    expect(failure).toBeInstanceOf(Error)
    expect(words).toBeGreaterThan(10)
    expect(total).toMatchObject({ errors: 1, errorKinds: { cut: 1 }, unreported: { requests: 1, outputTokens: words } })
  })

  test('an error inside a stream throws, after half of the answer', async () => {
    const { words, failure, total } = await readAll('stream_error')
    expect(failure).toBeInstanceOf(OpenAI.APIError)
    expect(total).toMatchObject({ errorKinds: { stream_error: 1 }, unreported: { outputTokens: words } })
  })

  test('a content filter ends the stream with its finish reason', async () => {
    const finish = []
    const options = withFault('content_filter')
    for await (const chunk of await client.chat.completions.create({ ...chat, stream: true }, options)) {
      finish.push(chunk.choices[0]?.finish_reason)
    }
    expect(finish.at(-1)).toBe('content_filter')
    await simulator.idle()
    expect(simulator.ledger.snapshot().total).toMatchObject({ ok: 0, errorKinds: { content_filter: 1 } })
  })

  test.each(['cut', 'reset'] as const)('%s of a whole answer is a connection error', async (fault) => {
    await expect(client.chat.completions.create(chat, withFault(fault))).rejects.toThrow()
    await simulator.idle()
    expect(simulator.ledger.snapshot().total).toMatchObject({ ok: 0, errorKinds: { [fault]: 1 } })
  })

  test('bad JSON in a 200 cannot be parsed', async () => {
    await expect(client.chat.completions.create(chat, withFault('bad_json'))).rejects.toThrow(SyntaxError)
  })

  test('no answer makes the client time out', async () => {
    const request = client.chat.completions.create(chat, { ...withFault('timeout'), timeout: 100 })
    await expect(request).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
    await simulator.idle()
    expect(simulator.ledger.snapshot().total).toMatchObject({ errors: 1, errorKinds: { timeout: 1 } })
  })
})

describe('clients that leave', () => {
  test('early from a stream: booked as aborted with what was sent', async () => {
    // The first content comes after a quarter of the latency.
    const headers = { 'x-simulate-output-tokens': '4000', 'x-simulate-latency-ms': '2000' }
    const stream = await client.chat.completions.create({ ...chat, stream: true }, { headers })
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break
    await simulator.idle()
    const { total } = simulator.ledger.snapshot()
    expect(total).toMatchObject({ requests: 1, aborted: 1, ok: 0, errors: 0 })
    expect(total.unreported.outputTokens).toBeGreaterThan(0)
    expect(total.unreported.outputTokens).toBeLessThan(4000)
  })

  test('by a signal before a whole answer: booked as aborted under the asked name', async () => {
    const controller = new AbortController()
    const request = client.chat.completions.create(chat, { headers: { 'x-simulate-latency-ms': '5000' }, signal: controller.signal })
    setTimeout(() => controller.abort(), 500)
    await expect(request).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
    await simulator.idle()
    expect(simulator.ledger.snapshot().models['gpt-4o-mini']).toMatchObject({ aborted: 1, unreported: { outputTokens: 0 } })
  })
})

describe('requests that are wrong', () => {
  const cases: [string, Record<string, unknown>, { status: number; param?: string; code?: string }][] = [
    ['no messages', { model: 'gpt-4o' }, { status: 400, param: 'messages', code: 'missing_required_parameter' }],
    ['empty messages', { model: 'gpt-4o', messages: [] }, { status: 400, param: 'messages', code: 'empty_array' }],
    ['a role that is none', { model: 'gpt-4o', messages: [{ role: 'king' }] }, { status: 400, param: 'messages[0].role' }],
    ['no model', { messages }, { status: 400, param: 'model' }],
    ['an unknown model', { model: 'gpt-9', messages }, { status: 404, code: 'model_not_found' }],
    ['a model of another kind', { model: 'text-embedding-3-small', messages }, { status: 404, param: 'model' }],
    ['stream_options without stream', { ...chat, stream_options: { include_usage: true } }, { status: 400, param: 'stream_options' }],
    ['temperature 3', { ...chat, temperature: 3 }, { status: 400, param: 'temperature' }],
    ['max_tokens for a model that reasons', { model: 'o4-mini', messages, max_tokens: 9 }, { status: 400, param: 'max_tokens' }],
    ['n of 0', { ...chat, n: 0 }, { status: 400, param: 'n' }],
  ]
  test.each(cases)('%s: an error that names it', async (_, body, expected) => {
    await expect(client.post('/chat/completions', { body })).rejects.toMatchObject(expected)
  })

  test('a prompt longer than the model reads: context_length_exceeded', async () => {
    const body = { model: 'gpt-3.5-turbo-instruct', prompt: 'x'.repeat(4 * 4096 + 1) }
    await expect(client.completions.create(body)).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' })
  })

  test('a key that starts with sk-invalid, and none: 401', async () => {
    const wrong = client.withOptions({ apiKey: 'sk-invalid-123' })
    await expect(wrong.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
    expect((await fetch(`${simulator.url}/v1/models`)).status).toBe(401)
  })

  test('an unknown path: 404; a body that is no JSON: 400; a wrong control header: 400 with its name', async () => {
    await expect(client.post('/nowhere', { body: {} })).rejects.toMatchObject({ status: 404 })
    const headers = { authorization: 'Bearer sk-test' }
    const bad = await fetch(`${simulator.url}/v1/chat/completions`, { method: 'POST', body: '{', headers })
    expect(bad.status).toBe(400)
    const options = { headers: { 'x-simulate-output-tokens': '-1' } }
    await expect(client.chat.completions.create(chat, options)).rejects.toMatchObject({ status: 400, param: 'x-simulate-output-tokens' })
  })
})

describe('usage that is odd', () => {
  test('can be asked for field by field, or left out', async () => {
    const odd = await client.chat.completions.create(chat, { headers: { 'x-simulate-usage': '{"prompt_tokens":-5,"new_field":1}' } })
    expect(odd.usage).toMatchObject({ prompt_tokens: -5, new_field: 1 })
    const none = await client.chat.completions.create(chat, { headers: { 'x-simulate-usage': 'null' } })
    expect(none.usage).toBeUndefined()
  })
})

describe('random faults', () => {
  let other: Simulator | undefined
  afterEach(() => other?.close())

  test('fall at their rate', async () => {
    other = await startSimulator({ speed: 0, faults: { 429: 0.2, 500: 0.1 } })
    const body = JSON.stringify({ model: 'text-embedding-3-small', input: 'x', dimensions: 1 })
    const headers = { authorization: 'Bearer sk-test' }
    for (let round = 0; round < 40; round++) {
      const asks = Array.from({ length: 15 }, () => fetch(`${other?.url}/v1/embeddings`, { method: 'POST', body, headers }))
      for (const response of await Promise.all(asks)) await response.arrayBuffer()
    }
    await other.idle()
    const { total } = other.ledger.snapshot()
    // Of 600, within five standard deviations.
    expect(total.errorKinds['429']).toBeGreaterThan(70)
    expect(total.errorKinds['429']).toBeLessThan(170)
    expect(total.errorKinds['500']).toBeGreaterThan(23)
    expect(total.errorKinds['500']).toBeLessThan(97)
  })

  test('are read from text, and a wrong one is named', () => {
    expect(parseFaultRates('429=0.01, 500=0.5')).toEqual<FaultRates>({ 429: 0.01, 500: 0.5 })
    expect(() => parseFaultRates('teapot=1')).toThrow(/"teapot" is not one of/)
    expect(() => parseFaultRates('429=2')).toThrow(/429 must be between 0 and 1/)
  })
})
