import { type Call, CODE, openReader, userKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AIWatch, type AIWatchError, type AIWatchOptions } from '../../src/index.ts'
import { readCalls, readStore } from '../flush/read-totals.ts'
import { until } from '../flush/until.ts'

let server: RedisServer
let admin: Redis
beforeAll(async () => {
  server = await startRedis()
  admin = new Redis(server.url)
})
afterAll(async () => {
  admin.disconnect()
  await server.stop()
})
beforeEach(async () => {
  await admin.flushall()
})

const watches: AIWatch[] = []
afterEach(async () => {
  await Promise.all(watches.splice(0).map((watch) => watch.close({ timeoutMs: 0 })))
})

function makeWatch(options: AIWatchOptions = {}): AIWatch & { errors: AIWatchError[] } {
  const errors: AIWatchError[] = []
  const watch = new AIWatch({ redis: server.url, app: 'shop', flushIntervalMs: 20, onError: (error) => errors.push(error), ...options })
  watches.push(watch)
  return Object.assign(watch, { errors })
}

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello', refusal: null }, finish_reason: 'stop', logprobs: null }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100, prompt_tokens_details: { cached_tokens: 400 } },
}

const stubFetch = async () => new Response(JSON.stringify(ANSWER), { headers: { 'content-type': 'application/json' } })

function client(): OpenAI {
  return new OpenAI({ apiKey: 'test', fetch: stubFetch })
}

const ask = (openai: OpenAI) => openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] })

const recent = (limit = 10): Promise<Call[]> =>
  readStore(server.url, async (reader) => (await reader.recent({ limit })).map(({ call }) => call))

