import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chatCompletions } from '../../src/dialects/chat-completions.ts'
import { classifyError, classifyThrown } from '../../src/dialects/classify-error.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { providerOfHost } from '../../src/dialects/providers.ts'
import { readErrorText, readReply, readReplyText } from '../../src/dialects/read-reply.ts'
import { estimateInputTokens, readJsonRequest } from '../../src/dialects/read-request.ts'
import { newReading } from '../../src/dialects/reading.ts'
import { recogniseUrl } from '../../src/dialects/recognise.ts'
import { responses } from '../../src/dialects/responses.ts'
import { findTopLevelFields } from '../../src/dialects/top-level-fields.ts'
import { chatCompletion, response } from '../fidelity/openai-replies.ts'

describe('recogniseUrl', () => {
  it.each([
    ['https://api.openai.com/v1/chat/completions', 'chat-completions'],
    ['https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21', 'chat-completions'],
    ['http://localhost:11434/v1/chat/completions/', 'chat-completions'],
    ['https://api.openai.com/v1/completions', 'completions'],
    ['https://api.openai.com/v1/responses', 'responses'],
    ['https://api.openai.com/v1/embeddings#x', 'embeddings'],
    ['https://api.openai.com/v1/images/edits', 'images'],
    ['https://api.openai.com/v1/audio/transcriptions', 'audio'],
    ['https://api.openai.com/v1/responses/resp_1', undefined],
    ['https://api.openai.com/v1/responses/input_tokens', undefined],
    ['https://api.openai.com/v1/video/generations', undefined],
    ['https://api.openai.com/v1/files', undefined],
    ['/', undefined],
    ['', undefined],
  ])('%s is %s', (url, name) => {
    expect(recogniseUrl(url)?.name).toBe(name)
  })
})

describe('providerOfHost', () => {
  it.each([
    ['api.openai.com', 'openai'],
    ['eu.api.openai.com', 'openai'],
    ['evilapi.openai.com.example', 'openai_compatible'],
    ['r.openai.azure.com', 'azure.ai.openai'],
    ['API.GROQ.COM', 'groq'],
    ['api.mistral.ai:443', 'mistral_ai'],
    ['localhost:11434', 'ollama'],
    ['[::1]:11434', 'ollama'],
    ['[::1]', 'openai_compatible'],
    ['127.0.0.1:8090', 'openai_compatible'],
    ['us-central1-aiplatform.googleapis.com', 'gcp.vertex_ai'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'aws.bedrock'],
  ])('%s is %s', (host, provider) => {
    expect(providerOfHost(host)).toBe(provider)
  })
})

