import { firstValueFrom, Observable, of, Subject, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AnswerClient, type ProxyRequest, toQueryString } from '../../src/data/answer-client.ts'
import { CollectorFailure } from '../../src/data/describe-failure.ts'

function recordingClient(answer: () => Observable<{ data: unknown }>) {
  const sent: ProxyRequest[] = []
  const client = new AnswerClient('/proxy', (request) => {
    sent.push(request)
    return answer()
  })
  return { client, sent }
}

describe('AnswerClient', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('equal questions under way are one request, and each asker gets the answer', async () => {
    const reply = new Subject<{ data: unknown }>()
    const { client, sent } = recordingClient(() => reply)
    const answers = [1, 2, 3].map(() => firstValueFrom(client.ask({ path: 'overview', params: { from: 'now-1h' } })))
    reply.next({ data: { calls: 7 } })
    reply.complete()
    expect(await Promise.all(answers)).toEqual([{ calls: 7 }, { calls: 7 }, { calls: 7 }])
    expect(sent).toEqual([{ method: 'GET', url: '/proxy/api/v1/overview?from=now-1h' }])
  })

  test('an answer younger than a second is given again, an older one is not', async () => {
    let calls = 0
    const { client, sent } = recordingClient(() => of({ data: ++calls }))
    expect(await firstValueFrom(client.ask({ path: 'redis' }))).toBe(1)
    vi.advanceTimersByTime(900)
    expect(await firstValueFrom(client.ask({ path: 'redis' }))).toBe(1)
    vi.advanceTimersByTime(200)
    expect(await firstValueFrom(client.ask({ path: 'redis' }))).toBe(2)
    expect(sent).toHaveLength(2)
  })

  test('different parameters and bodies are different questions', async () => {
    const { client, sent } = recordingClient(() => of({ data: null }))
    await firstValueFrom(client.ask({ path: 'query', body: { metric: 'calls' } }))
    await firstValueFrom(client.ask({ path: 'query', body: { metric: 'tokens' } }))
    expect(sent.map(({ method, data }) => [method, data])).toEqual([
      ['POST', { metric: 'calls' }],
      ['POST', { metric: 'tokens' }],
    ])
  })

  test('a failure is a sentence, and the next asker asks anew', async () => {
    const answers = [throwError(() => ({ status: 502 })), of({ data: 'fine' })]
    const { client, sent } = recordingClient(() => answers.shift() as Observable<{ data: unknown }>)
    const failure = await firstValueFrom(client.ask({ path: 'redis' })).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(CollectorFailure)
    expect((failure as CollectorFailure).failure.kind).toBe('unreachable')
    expect(await firstValueFrom(client.ask({ path: 'redis' }))).toBe('fine')
    expect(sent).toHaveLength(2)
  })

  test('the request ends when its last asker leaves, not before', () => {
    let ended = 0
    const { client } = recordingClient(() => new Observable(() => () => void ended++))
    const first = client.ask({ path: 'redis' }).subscribe()
    const second = client.ask({ path: 'redis' }).subscribe()
    first.unsubscribe()
    expect(ended).toBe(0)
    second.unsubscribe()
    expect(ended).toBe(1)
  })
})

test('names with reserved characters and lists are written as the collector reads them', () => {
  expect(toQueryString({ model: ['ai/llama3.2:1B', 'a&b'], app: undefined, tag: 'team=x' })).toBe(
    '?model=ai%2Fllama3.2%3A1B&model=a%26b&tag=team%3Dx',
  )
})
