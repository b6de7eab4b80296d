import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { chatCompletions } from '../../src/dialects/chat-completions.ts'
import { completions } from '../../src/dialects/completions.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { images } from '../../src/dialects/images.ts'
import { newReading } from '../../src/dialects/reading.ts'
import { responses } from '../../src/dialects/responses.ts'
import { SseScanner } from '../../src/dialects/sse-scanner.ts'
import { CHAT_MODEL, CONTENT_DELTAS, chatEvents, responseEvents, ssePart, TOOL_DELTAS } from '../fidelity/openai-replies.ts'

interface Scan {
  dialect?: Dialect
  hide?: boolean
  provider?: string
}

/** Feeds the text in pieces; returns what was learnt and what the caller sees. */
function scan(text: string, cuts: readonly number[], { dialect = chatCompletions, hide = false, provider = 'openai' }: Scan = {}) {
  const reading = newReading()
  const scanner = new SseScanner({ dialect, provider, reading, hide })
  const bytes = Buffer.from(text)
  const out: Uint8Array[] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    const seen = scanner.feed(Uint8Array.from(bytes.subarray(from, to)))
    if (seen) out.push(seen)
    from = to
  }
  const rest = scanner.end()
  if (rest) out.push(rest)
  return { reading, seen: Buffer.concat(out).toString() }
}

/** Objects in the events, in order. */
const objectsIn = (text: string) =>
  text
    .split(/\r?\n\r?\n/)
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)))

const HIDDEN = chatEvents(CONTENT_DELTAS, { withUsage: true }).join('')
const BARE = chatEvents(CONTENT_DELTAS).join('')