describe('AIWatch', () => {
  it('counts a call of a wrapped client with who asked, what it used and what it cost', async () => {
    const watch = makeWatch({ tags: { region: 'eu' } })
    const openai = watch.wrap(client())
    const answer = await watch.with({ user: 'ada', session: 's1', tags: { feature: 'search' } }, () => ask(openai))
    expect(answer.choices[0]?.message.content).toBe('hello')
    await watch.flush()
    const [call] = await recent()
    expect(call).toMatchObject({
      app: 'shop',
      provider: 'openai',
      model: 'gpt-4o-2024-08-06',
      requestModel: 'gpt-4o',
      user: 'ada',
      session: 's1',
      tags: { region: 'eu', feature: 'search' },
      costNanoUsd: 600 * 2500 + 400 * 1250 + 100 * 10_000,
      cacheSavedNanoUsd: 400 * 1250,
      outcome: 'ok',
    })
    expect(watch.stats()).toMatchObject({
      recorded: 1,
      flushed: 1,
      buffered: 0,
      dropped: 0,
      unparsed: 0,
      openCalls: 0,
      lastError: undefined,
    })
    const [ada] = await readStore(server.url, (reader) => reader.users([userKey('ada')]))
    expect(ada).toMatchObject({ name: 'ada', calls: 1, inputTokens: 1000, outputTokens: 100, costNanoUsd: 4_000_000 - 1_000_000 })
    expect(watch.errors).toEqual([])
  })

  it('counts calls by fetch, wrapFetch, record and call', async () => {
    const watch = makeWatch()
    const fetch = watch.wrapFetch(stubFetch as typeof globalThis.fetch)
    const body = JSON.stringify({ model: 'gpt-4o', messages: [] })
    await (await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body })).json()
    watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 5, outputTokens: 1 }, durationMs: 20, user: 'bob' })
    const result = await watch.call({ provider: 'in-house', model: 'm1' }, async (call) => {
      call.usage({ inputTokens: 7, outputTokens: 2 })
      return 'done'
    })
    expect(result).toBe('done')
    await watch.flush()
    expect((await readCalls(server.url)).totals).toBe(3)
    const totals = await readStore(server.url, (reader) => reader.totals())
    const sum = (code: number) => [...totals.values()].reduce((total, sums) => total + (sums.get(code) ?? 0), 0)
    expect([sum(CODE.inputTokens), sum(CODE.outputTokens), sum(CODE.unpricedCalls)]).toEqual([1012, 103, 1])
  })

  it('brings calls by itself within an interval or two', async () => {
    const watch = makeWatch()
    watch.record({ provider: 'p', model: 'm' })
    await until('the call is flushed', () => watch.stats().flushed === 1)
  })

  it('keeps tenants apart', async () => {
    const watch = makeWatch({ tenant: 'acme' })
    watch.record({ provider: 'p', model: 'm' })
    await watch.flush()
    expect((await readCalls(server.url)).totals).toBe(0)
    expect((await openReader(admin, { tenant: 'acme' }).totals()).size).toBe(1)
  })

  it.each([
    ['empty', ''],
    ['10 kB', 'x'.repeat(10_000)],
    ['emoji', 'ada 🦉🏳️‍🌈'],
    ['newlines', 'line one\nline two\r\n\0'],
    ['special characters', `{}:,()%=!"'\\`],
    ['a lone surrogate', 'a\ud800b'],
  ])('brings names that are %s', async (_, name) => {
    const watch = makeWatch({ app: name })
    watch.record({
      provider: 'p',
      model: name,
      user: name,
      session: name,
      tags: { [name || 'empty']: name },
      usage: { inputTokens: 3, outputTokens: 1 },
    })
    watch.record({ provider: 'p', model: 'plain', user: 'plain', usage: { inputTokens: 3, outputTokens: 1 } })
    await watch.flush()
    // An empty name is told to be a mistake; the call counts all the same.
    expect(new Set(watch.errors.map((error) => error.code))).toEqual(new Set(name === '' ? ['input'] : []))
    expect(watch.stats()).toMatchObject({ recorded: 2, flushed: 2, dropped: 0 })
    const cells = await readStore(server.url, (reader) => reader.cells())
    expect(cells.size).toBe(2)
    const models = [...cells.values()].map((cell) => cell.model)
    const kept = models.find((model) => model !== 'plain') as string
    if (name === '') expect(kept).toBe('unknown')
    else if (name.length > 128) expect(kept.startsWith('xxxxxxxx')).toBe(true)
    else expect(kept).toBe(name.toWellFormed())
    const active = await readStore(server.url, (reader) => reader.active([60_000]))
    expect(active).toEqual({ users: [name === '' ? 1 : 2], sessions: [name === '' ? 0 : 1] })
  })

  it('keeps HMACs instead of user ids when told to, everywhere', async () => {
    const watch = makeWatch({ userIds: 'hashed', secret: 'a-secret-of-some-length' })
    watch.record({ provider: 'p', model: 'm', user: 'ada@example.com', session: 's' })
    await watch.flush()
    const [call] = await recent()
    expect(call?.user).toMatch(/^[\w-]{43}$/)
    const [user] = await readStore(server.url, (reader) => reader.users([userKey(call?.user as string)]))
    expect(user).toMatchObject({ name: call?.user, calls: 1 })
    const [plain] = await readStore(server.url, (reader) => reader.users([userKey('ada@example.com')]))
    expect(plain).toBeUndefined()
    for (const key of await admin.keys('*')) expect((await admin.dumpBuffer(key)).toString('latin1')).not.toContain('ada@example')
  })

  it('prices by its own prices', async () => {
    const watch = makeWatch({ prices: { m: { inputPerMillionUsd: 2, outputPerMillionUsd: 3 } } })
    watch.record({ provider: 'p', model: 'm', usage: { inputTokens: 10, outputTokens: 20 } })
    await watch.flush()
    expect((await recent())[0]?.costNanoUsd).toBe(10 * 2000 + 20 * 3000)
  })

  it('passes everything through untouched and counts nothing when it is not enabled', async () => {
    const watch = makeWatch({ enabled: false })
    const openai = client()
    const { makeRequest } = openai as unknown as { makeRequest: unknown }
    expect(watch.wrap(openai)).toBe(openai)
    expect((openai as unknown as { makeRequest: unknown }).makeRequest).toBe(makeRequest)
    expect(watch.wrapFetch(stubFetch)).toBe(stubFetch)
    expect(watch.with({ user: 'ada' }, () => 7)).toBe(7)
    await ask(openai)
    watch.record({ provider: 'p', model: 'm' })
    expect(await watch.call({ provider: 'p', model: 'm' }, () => 8)).toBe(8)
    await watch.flush()
    expect(await watch.close()).toEqual({ heldCalls: 0, heldBatches: 0, heldBytes: 0 })
    expect(watch.stats()).toMatchObject({ recorded: 0, flushed: 0, buffered: 0 })
    expect(await admin.dbsize()).toBe(0)
  })

  it('throws nothing into the program while Redis is away, and says once that it is', async () => {
    const watch = makeWatch({ redis: 'redis://127.0.0.1:1' })
    const openai = watch.wrap(client())
    for (let i = 0; i < 20; i++) await ask(openai)
    await until('the outage is reported', () => watch.errors.length > 0)
    expect((await ask(openai)).choices[0]?.message.content).toBe('hello')
    expect(watch.stats()).toMatchObject({ recorded: 21, flushed: 0, buffered: 21, dropped: 0 })
    expect(watch.stats().bytesHeld).toBeGreaterThan(0)
    await expect(watch.flush({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'held', heldCalls: 21 })
    expect(await watch.close({ timeoutMs: 50 })).toMatchObject({ heldCalls: 21 })
    expect(watch.errors.map((error) => error.code)).toEqual(['unreachable', 'held'])
  })

  it('survives an onError that throws', async () => {
    let told = 0
    const watch = makeWatch({
      redis: 'redis://127.0.0.1:1',
      onError: () => {
        told++
        throw new Error('from onError')
      },
    })
    watch.record({ provider: 'p', model: 'm' })
    await until('onError was called', () => told > 0)
    watch.record({ provider: 'p', model: 'm' })
    expect(watch.stats().recorded).toBe(2)
  })

  it('warns on the console once without onError', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    try {
      const watch = makeWatch({ redis: 'redis://127.0.0.1:1', onError: undefined })
      watch.record({ provider: 'p', model: 'm' })
      await until('the outage is reported', () => warn.mock.calls.length > 0)
      await watch.flush({ timeoutMs: 500 }).catch(() => undefined)
      expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(/^AIWatch: Redis at 127\.0\.0\.1:1 takes no batches/)])
    } finally {
      warn.mockRestore()
    }
  })

  it('drops and counts calls that end after close, and closes twice as once', async () => {
    const watch = makeWatch()
    watch.record({ provider: 'p', model: 'm' })
    const [first, second] = await Promise.all([watch.close(), watch.close()])
    expect(first).toBe(second)
    expect(first.heldCalls).toBe(0)
    watch.record({ provider: 'p', model: 'm' })
    expect(watch.stats()).toMatchObject({ recorded: 2, flushed: 1, dropped: 1, buffered: 0 })
  })

  it('counts a stream that is still read at close as far as it got', async () => {
    const watch = makeWatch()
    const chunk = {
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'gpt-4o',
      choices: [{ index: 0, delta: { content: 'hel' }, finish_reason: null }],
    }
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(chunk)}\n\n`)),
    })
    const openai = watch.wrap(
      new OpenAI({ apiKey: 'test', fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }) }),
    )
    const stream = await openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }], stream: true })
    const parts = stream[Symbol.asyncIterator]()
    await parts.next()
    expect(watch.stats().openCalls).toBe(1)
    await watch.close()
    expect(watch.stats()).toMatchObject({ recorded: 1, flushed: 1, openCalls: 0 })
    expect((await recent())[0]).toMatchObject({ stream: true, outcome: 'aborted' })
  })

  it('never lets a number that is none into a sum', async () => {
    const watch = makeWatch()
    watch.record({ provider: 'p', model: 'm', usage: { inputTokens: Number.NaN, outputTokens: -5 }, durationMs: Number.POSITIVE_INFINITY })
    watch.record({ provider: 'p', model: 'm', usage: { inputTokens: 3, outputTokens: 4 }, durationMs: 10, startedAt: Date.now() })
    await watch.flush()
    const totals = [...(await readStore(server.url, (reader) => reader.totals())).values()]
    expect(totals.flatMap((sums) => [...sums.values()]).every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
  })
})
