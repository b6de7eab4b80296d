import { firstValueFrom, Observable, of, Subject, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AnswerClient, toQueryString } from '../../src/data/answer-client.ts'
import { CollectorFailure } from '../../src/data/describe-failure.ts'
import type { ProxyRequest } from '../../src/data/question-batcher.ts'

function recordingClient(answer: () => Observable<{ data: unknown }>) {
  const sent: ProxyRequest[] = []
  const client = new AnswerClient('/proxy', (request) => {
    sent.push(request)
    return answer()
  })
  return { client, sent }
}

/** Until the questions of a moment are sent. */
const GATHERED_MS = 10

/** The first answer, once what was asked is sent. */
async function first<Value>(asked: Observable<Value>): Promise<Value> {
  const answer = firstValueFrom(asked)
  answer.catch(() => {})
  await vi.advanceTimersByTimeAsync(GATHERED_MS)
  return answer
}

describe('AnswerClient', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('equal questions under way are one request, and each asker gets the answer', async () => {
    const reply = new Subject<{ data: unknown }>()
    const { client, sent } = recordingClient(() => reply)
    const answers = [1, 2, 3].map(() => firstValueFrom(client.ask({ path: 'overview', params: { from: 'now-1h' } })))
    await vi.advanceTimersByTimeAsync(GATHERED_MS)
    reply.next({ data: { calls: 7 } })
    reply.complete()
    expect(await Promise.all(answers)).toEqual([{ calls: 7 }, { calls: 7 }, { calls: 7 }])
    expect(sent).toEqual([{ method: 'GET', url: '/proxy/api/v1/overview?from=now-1h' }])
  })

  test('an answer younger than half a second is given again, an older one is not', async () => {
    let calls = 0
    const { client, sent } = recordingClient(() => of({ data: ++calls }))
    expect(await first(client.ask({ path: 'redis' }))).toBe(1)
    await vi.advanceTimersByTimeAsync(400)
    expect(await first(client.ask({ path: 'redis' }))).toBe(1)
    await vi.advanceTimersByTimeAsync(100)
    expect(await first(client.ask({ path: 'redis' }))).toBe(2)
    expect(sent).toHaveLength(2)
  })

  test('different parameters and bodies are different questions', async () => {
    const { client, sent } = recordingClient(() => of({ data: null }))
    await first(client.ask({ path: 'query', body: { metric: 'calls' } }))
    await first(client.ask({ path: 'query', body: { metric: 'tokens' } }))
    expect(sent.map(({ method, data }) => [method, data])).toEqual([
      ['POST', { metric: 'calls' }],
      ['POST', { metric: 'tokens' }],
    ])
  })

  test('a failure is a sentence, and the next asker asks anew', async () => {
    const answers = [throwError(() => ({ status: 502 })), of({ data: 'fine' })]
    const { client, sent } = recordingClient(() => answers.shift() as Observable<{ data: unknown }>)
    const failure = await first(client.ask({ path: 'redis' })).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(CollectorFailure)
    expect((failure as CollectorFailure).failure.kind).toBe('unreachable')
    expect(await first(client.ask({ path: 'redis' }))).toBe('fine')
    expect(sent).toHaveLength(2)
  })

  test('the request ends when its last asker leaves, not before', () => {
    let ended = 0
    const { client } = recordingClient(() => new Observable(() => () => void ended++))
    const one = client.ask({ path: 'redis' }).subscribe()
    const second = client.ask({ path: 'redis' }).subscribe()
    vi.advanceTimersByTime(GATHERED_MS)
    one.unsubscribe()
    expect(ended).toBe(0)
    second.unsubscribe()
    expect(ended).toBe(1)
  })
})

describe('questions of a moment', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const askThree = (client: AnswerClient) =>
    Promise.allSettled([
      firstValueFrom(client.ask({ path: 'overview', params: { app: 'a b' } })),
      firstValueFrom(client.ask({ path: 'models/none' })),
      firstValueFrom(client.ask({ path: 'query', body: { metric: 'calls' } })),
    ])

  test('are one request, and each asker gets its own answer or failure', async () => {
    const answers = [
      { status: 200, body: 'overview' },
      { status: 404, body: { detail: 'no such model' } },
      { status: 200, body: 'series' },
    ]
    const { client, sent } = recordingClient(() => of({ data: { answers } }))
    const asked = askThree(client)
    await vi.advanceTimersByTimeAsync(GATHERED_MS)
    expect(await asked).toEqual([
      { status: 'fulfilled', value: 'overview' },
      { status: 'rejected', reason: expect.objectContaining({ failure: expect.objectContaining({ kind: 'question' }) }) },
      { status: 'fulfilled', value: 'series' },
    ])
    const questions = [{ path: '/v1/overview?app=a+b' }, { path: '/v1/models/none' }, { path: '/v1/query', body: { metric: 'calls' } }]
    expect(sent).toEqual([{ method: 'POST', url: '/proxy/api/v1/answers', data: { questions } }])
  })

  test('go one by one to a collector that cannot answer them together, from then on', async () => {
    const sent: string[] = []
    const client = new AnswerClient('/proxy', ({ method, url }) => {
      sent.push(`${method} ${url}`)
      return url.endsWith('/answers') ? throwError(() => ({ status: 404, data: { detail: 'no such route' } })) : of({ data: url })
    })
    for (let round = 0; round < 2; round++) {
      const asked = askThree(client)
      await vi.advanceTimersByTimeAsync(2000)
      expect((await asked).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    }
    expect(sent.filter((request) => request.endsWith('/answers'))).toHaveLength(1)
    expect(sent).toHaveLength(7)
  })

  test('all fail where the request fails', async () => {
    const { client } = recordingClient(() => throwError(() => ({ status: 502 })))
    const asked = askThree(client)
    await vi.advanceTimersByTimeAsync(GATHERED_MS)
    for (const one of await asked) expect(one).toMatchObject({ reason: { failure: { kind: 'unreachable' } } })
  })

  test('end their request when the last of their askers leaves', () => {
    let ended = 0
    const { client, sent } = recordingClient(() => new Observable(() => () => void ended++))
    const askers = ['redis', 'system', 'catalog'].map((path) => client.ask({ path }).subscribe())
    askers[0]?.unsubscribe()
    vi.advanceTimersByTime(GATHERED_MS)
    expect(sent[0]?.data).toMatchObject({ questions: [{ path: '/v1/system' }, { path: '/v1/catalog' }] })
    askers[1]?.unsubscribe()
    expect(ended).toBe(0)
    askers[2]?.unsubscribe()
    expect(ended).toBe(1)
  })
})

test('names with reserved characters and lists are written as the collector reads them', () => {
  expect(toQueryString({ model: ['ai/llama3.2:1B', 'a&b'], app: undefined, tag: 'team=x' })).toBe(
    '?model=ai%2Fllama3.2%3A1B&model=a%26b&tag=team%3Dx',
  )
})