describe('SseScanner', () => {
  it.each(['\n', '\r\n'])('gives the same wherever a chunk ends (line end %j)', (lineEnd) => {
    const text = HIDDEN.replaceAll('\n', lineEnd)
    const whole = scan(text, [], { hide: true })
    expect(whole.reading).toMatchObject({
      model: CHAT_MODEL,
      finished: true,
      contentEvents: 5,
      problems: [],
      counts: { inputTokens: 19, outputTokens: 10 },
    })
    expect(objectsIn(whole.seen)).toEqual(objectsIn(BARE))
    for (let cut = 1; cut < Buffer.byteLength(text); cut++) {
      const cutOnce = scan(text, [cut], { hide: true })
      expect(cutOnce.reading).toEqual(whole.reading)
      expect(cutOnce.seen).toBe(whole.seen)
    }
  })

  it('gives the same in any pieces, hidden or not', () => {
    const length = Buffer.byteLength(HIDDEN)
    const cuts = fc.array(fc.nat(length), { maxLength: 40 }).map((list) => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(cuts, fc.boolean(), (pieces, hide) => {
        expect(scan(HIDDEN, pieces, { hide })).toEqual(scan(HIDDEN, [], { hide }))
      }),
      { numRuns: 300 },
    )
  })

  it('passes the same array on when there is nothing to hide', () => {
    const scanner = new SseScanner({ dialect: chatCompletions, provider: 'openai', reading: newReading(), hide: true })
    const chunk = Buffer.from(BARE)
    expect(scanner.feed(chunk)).toBe(chunk)
  })

  it('does not touch the bytes when it does not hide', () => {
    expect(scan(HIDDEN, [500]).seen).toBe(HIDDEN)
  })

  it.each([',"usage":null', ', "usage": null'])('blanks %j wherever it stands', (field) => {
    const text = `data: {"model":"m","choices":[]${field}}\n\ndata: {"usage":null,"model":"m"}\n\ndata: {"usage":null}\n\n`
    expect(objectsIn(scan(text, [], { hide: true }).seen)).toEqual([{ model: 'm', choices: [] }, { model: 'm' }, {}])
  })

  it('reads events that are nearly alike each for itself', () => {
    const plain = (content: string, more: object = {}, finish_reason: string | null = null) => ({
      id: 'chatcmpl-1',
      model: 'm',
      choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason }],
      usage: null,
      obfuscation: 'x'.repeat(content.length),
      ...more,
    })
    const usage = { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12 }
    const events = [
      plain('a'),
      plain('bc'),
      plain(''),
      plain('"},"logprobs":null,"finish_reason":"stop"'),
      plain('ends in a quote"'),
      plain('ends in a backslash\\'),
      plain('d', { usage }),
      plain('e', { obfuscation: '' }),
      plain('f', {}, 'content_filter'),
    ]
    const text = events.map((event) => ssePart(event))
    const reading = newReading()
    const scanner = new SseScanner({ dialect: chatCompletions, provider: 'openai', reading, hide: true })
    const seen = text.map((event) => Buffer.from(scanner.feed(Buffer.from(event)) ?? []).toString())
    const hidden = events.map(({ usage: counts, ...event }) => (counts ? { ...event, usage: counts } : event))
    expect(objectsIn(seen.join(''))).toEqual(hidden)
    expect(reading).toMatchObject({ contentEvents: 8, counts: { inputTokens: 3, outputTokens: 9 }, error: 'content_filter', stopped: true })
  })

  it('finds usage:null that stands after the padding', () => {
    const event = (content: string) =>
      ssePart({ model: 'm', choices: [{ delta: { content }, finish_reason: null }], obfuscation: content, usage: null })
    const { seen } = scan(['aaa', 'b', 'cc', 'dddd'].map(event).join(''), [], { hide: true })
    expect(seen).not.toContain('usage')
    const scanner = new SseScanner({ dialect: chatCompletions, provider: 'openai', reading: newReading(), hide: true })
    for (const content of ['aaa', 'b', 'cc', 'dddd'])
      expect(Buffer.from(scanner.feed(Buffer.from(event(content))) ?? []).toString()).not.toContain('usage')
  })

  it('keeps text that looks like usage', () => {
    const text = chatEvents([{ content: '"usage":null,"usage":{"prompt_tokens":99}' }], { withUsage: true }).join('')
    const { seen, reading } = scan(text, [], { hide: true })
    expect(objectsIn(seen)[1].choices[0].delta.content).toBe('"usage":null,"usage":{"prompt_tokens":99}')
    expect(reading.counts?.inputTokens).toBe(19)
  })

  it('reads the last event though its blank line is missing', () => {
    const text = HIDDEN.slice(0, HIDDEN.indexOf('data: [DONE]')).trimEnd()
    const { reading, seen } = scan(text, [], { hide: true })
    expect(reading.counts?.outputTokens).toBe(10)
    expect(objectsIn(seen)).toEqual(objectsIn(BARE))
  })

  it('parses no event of an ordinary stream but the first usage of its kind', () => {
    const text = chatEvents(CONTENT_DELTAS, { withUsage: true }).join('')
    const first = scan(text, [], { hide: true })
    const parse = vi.spyOn(JSON, 'parse')
    try {
      expect(scan(text.replaceAll('"completion_tokens":10', '"completion_tokens":11'), [], { hide: true }).reading).toEqual({
        ...first.reading,
        counts: { ...first.reading.counts, outputTokens: 11 },
      })
      expect(parse).not.toHaveBeenCalled()
    } finally {
      parse.mockRestore()
    }
  })

  it.each([
    ['content beside the role', { choices: [{ delta: { role: 'assistant', content: 'Hi' } }] }, { contentEvents: 1 }],
    ['a second choice', { choices: [{ delta: {} }, { delta: { content: 'Hi' } }] }, { contentEvents: 1 }],
    ['a filter after an empty delta', { choices: [{ delta: {}, finish_reason: 'content_filter' }] }, { error: 'content_filter' }],
    ['a reason that nobody knows', { choices: [{ delta: { content: '' }, finish_reason: 'tired' }] }, { stopped: true, contentEvents: 0 }],
    ['an error beside an empty delta', { choices: [{ delta: {} }], error: { code: 429 } }, { error: 'rate_limit' }],
    [
      'an error before the usage',
      { error: { code: 429 }, choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } },
      { error: 'rate_limit' },
    ],
    ['a model with escapes', { model: 'caf\u00e9 "1"', choices: [{ delta: {} }] }, { model: 'caf\u00e9 "1"' }],
  ])('sees %s', (_what, event, expected) => {
    expect(scan(ssePart({ model: 'm', ...event }), []).reading).toMatchObject(expected)
  })

  it('takes no usage from deeper down', () => {
    const event = { model: 'm', x: { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } } }
    expect(scan(ssePart(event), []).reading.counts).toBeUndefined()
  })

  it('passes on a withheld beginning when the stream ends in it', () => {
    expect(scan('data: {"a":1}\n\ndata: {"mod', [], { hide: true }).seen).toBe('data: {"a":1}\n\ndata: {"mod')
  })

  it('gives up on an event without end, and loses no byte of it', () => {
    const text = `data: ${'x'.repeat(200_000)}`
    const { seen, reading } = scan(text, [50_000, 100_000, 150_000], { hide: true })
    expect(seen).toBe(text)
    expect(reading.problems).toEqual(['stream event is too long'])
  })

  it('reads very many events in one chunk, each on its own', () => {
    const { reading } = scan('data: {"n":1}\n\n'.repeat(100_000) + HIDDEN, [])
    expect(reading).toMatchObject({ contentEvents: 5, counts: { outputTokens: 10 } })
  })

  it('keeps the last of cumulative counts', () => {
    const event = (tokens: number) =>
      ssePart({
        model: 'm',
        choices: [{ delta: { content: 'x' } }],
        usage: { prompt_tokens: 7, completion_tokens: tokens, total_tokens: 7 + tokens },
      })
    const { reading } = scan([1, 2, 3].map(event).join(''), [])
    expect(reading.counts).toMatchObject({ inputTokens: 7, outputTokens: 3 })
    expect(reading.contentEvents).toBe(3)
  })

  it('reads Groq: usage and times under a key of its own', () => {
    const usage = {
      queue_time: 0.037,
      prompt_tokens: 18,
      prompt_time: 0.0007,
      completion_tokens: 556,
      completion_time: 0.46,
      total_tokens: 574,
      total_time: 0.461,
    }
    const first = ssePart({
      model: 'llama',
      choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      x_groq: { id: 'req_1' },
    })
    const last = ssePart({ model: 'llama', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { id: 'req_1', usage } })
    const { reading } = scan(`${first}${last}data: [DONE]\n\n`, [], { provider: 'groq' })
    expect(reading).toMatchObject({
      counts: { inputTokens: 18, outputTokens: 556 },
      queueMs: 37,
      prefillMs: 0.7,
      decodeMs: 460,
      problems: [],
    })
  })

  it('reads an error of Groq inside the stream', () => {
    const last = ssePart({ choices: [{ index: 0, delta: {}, finish_reason: null }], x_groq: { id: 'req_1', error: 'over_capacity' } })
    expect(scan(last, []).reading.error).toBe('overloaded')
  })

  it('reads llama.cpp: timings beside the last choice', () => {
    const timings = { cache_n: 87, prompt_n: 690, prompt_ms: 120.5, predicted_n: 40, predicted_ms: 800 }
    const { reading } = scan(ssePart({ model: 'm', choices: [{ delta: {}, finish_reason: 'stop' }], timings }), [])
    expect(reading).toMatchObject({ counts: { inputTokens: 777, cacheReadTokens: 87, outputTokens: 40 }, prefillMs: 120.5, decodeMs: 800 })
  })

  it('reads llama.cpp: timings beside the response that is completed', () => {
    const event = {
      type: 'response.completed',
      response: {
        model: 'm',
        status: 'completed',
        usage: { input_tokens: 32, output_tokens: 12, input_tokens_details: { cached_tokens: 31 } },
      },
      timings: { cache_n: 31, prompt_n: 1, prompt_ms: 15.849, predicted_n: 12, predicted_ms: 168.53 },
    }
    const { reading } = scan(ssePart(event), [], { dialect: responses })
    expect(reading).toMatchObject({
      counts: { inputTokens: 32, cacheReadTokens: 31, outputTokens: 12 },
      prefillMs: 15.849,
      decodeMs: 168.53,
      problems: [],
    })
  })

  it('reads OpenRouter: comments, and the cost', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      cost: 0.0000625,
      is_byok: false,
      cost_details: { upstream_inference_cost: null },
    }
    const text = `: OPENROUTER PROCESSING\n\n${ssePart({ model: 'm', choices: [{ delta: { content: 'x' } }] })}${ssePart({ model: 'm', choices: [], usage })}`
    expect(scan(text, []).reading).toMatchObject({ costNanoUsd: 62_500, contentEvents: 1, counts: { inputTokens: 10 }, problems: [] })
  })

  it('counts reasoning, tool calls and refusals as content, roles and empty deltas not', () => {
    const deltas = [
      { reasoning_content: 'hm' },
      { reasoning: 'hm' },
      { content: null, refusal: 'no' },
      { role: 'assistant' },
      { content: '' },
      ...TOOL_DELTAS,
    ]
    expect(scan(chatEvents(deltas).join(''), []).reading.contentEvents).toBe(7)
  })

  it('reads spaced JSON as well', () => {
    const text = chatEvents(CONTENT_DELTAS, { withUsage: true })
      .map((event) =>
        event.startsWith('data: {') ? `data: ${JSON.stringify(JSON.parse(event.slice(6)), null, 1).replaceAll('\n', ' ')}\n\n` : event,
      )
      .join('')
    const { reading, seen } = scan(text, [], { hide: true })
    expect(reading).toMatchObject({ contentEvents: 5, counts: { inputTokens: 19 } })
    expect(objectsIn(seen)).toEqual(objectsIn(BARE))
  })

  it('reads Responses wherever a chunk ends', () => {
    const text = responseEvents().join('')
    const whole = scan(text, [], { dialect: responses })
    expect(whole.reading).toMatchObject({
      model: CHAT_MODEL,
      finished: true,
      contentEvents: 4,
      counts: { inputTokens: 36, outputTokens: 87 },
      problems: [],
    })
    for (let cut = 1; cut < text.length; cut += 7) expect(scan(text, [cut], { dialect: responses }).reading).toEqual(whole.reading)
  })

  it('reads the old completions', () => {
    const chunk = (word: string, usage?: object) => ssePart({ model: 'm', choices: [{ text: word, index: 0, finish_reason: null }], usage })
    const text = chunk('a') + chunk('') + chunk('b', { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 })
    expect(scan(text, [], { dialect: completions }).reading).toMatchObject({ contentEvents: 2, counts: { outputTokens: 2 } })
  })

  it('reads streamed images', () => {
    const usage = { total_tokens: 100, input_tokens: 50, output_tokens: 50, input_tokens_details: { text_tokens: 10, image_tokens: 40 } }
    const partial = ssePart({ type: 'image_generation.partial_image', b64_json: 'A'.repeat(3000), partial_image_index: 0 })
    const text = partial + ssePart({ type: 'image_generation.completed', b64_json: 'A'.repeat(3000), usage })
    expect(scan(text, [1000, 2000, 4000], { dialect: images }).reading).toMatchObject({ finished: true, counts: { inputImageTokens: 40 } })
  })

  it.each([
    ['not JSON', 'data: {"model"\n\n', ['stream event is not JSON']],
    ['JSON but no object', 'data: 5\n\ndata: null\n\n', []],
    ['empty data', 'data:\n\nevent: ping\n\n', []],
    ['broken usage', ssePart({ model: 'm', choices: [], usage: { prompt_tokens: 'x' } }), ['usage.prompt_tokens is a string']],
  ])('never throws on what is %s', (_name, text, problems) => {
    expect(scan(text, []).reading.problems).toEqual(problems)
  })

  it('never throws, whatever arrives', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('data: ', '\n\n', '\r\n\r\n', '"usage":', 'null', '{', '}', '"delta":{', '"type":"', HIDDEN.slice(0, 300)),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.boolean(),
        fc.constantFrom(chatCompletions, responses, completions, images),
        (pieces, hide, dialect) => {
          scan(
            pieces.join(''),
            [3, 10, 50].filter((cut) => cut < pieces.join('').length),
            { hide, dialect },
          )
        },
      ),
      { numRuns: 1000 },
    )
  })
})
