import { describe, expect, it } from 'vitest'
import { CLIENTS, type Client, collectingSink, describeError, newCapture } from './compare-clients.ts'
import { CHAT_MODEL, chatReply } from './openai-replies.ts'
import { apiError, type Reply, text } from './scripted-upstream.ts'
import { startPair } from './start-pair.ts'

const pair = startPair()

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hello' }] }
const OK = { outcome: 'ok', attempts: 1, model: CHAT_MODEL }
const CHAT_TOKENS = { inputTokens: 19, outputTokens: 10, reasoningTokens: 3, cacheReadTokens: 4 }

describe.each(CLIENTS)('wrapped clients, openai $version', ({ version, make }) => {
  const compare = pair.of(make)

  it('withOptions on a wrapped client gives a wrapped client', async () => {
    const { calls } = await compare({
      script: [apiError(500, {}, { 'retry-after-ms': '1' }), chatReply()],
      run: (client) => client.withOptions({ maxRetries: 1 }).chat.completions.create(ASK),
    })
    expect(calls).toEqual([expect.objectContaining({ ...OK, attempts: 2 })])
  })

  it('a second wrap, by whomever, counts once', async () => {
    const sink = collectingSink()
    const other = collectingSink()
    const client = make({ baseURL: pair.upstream.baseURL })
    const capture = newCapture(sink)
    expect(capture.wrap(capture.wrap(client))).toBe(client)
    expect(newCapture(other).wrap(client)).toBe(client)
    pair.upstream.script(chatReply())
    await client.chat.completions.create(ASK)
    expect([sink.calls.length, other.calls.length]).toEqual([1, 0])
  })

  it('a wrap adds nothing that can be enumerated', () => {
    const bare = make({ baseURL: pair.upstream.baseURL })
    const keys = Object.keys(bare)
    expect(Object.keys(newCapture(collectingSink()).wrap(bare))).toEqual(keys)
  })

  it('a body that times out is asked for again, as an attempt of the same call', async () => {
    const slow: Reply = (_request, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' }).write('{"id":')
    }
    const run = (client: Client) => client.chat.completions.create(ASK, { timeout: 400, maxRetries: 1 }).catch(describeError)
    const { calls } = await compare({
      script: [slow, chatReply()],
      run: (client) => Promise.race([run(client), new Promise((resolve) => setTimeout(resolve, 2500, 'hangs'))]),
    })
    // Version 6 does not time bodies: it waits for ever, and so does the wrapped client.
    expect(calls).toEqual(
      version === '6' ? [] : [expect.objectContaining({ ...OK, attempts: 2, usage: expect.objectContaining(CHAT_TOKENS) })],
    )
    if (version !== '6') expect(calls[0]?.wastedUsage).toMatchObject({ source: 'partial', outputTokens: 0 })
  })

  it('a malformed answer gives the same error, and is counted with an estimate', async () => {
    const { calls, problems } = await compare({
      script: [text('{"id":"chatcmpl', 200, { 'content-type': 'application/json' })],
      run: (client) => client.chat.completions.create(ASK),
    })
    expect(calls).toEqual([
      expect.objectContaining({ model: 'gpt-4.1', attempts: 1, usage: expect.objectContaining({ source: 'estimated' }) }),
    ])
    expect(problems).toEqual(['reply is not JSON'])
  })
})
