import { BehaviorSubject, Observable, type Subscriber } from 'rxjs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StreamClient, type StreamEvent } from '../../../src/data/stream/stream-client.ts'

const LIVE = { at: '2026-01-01T00:00:00.000Z', calls_per_second: 2 }
const event = (name: string, data: unknown, id?: string) =>
  new TextEncoder().encode(`event: ${name}\n${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`)

/** A collector whose connections the test holds in its hand. */
function stage() {
  const opened: { url: string; end: Subscriber<Uint8Array> }[] = []
  const isSeen = new BehaviorSubject(true)
  const client = new StreamClient('/proxy', (url) => new Observable<Uint8Array>((end) => void opened.push({ url, end })), isSeen)
  const isOpen = () => opened.map(({ end }) => !end.closed)
  const last = () => opened.at(-1) ?? expect.fail('nothing was opened')
  return { client, opened, isSeen, isOpen, last }
}

describe('StreamClient', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('who wants the same shares one connection, which ends some seconds after the last has left', async () => {
    const { client, last, isOpen } = stage()
    const heard: StreamEvent[][] = [[], []]
    const listeners = heard.map((list) => client.listen().subscribe((one) => list.push(one)))
    last().end.next(event('live', LIVE))
    expect(heard).toEqual([[{ kind: 'live', live: LIVE, newestCall: undefined }], [{ kind: 'live', live: LIVE, newestCall: undefined }]])
    listeners[0]?.unsubscribe()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(isOpen()).toEqual([true])
    listeners[1]?.unsubscribe()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(isOpen()).toEqual([false])
  })

  test('who leaves and is back at once, as a panel that refreshes, finds the connection and what it missed', async () => {
    const { client, last, opened } = stage()
    client.listen().subscribe().unsubscribe()
    last().end.next(event('live', LIVE))
    await vi.advanceTimersByTimeAsync(1000)
    const heard: StreamEvent[] = []
    client.listen().subscribe((one) => heard.push(one))
    expect(opened).toHaveLength(1)
    expect(heard).toEqual([{ kind: 'live', live: LIVE, newestCall: undefined }])
  })

  test('an event says which call is the newest, and events that are not known are left out', () => {
    const { client, last } = stage()
    const heard: StreamEvent[] = []
    client.listen().subscribe((one) => heard.push(one))
    expect(last().url).toBe('/proxy/api/v1/stream?events=live')
    last().end.next(event('weather', { sun: true }))
    last().end.next(event('live', LIVE, '7-0'))
    expect(heard).toEqual([{ kind: 'live', live: LIVE, newestCall: '7-0' }])
  })

  test('what broke off or ended is said, and opened again', async () => {
    const { client, last, opened } = stage()
    const heard: StreamEvent[] = []
    client.listen().subscribe((one) => heard.push(one))
    last().end.next(event('live', LIVE))
    last().end.error({ status: 502 })
    expect(heard.at(-1)).toEqual({ kind: 'trouble', message: expect.stringContaining('cannot reach the collector (502)') })
    await vi.advanceTimersByTimeAsync(2000)
    expect(opened).toHaveLength(2)
    last().end.next(event('live', LIVE))
    expect(heard.at(-1)).toMatchObject({ kind: 'live' })
    last().end.complete()
    expect(heard.at(-1)).toEqual({ kind: 'trouble', message: expect.stringContaining('has ended the stream') })
    await vi.advanceTimersByTimeAsync(2000)
    expect(opened).toHaveLength(3)
  })

  test('it is tried less and less often while it fails', async () => {
    const { client, last, opened } = stage()
    client.listen().subscribe()
    const tries: number[] = []
    for (let minute = 0; minute < 3; minute++) {
      for (let second = 0; second < 60; second++) {
        if (!last().end.closed) last().end.error({ status: 404 })
        await vi.advanceTimersByTimeAsync(1000)
      }
      tries.push(opened.length)
    }
    expect(tries[0]).toBeGreaterThan(3)
    expect((tries[2] ?? 0) - (tries[1] ?? 0)).toBe(2)
  })

  test('silence is trouble, and names the option that causes it', async () => {
    const { client, opened } = stage()
    const heard: StreamEvent[] = []
    client.listen().subscribe((one) => heard.push(one))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(heard).toEqual([{ kind: 'trouble', message: expect.stringContaining('enable_gzip') }])
    await vi.advanceTimersByTimeAsync(2000)
    expect(opened).toHaveLength(2)
  })

  test('nothing is open while nobody looks; afterwards it is opened again', async () => {
    const { client, last, isSeen, isOpen } = stage()
    client.listen().subscribe()
    last().end.next(event('live', LIVE, '7-0'))
    isSeen.next(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(isOpen()).toEqual([false])
    isSeen.next(true)
    expect(isOpen()).toEqual([false, true])
  })

  test('trouble that the collector tells of', () => {
    const { client, last } = stage()
    const heard: StreamEvent[] = []
    client.listen().subscribe((one) => heard.push(one))
    last().end.next(event('trouble', { detail: 'Redis is away' }))
    expect(heard).toEqual([{ kind: 'trouble', message: 'The collector cannot read its Redis: Redis is away.' }])
  })
})
