import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anthropicMessages } from '../../src/dialects/anthropic-messages.ts'
import { classifyError } from '../../src/dialects/classify-error.ts'
import { CONTENT, NOTHING, READ } from '../../src/dialects/dialect.ts'
import { providerOf } from '../../src/dialects/providers.ts'
import { countAnthropicTokens } from '../../src/dialects/read-anthropic-usage.ts'
import { readReplyText } from '../../src/dialects/read-reply.ts'
import { newReading } from '../../src/dialects/reading.ts'
import { recogniseUrl } from '../../src/dialects/recognise.ts'
import { SseScanner } from '../../src/dialects/sse-scanner.ts'
import {
  MESSAGE_TOKENS,
  MESSAGE_USAGE,
  message,
  messageEvents,
  namedEvent,
  TEXT_BLOCK,
  THINKING_BLOCK,
  TOOL_BLOCK,
} from '../fidelity/anthropic-replies.ts'

const countOf = (usage: Record<string, unknown>) => {
  const reading = newReading()
  return { counts: countAnthropicTokens(usage, reading), problems: reading.problems }
}

describe('recogniseUrl', () => {
  it.each([
    ['https://api.anthropic.com/v1/messages', 'anthropic-messages', 'anthropic'],
    ['https://api.anthropic.com/v1/messages?beta=true', 'anthropic-messages', 'anthropic'],
    ['https://r.services.ai.azure.com/anthropic/v1/messages', 'anthropic-messages', 'azure.ai.inference'],
    ['https://openrouter.ai/api/v1/messages', 'anthropic-messages', 'openrouter'],
    ['http://localhost:11434/v1/messages', 'anthropic-messages', 'ollama'],
    ['http://127.0.0.1:8080/v1/messages', 'anthropic-messages', 'anthropic_compatible'],
    ['https://api.anthropic.com/v1/messages/count_tokens', undefined, undefined],
    ['https://api.anthropic.com/v1/messages/batches', undefined, undefined],
    ['https://api.openai.com/v1/threads/thread_1/messages', undefined, undefined],
  ])('%s is %s of %s', (url, name, provider) => {
    const dialect = recogniseUrl(url)
    expect([dialect?.name, dialect && providerOf(new URL(url).host, dialect)]).toEqual([name, provider])
  })

  it.each([
    ['{"model":"m","max_tokens":5,"messages":[]}', true],
    ['{"to":"+4912345","messages":["hello"]}', false],
    ['{"metadata":{"model":"m","max_tokens":1,"messages":[]}}', false],
    ['to=me&text=hello', false],
    ['', false],
  ])('at an unknown host the body %s is a request: %s', (body, expected) => {
    expect(anthropicMessages.isRequest?.(body)).toBe(expected)
  })
})