describe('findTopLevelFields', () => {
  const anyObject = fc.dictionary(fc.oneof(fc.constantFrom('usage', 'model', 'a"b', 'x\\'), fc.string()), fc.jsonValue())

  it('finds what JSON.parse finds, compact or spaced', () => {
    fc.assert(
      fc.property(anyObject, fc.constantFrom(0, 2), (object, indent) => {
        const text = JSON.stringify(object, null, indent)
        const spans = findTopLevelFields(text, new Set(['usage', 'model']))
        const found = Object.fromEntries([...(spans ?? [])].map(([name, { start, end }]) => [name, JSON.parse(text.slice(start, end))]))
        const { usage, model } = JSON.parse(text)
        expect(found).toEqual(JSON.parse(JSON.stringify({ usage, model })))
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['', '[]', '5', '{', '{"a"', '{"a":', '{"a":1', '{"a":"x', '{"a":[1,{"b":2}', '{a:1}', '{"a" 1}'])('gives up on %j', (text) => {
    expect(findTopLevelFields(text, new Set(['a']))).toBeUndefined()
  })
})

describe('readJsonRequest', () => {
  it('asks by adding to the text, which stays valid and the same otherwise', () => {
    const options = fc.option(fc.oneof(fc.constant(null), fc.record({ include_obfuscation: fc.boolean() }, { requiredKeys: [] })), {
      nil: undefined,
    })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), options, fc.constantFrom(0, 1), (fields, stream_options, indent) => {
        const request = { ...fields, model: 'm', stream: true, stream_options }
        const { asking, facts } = readJsonRequest(JSON.stringify(request, null, indent), true)
        expect(facts).toEqual({ model: 'm', stream: true })
        const expected = { ...JSON.parse(JSON.stringify(request)), stream_options: { ...stream_options, include_usage: true } }
        expect(JSON.parse(asking ?? '')).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['the caller asked', '{"stream":true,"stream_options":{"include_usage":true}}'],
    ['the caller refused', '{"stream":true,"stream_options":{"include_usage":false}}'],
    ['nothing is streamed', '{"model":"m"}'],
    ['stream is nested', '{"metadata":{"stream":true}}'],
    ['it is no JSON', 'model=m&stream=true'],
    ['options are odd', '{"stream":true,"stream_options":[1]}'],
  ])('does not ask when %s', (_name, body) => {
    expect(readJsonRequest(body, true).asking).toBeUndefined()
  })
})

describe('estimateInputTokens', () => {
  it('is a quarter of the characters, base64 left out', () => {
    const text = JSON.stringify({ messages: [{ content: 'word '.repeat(80) }] })
    const picture = Buffer.alloc(30_000, 7).toString('base64')
    expect(estimateInputTokens(text)).toBe(Math.ceil(text.length / 4))
    expect(estimateInputTokens(`${text.slice(0, -1)},"image":"data:image/png;base64,${picture}"}`)).toBeLessThan(text.length / 4 + 20)
    expect(estimateInputTokens(undefined)).toBe(0)
  })
})

describe('readReplyText', () => {
  it.each([
    [chatCompletions, chatCompletion()],
    [responses, response()],
    [responses, response({ status: 'incomplete', incomplete_details: { reason: 'content_filter' } })],
    [chatCompletions, { ...chatCompletion(), choices: [{ finish_reason: 'content_filter' }] }],
    [chatCompletions, { ...chatCompletion(), usage: undefined }],
    [chatCompletions, { error: { message: 'x', code: 'rate_limit_exceeded' } }],
    [chatCompletions, { ...chatCompletion(), x_groq: { id: 'r', usage: { dram_cached_tokens: 0 } } }],
  ])('%# reads what the parsed reply says, short or long', (dialect, reply) => {
    for (const padding of [0, 10_000]) expectSame(dialect, { id: 'x'.repeat(padding), ...reply })
  })

  function expectSame(dialect: Dialect, reply: object) {
    const fromText = newReading()
    const fromValue = newReading()
    readReplyText(JSON.stringify(reply, null, 2), dialect, fromText, 'openai')
    readReply(JSON.parse(JSON.stringify(reply)), dialect, fromValue, 'openai')
    // Of no use outside of streams, or read only where it is needed.
    const unimportant = { contentCharacters: 0, stopped: false }
    expect({ ...fromText, ...unimportant }).toEqual({ ...fromValue, ...unimportant })
  }

  it('of a long one is not misled by fields deeper down', () => {
    const deep = { usage: { prompt_tokens: 1, completion_tokens: 1 }, model: 'wrong' }
    const reply = { extra: [deep], ...chatCompletion(), padding: 'x'.repeat(9000), later: { more: deep } }
    expectSame(chatCompletions, reply)
  })

  it('without usage measures the answer', () => {
    const reading = newReading()
    readReplyText(
      JSON.stringify({ model: 'm', choices: [{ message: { role: 'assistant', content: 'x'.repeat(100) } }] }),
      chatCompletions,
      reading,
      'openai',
    )
    expect(reading).toMatchObject({ contentCharacters: 100, finished: true })
  })

  it.each(['', 'oops', '{"usage":', '[]', '{"usage":{"prompt_tokens":}}'])('of %j never throws and says so', (text) => {
    const reading = newReading()
    readReplyText(text, chatCompletions, reading, 'openai')
    expect(reading.problems).toHaveLength(1)
  })
})

describe('errors', () => {
  it.each([
    [{ code: 'context_length_exceeded' }, 400, 'context_length'],
    [{ message: "This model's maximum context length is 4096 tokens", type: 'BadRequestError', code: 400 }, 400, 'context_length'],
    [{ code: 'exceed_context_size_error', message: 'the request exceeds the available context size' }, 400, 'context_length'],
    [{ code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } }, 400, 'content_filter'],
    [{ type: 'insufficient_quota', code: 'insufficient_quota' }, 429, 'rate_limit'],
    [{ message: 'Rate limit reached', type: 'tokens', code: 'rate_limit_exceeded' }, 413, 'rate_limit'],
    [{ type: 'invalid_request_error', code: null }, 401, 'auth'],
    [{ code: 'model_not_found', type: 'invalid_request_error' }, 404, 'not_found'],
    [{ type: 'overloaded_error' }, 529, 'overloaded'],
    [{ type: 'server_error' }, 503, 'overloaded'],
    [{ type: 'server_error' }, 500, 'server_error'],
    [{ code: 502, message: 'Provider returned error' }, undefined, 'server_error'],
    ['plain text', 404, 'not_found'],
    [null, undefined, 'unknown'],
  ])('%j with status %s is %s', (error, status, type) => {
    expect(classifyError(error, status)).toBe(type)
  })

  it.each([
    ['{"error":{"code":"invalid_api_key"}}', 401, 'auth'],
    ['{"object":"error","message":"maximum context length is 10","code":400}', 400, 'context_length'],
    ['{"detail":"Not Found"}', 404, 'not_found'],
    ['<html>Bad gateway</html>', 502, 'server_error'],
    ['', 429, 'rate_limit'],
    ['null', 500, 'server_error'],
  ])('the body %j with status %i is %s', (body, status, type) => {
    const reading = newReading()
    readErrorText(body, status, reading)
    expect(reading.error).toBe(type)
  })

  it.each([
    [new DOMException('x', 'AbortError'), 'aborted'],
    [new DOMException('x', 'TimeoutError'), 'timeout'],
    [new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }), 'network'],
    [new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } }), 'network'],
    [new TypeError('fetch failed', { cause: { code: 'UND_ERR_CONNECT_TIMEOUT' } }), 'timeout'],
    [new TypeError('terminated', { cause: { code: 'UND_ERR_BODY_TIMEOUT' } }), 'timeout'],
    [undefined, 'unknown'],
  ])('%s is %s', (thrown, type) => {
    expect(classifyThrown(thrown)).toBe(type)
  })
})
