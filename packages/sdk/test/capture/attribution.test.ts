import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { createCapture } from '../../src/capture/create-capture.ts'
import { collectingSink, newCapture } from '../fidelity/compare-clients.ts'
import { CHAT_MODEL, chatCompletion } from '../fidelity/openai-replies.ts'
import { jsonResponse, stubFetch } from '../fidelity/reply-stubs.ts'

const ASK = { model: 'gpt-4.1', messages: [{ role: 'user' as const, content: 'Hi' }] }
const newClient = (fetch: unknown = stubFetch(() => jsonResponse(chatCompletion()))) =>
  new OpenAI({ apiKey: 'sk-test', baseURL: 'https://api.openai.com/v1', fetch: fetch as typeof globalThis.fetch })

describe('with', () => {
  it('gives calls inside their user, session and tags; nested ones add and override', async () => {
    const sink = collectingSink()
    const capture = createCapture(sink, { userId: (user) => `#${user}`, tags: { service: 'a', tier: 'free' }, streamUsage: 'request' })
    const client = capture.wrap(newClient(), { tags: { tier: 'pro', team: 't' }, app: 'shop' })
    await capture.with({ user: 'ada', session: 's1', tags: { feature: 'x' } }, async () => {
      await client.chat.completions.create(ASK)
      await capture.with({ user: 'bob', tags: { feature: 'y', page: '1' } }, () => client.chat.completions.create(ASK))
    })
    await client.chat.completions.create(ASK)
    expect(sink.calls.map(({ user, session, tags, app, provider }) => ({ user, session, tags, app, provider }))).toEqual([
      { user: '#ada', session: 's1', tags: { service: 'a', tier: 'pro', team: 't', feature: 'x' }, app: 'shop', provider: 'openai' },
      {
        user: '#bob',
        session: 's1',
        tags: { service: 'a', tier: 'pro', team: 't', feature: 'y', page: '1' },
        app: 'shop',
        provider: 'openai',
      },
      { user: undefined, session: undefined, tags: { service: 'a', tier: 'pro', team: 't' }, app: 'shop', provider: 'openai' },
    ])
  })

  it('returns what the function returns and throws what it throws', async () => {
    const capture = newCapture(collectingSink())
    expect(capture.with({ user: 'u' }, () => 5)).toBe(5)
    expect(() =>
      capture.with({}, () => {
        throw new RangeError('x')
      }),
    ).toThrow(RangeError)
  })

  it('reports what is wrong by its field, and keeps the rest', async () => {
    const sink = collectingSink()
    const capture = newCapture(sink)
    const client = capture.wrap(newClient())
    await capture.with({ user: 7, tags: { a: 'b', c: {} } } as never, () => client.chat.completions.create(ASK))
    expect(sink.errors.map(String)).toEqual([
      'TypeError: with: user must be a string that is not empty, got 7',
      'TypeError: with: tags.c must be a string, got an object',
    ])
    expect(sink.calls).toEqual([expect.objectContaining({ tags: { a: 'b' } })])
  })
})

describe('wrap', () => {
  it.each([
    ['a string', 'x'],
    ['null', null],
    ['an object', {}],
    ['a function', () => 1],
  ])('of %s returns it and says so', (_name, value) => {
    const sink = collectingSink()
    expect(newCapture(sink).wrap(value as never)).toBe(value)
    expect(sink.errors.map(String)).toEqual([expect.stringContaining('TypeError: wrap: client must be')])
  })

  it('of a client that was given our fetch counts once, with the attribution of both', async () => {
    const sink = collectingSink()
    const capture = newCapture(sink)
    const fetch = capture.wrapFetch(stubFetch(() => jsonResponse(chatCompletion())))
    const client = capture.wrap(newClient(fetch), { provider: 'mine', tags: { a: 'b' } })
    await client.chat.completions.create(ASK)
    expect(sink.calls).toEqual([expect.objectContaining({ provider: 'mine', tags: { a: 'b' }, model: CHAT_MODEL, attempts: 1 })])
  })

  it('of a client with the fetch of another AIWatch: the innermost counts', async () => {
    const inner = collectingSink()
    const outer = collectingSink()
    const client = newCapture(outer).wrap(newClient(newCapture(inner).wrapFetch(stubFetch(() => jsonResponse(chatCompletion())))), {
      tags: { from: 'outer' },
    })
    await client.chat.completions.create(ASK)
    expect(outer.calls).toEqual([])
    expect(inner.calls).toEqual([expect.objectContaining({ tags: { from: 'outer' } })])
  })

  it('keeps parallel calls apart', async () => {
    const sink = collectingSink()
    const capture = newCapture(sink)
    const client = capture.wrap(newClient())
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => capture.with({ user: `u${index}` }, () => client.chat.completions.create(ASK))),
    )
    expect(new Set(sink.calls.map((call) => call.user)).size).toBe(20)
    expect(sink.calls.every((call) => call.attempts === 1)).toBe(true)
    expect(capture.openCalls()).toBe(0)
  })
})