describe('countAnthropicTokens', () => {
  it('adds what the cache read and wrote to the input', () => {
    expect(countOf(MESSAGE_USAGE)).toEqual({ counts: MESSAGE_TOKENS, problems: [] })
  })

  it.each([
    ['no cache', { input_tokens: 5, output_tokens: 2 }, { inputTokens: 5, cacheWriteTokens: 0 }],
    ['null for none', { input_tokens: 5, output_tokens: 2, cache_read_input_tokens: null, cache_creation: null }, { inputTokens: 5 }],
    ['llama.cpp', { cache_read_input_tokens: 35, input_tokens: 1, output_tokens: 0 }, { inputTokens: 36, cacheReadTokens: 35 }],
    [
      'a total above its split',
      { ...MESSAGE_USAGE, cache_creation_input_tokens: 100 },
      { inputTokens: 159, cacheWriteTokens: 100, cacheWrite1hTokens: 10 },
    ],
    [
      'a split without a total',
      { ...MESSAGE_USAGE, cache_creation_input_tokens: null },
      { inputTokens: 89, cacheWriteTokens: 30, cacheWrite1hTokens: 10 },
    ],
  ])('takes %s', (_name, usage, expected) => {
    expect(countOf(usage)).toEqual({ counts: expect.objectContaining(expected), problems: [] })
  })

  it.each([
    [{ input_tokens: -1, output_tokens: 2 }, 'usage.input_tokens is negative'],
    [{ input_tokens: 5, output_tokens: '2' }, 'usage.output_tokens is a string'],
    [{ input_tokens: 5, output_tokens: 2, cache_read_input_tokens: 0.5 }, 'usage.cache_read_input_tokens is not an integer'],
    [{ service_tier: 'standard' }, 'usage has no token counts'],
  ])('%j is not counted: %s', (usage, problem) => {
    expect(countOf(usage)).toEqual({ counts: undefined, problems: [problem] })
  })

  it.each([
    [{ cached_output_tokens: 7 }, 'unknown field of usage: cached_output_tokens'],
    [{ cache_creation: { ephemeral_1d_input_tokens: 7 } }, 'unknown field of cache details: ephemeral_1d_input_tokens'],
    [{ iterations: [{ type: 'advisor_message', input_tokens: 1 }] }, 'usage.iterations has tokens of an advisor, which are not counted'],
  ])('%j is counted without it, and said', (more, problem) => {
    const { counts, problems } = countOf({ input_tokens: 5, output_tokens: 2, ...more })
    expect([counts?.inputTokens, problems]).toEqual([5, [problem]])
  })

  it('never breaks the inclusions, whatever arrives', () => {
    const value = fc.oneof(fc.integer({ min: -5, max: 1e6 }), fc.jsonValue())
    const names = Object.keys(MESSAGE_USAGE)
    const usage = fc.record(
      {
        ...Object.fromEntries(names.map((name) => [name, value])),
        cache_creation: fc.oneof(value, fc.record({ ephemeral_5m_input_tokens: value, ephemeral_1h_input_tokens: value })),
        output_tokens_details: fc.oneof(value, fc.record({ thinking_tokens: value })),
        iterations: fc.oneof(value, fc.array(fc.record({ type: fc.constant('compaction'), input_tokens: value, output_tokens: value }))),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(usage, (any) => {
        const { counts } = countOf(any as Record<string, unknown>)
        if (!counts) return
        for (const count of Object.values(counts)) expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
        expect(counts.cacheReadTokens + counts.cacheWriteTokens).toBeLessThanOrEqual(counts.inputTokens)
        expect(counts.cacheWrite1hTokens ?? 0).toBeLessThanOrEqual(counts.cacheWriteTokens)
        expect(counts.reasoningTokens).toBeLessThanOrEqual(counts.outputTokens)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the events of a stream', () => {
  const delta = (fields: Record<string, unknown>) => namedEvent({ type: 'content_block_delta', index: 0, delta: fields })
  const unnamed = (event: string) => event.slice(event.indexOf('\n') + 1)
  const EVENTS: [event: string, glance: number][] = [
    [delta({ type: 'text_delta', text: 'a' }), CONTENT],
    [delta({ type: 'thinking_delta', thinking: 'a' }), CONTENT],
    [delta({ type: 'input_json_delta', partial_json: '{"text":' }), CONTENT],
    [delta({ type: 'text_delta', text: '' }), NOTHING],
    [delta({ type: 'signature_delta', signature: 'a' }), NOTHING],
    [delta({ type: 'citations_delta', citation: { cited_text: 'a', document_title: null } }), NOTHING],
    [namedEvent({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: 'message_stop' } }), NOTHING],
    [namedEvent({ type: 'content_block_stop', index: 0 }), NOTHING],
    [namedEvent({ type: 'ping' }), NOTHING],
    [namedEvent({ type: 'message_start', message: message() }), READ],
    [namedEvent({ type: 'message_delta', delta: {} }), READ],
    [namedEvent({ type: 'message_stop' }), READ],
    [namedEvent({ type: 'error', error: {} }), READ],
    ['data: {"delta":{"type":"text_delta","text":"a"},"type":"content_block_delta"}\n\n', READ],
    ['data: {}\n\n', READ],
  ]

  it.each(EVENTS)('%s is glanced at as %i, named on a line of its own or not', (event, glance) => {
    expect(anthropicMessages.stream?.glance(event, newReading())).toBe(glance)
    if (event.startsWith('event:')) expect(anthropicMessages.stream?.glance(unnamed(event), newReading())).toBe(glance)
  })

  const BLOCKS = [THINKING_BLOCK, TEXT_BLOCK, TOOL_BLOCK]
  const contents = BLOCKS.flatMap((block) => block.deltas).filter(({ text, thinking, partial_json }) => text || thinking || partial_json)

  const read = (chunks: readonly Uint8Array[]) => {
    const reading = newReading()
    const scanner = new SseScanner({ dialect: anthropicMessages, provider: 'anthropic', reading, hide: false })
    const seen = chunks.map((chunk) => scanner.feed(chunk))
    expect(seen).toEqual(chunks)
    scanner.end()
    return reading
  }

  it('are read the same, however the network cuts them', () => {
    const bytes = Buffer.from(messageEvents(BLOCKS, { stopReason: 'tool_use' }).join(''))
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 40 }), (cuts) => {
        const ends = [...new Set([...cuts, bytes.length])].sort((a, b) => a - b)
        const chunks = ends.map((end, i) => new Uint8Array(bytes.subarray(ends[i - 1] ?? 0, end)))
        expect(read(chunks)).toMatchObject({
          finished: true,
          stopped: true,
          contentEvents: contents.length,
          counts: MESSAGE_TOKENS,
          problems: [],
        })
      }),
      { numRuns: 200 },
    )
  })

  it('are read the same one by one, where those that are alike are recognised by their bytes', () => {
    const chunks = messageEvents(BLOCKS).map((event) => new Uint8Array(Buffer.from(event)))
    expect(read(chunks)).toMatchObject({ finished: true, contentEvents: contents.length, counts: MESSAGE_TOKENS })
  })

  it('without the first one, as llama.cpp may send them: the output is as counted, the input stays open', () => {
    const events = messageEvents().slice(1, -2)
    const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 12 } }
    const chunks = [...events, namedEvent(delta), namedEvent({ type: 'message_stop' })].map((event) => new Uint8Array(Buffer.from(event)))
    const reading = read(chunks)
    expect(reading).toMatchObject({ finished: true, outputAlone: 12, problems: [] })
    expect(reading.counts).toBeUndefined()
  })

  it('without the lines that name them are read as well', () => {
    const chunks = messageEvents(BLOCKS).map((event) => new Uint8Array(Buffer.from(unnamed(event))))
    expect(read(chunks)).toMatchObject({ finished: true, contentEvents: contents.length, counts: MESSAGE_TOKENS })
  })
})

describe('whole replies', () => {
  it('short and long, with cost of a gateway', () => {
    for (const length of [1, 9000]) {
      const reading = newReading()
      const reply = message({ content: [{ type: 'text', text: 'x'.repeat(length) }], usage: { ...MESSAGE_USAGE, cost: 0.00125 } })
      readReplyText(JSON.stringify(reply), anthropicMessages, reading, 'openrouter')
      expect(reading).toMatchObject({ model: message().model, counts: MESSAGE_TOKENS, costNanoUsd: 1_250_000, problems: [] })
    }
  })

  it('with an error in a 200', () => {
    const reading = newReading()
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'No.' } }
    readReplyText(JSON.stringify(error, null, 2), anthropicMessages, reading, 'anthropic')
    expect(reading.error).toBe('overloaded')
  })
})

it('errors are classified by the code in their details, too', () => {
  const error = { type: 'invalid_request_error', message: 'No.', details: { error_code: 'prompt_too_long' } }
  expect(classifyError(error, 400)).toBe('context_length')
})
