// @vitest-environment jsdom
/** What a panel gets of live queries, over the services of Grafana that the data source uses. */
import { type DataQueryRequest, type DataQueryResponse, dateTime, LoadingState } from '@grafana/data'
import { setBackendSrv, setTemplateSrv } from '@grafana/runtime'
import { Observable, of, type Subscriber } from 'rxjs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Chunk } from '../../src/data/stream/open-stream.ts'
import { AIWatchDataSource } from '../../src/datasource/data-source.ts'
import type { AIWatchQuery } from '../../src/datasource/query.ts'

const ACTIVE = { users_5m: 1, users_1h: 2, users_24h: 3, sessions_30m: 4 }
const OVERVIEW = {
  window: { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:15:00Z' },
  step_seconds: 10,
  latency_step_seconds: 60,
  points: [],
  latency_points: [],
  active: ACTIVE,
  cost_today_usd: 1,
  cost_yesterday_so_far_usd: 1,
}
const live = (usd: number) => ({
  at: '2026-01-01T00:15:01Z',
  calls_per_second: 0,
  input_tokens_per_second: 0,
  output_tokens_per_second: 0,
  calls_5m: 0,
  error_rate: 0,
  cost_today_usd: usd,
  active: ACTIVE,
})

const answerTo = (path: string) => (path.endsWith('/query') ? { labels: {}, data: [], unit: '{call}' } : OVERVIEW)

let opened: { url: string; headers?: unknown; chunks: Subscriber<Chunk> }[]
let asked: string[]

beforeEach(() => {
  vi.useFakeTimers()
  opened = []
  asked = []
  setTemplateSrv({ replace: (text: string) => text } as never)
  setBackendSrv({
    fetch: ({ url, data }: { url: string; data?: { questions?: { path: string }[] } }) => {
      asked.push(url)
      const together = data?.questions?.map(({ path }) => ({ status: 200, body: answerTo(path) }))
      return of({ data: together ? { answers: together } : answerTo(url) })
    },
    chunked: ({ url, headers }: { url: string; headers?: unknown }) =>
      new Observable<Chunk>((chunks) => void opened.push({ url, headers, chunks })),
  } as never)
})
afterEach(() => void vi.useRealTimers())

const cost = (changed: Partial<AIWatchQuery> = {}) =>
  ({ refId: 'A', kind: 'answer', operation: 'overview', part: 'cost', live: true, ...changed }) as AIWatchQuery

function ask(targets: AIWatchQuery[], raw: { from: string; to: string }, liveStreaming = false) {
  const source = new AIWatchDataSource({ url: '/api/datasources/proxy/uid/x' } as never)
  const range = { from: dateTime(1.7e12), to: dateTime(1.7e12 + 900_000), raw }
  const responses: DataQueryResponse[] = []
  const request = { targets, range, liveStreaming, intervalMs: 1000, scopedVars: {} } as unknown as DataQueryRequest<AIWatchQuery>
  const panel = source.query(request).subscribe((response) => responses.push(response))
  const usd = () => responses.at(-1)?.data[0]?.fields[1].values.at(-1)
  const tell = (value: number) => {
    const text = `event: live\ndata: ${JSON.stringify(live(value))}\n\n`
    opened[0]?.chunks.next({ status: 200, statusText: 'OK', ok: true, data: new TextEncoder().encode(text) })
  }
  return { responses, panel, usd, tell }
}

test('streams, beside a query that does not, until the panel leaves', async () => {
  const other = cost({ refId: 'B', part: 'active', live: false })
  const { responses, panel, usd, tell } = ask([cost(), other], { from: 'now-15m', to: 'now' })
  await vi.advanceTimersByTimeAsync(100)
  expect(responses.at(-1)).toMatchObject({ state: LoadingState.Streaming, data: [{ refId: 'A' }, { refId: 'B' }] })
  expect(opened).toMatchObject([{ url: 'api/datasources/proxy/uid/x/api/v1/stream?events=live', headers: { Accept: 'text/event-stream' } }])
  tell(2)
  expect(usd()).toBe(2)
  tell(3)
  expect(usd()).toBe(3)
  panel.unsubscribe()
  await vi.advanceTimersByTimeAsync(5000)
  expect(opened[0]?.chunks.closed).toBe(true)
})

test('a tab that nobody sees has no stream and asks nothing', async () => {
  const { panel } = ask([cost()], { from: 'now-15m', to: 'now' })
  await vi.advanceTimersByTimeAsync(100)
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  document.dispatchEvent(new Event('visibilitychange'))
  const count = asked.length
  await vi.advanceTimersByTimeAsync(30_000)
  expect(opened.map(({ chunks }) => chunks.closed)).toEqual([true])
  expect(asked).toHaveLength(count)
  hidden.mockReturnValue(false)
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(100)
  expect(opened.map(({ chunks }) => chunks.closed)).toEqual([true, false])
  expect(asked.length).toBeGreaterThan(count)
  panel.unsubscribe()
  hidden.mockRestore()
})

test('a range that is over is answered once', async () => {
  const { responses } = ask([cost()], { from: 'now-1h', to: 'now-30m' })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(responses.map(({ state }) => state)).toEqual([LoadingState.Done])
  expect(opened).toEqual([])
})

test('the button "Live" of Explore makes a query live that can be, and leaves others', async () => {
  const metric: AIWatchQuery = { refId: 'B', kind: 'metric', metric: 'calls', aggregation: 'rate' }
  const { responses, panel, usd, tell } = ask([cost({ live: false }), metric], { from: 'now-15m', to: 'now' }, true)
  await vi.advanceTimersByTimeAsync(100)
  expect(responses.at(-1)).toMatchObject({ state: LoadingState.Streaming })
  tell(5)
  expect(usd()).toBe(5)
  panel.unsubscribe()
})

test('a query whose answer has no rows has no frame: panels say that there is no data', async () => {
  const { responses } = ask([cost({ part: 'rates', live: false }), cost({ refId: 'B', live: false })], { from: 'now-1h', to: 'now-30m' })
  await vi.advanceTimersByTimeAsync(100)
  expect(responses.at(-1)?.data.map(({ refId }) => refId)).toEqual(['B'])
})
