/** How often a live list of calls is asked for, as the stream tells of new ones. */
import { BehaviorSubject, Observable, of, type Subscriber } from 'rxjs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AnswerClient } from '../../src/data/answer-client.ts'
import { StreamClient } from '../../src/data/stream/stream-client.ts'
import { askLive, liveTicks } from '../../src/datasource/ask-live.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function stage() {
  let asked = 0
  let stream: Subscriber<Uint8Array> | undefined
  const isSeen = new BehaviorSubject(true)
  const client = new AnswerClient('/proxy', () => of({ data: { calls: [], kept_calls: ++asked } }))
  const open = () =>
    new Observable<Uint8Array>((asker) => {
      stream = asker
    })
  const streams = new StreamClient('/proxy', open, isSeen)
  const query = { refId: 'A', kind: 'answer', operation: 'calls', part: 'table', live: true } as const
  const listener = askLive({ client, streams, isSeen, ticks: liveTicks(), query, question: { path: 'calls' } }).subscribe()
  const tell = (newestCall: string) => stream?.next(new TextEncoder().encode(`event: live\nid: ${newestCall}\ndata: {"calls_5m":1}\n\n`))
  /** So many seconds with an event each; how often was asked meanwhile. */
  const pass = async (seconds: number, newestCall: (second: number) => string) => {
    const before = asked
    for (let second = 0; second < seconds; second++) {
      tell(newestCall(second))
      await vi.advanceTimersByTimeAsync(1000)
    }
    return asked - before
  }
  return { pass, listener }
}

test('seldom while there are none, each second while there are, and until they must be in the answer', async () => {
  const { pass, listener } = stage()
  expect(await pass(20, () => '1-0')).toBeLessThanOrEqual(5)
  expect(await pass(20, (second) => `2-${second}`)).toBeGreaterThanOrEqual(19)
  expect(await pass(5, () => '2-19')).toBeGreaterThanOrEqual(2)
  expect(await pass(20, () => '2-19')).toBeLessThanOrEqual(5)
  listener.unsubscribe()
  expect(await pass(20, (second) => `3-${second}`)).toBe(0)
})
