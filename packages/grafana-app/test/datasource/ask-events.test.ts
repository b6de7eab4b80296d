import { expect, test } from 'vitest'
import { eventFrames, eventQuestion, findEventFault } from '../../src/datasource/ask-events.ts'
import { prepareEvents } from '../../src/datasource/prepare-events.ts'
import { DEFAULT_EVENTS, type EventQuery } from '../../src/datasource/query.ts'
import { replaceWith } from './replace.ts'

const NOW_MS = Date.parse('2026-03-10T12:00:00Z')
const HOUR_MS = 3_600_000
const RANGE = { from: 'now-1h', to: 'now', fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS }
const query = (changed: Partial<EventQuery> = {}): EventQuery => ({ refId: 'Anno', ...DEFAULT_EVENTS, ...changed })
const ask = (changed: Partial<EventQuery>, range = RANGE) =>
  eventQuestion({ query: query(changed), range, nowMs: NOW_MS, replace: replaceWith({ app: ['a', 'b'], model: '*' }), scopedVars: {} })

test('variables filter; one that stands for all does not', () => {
  expect(ask({ params: { app: '$app', model: '$model', search: 'x' } })).toEqual({
    path: 'errors',
    params: { from: 'now-1h', to: 'now', app: ['a', 'b'] },
  })
})

test('failed calls are errors of any type, or of the one that is asked for', () => {
  expect(ask({ event: 'failed_calls' }).params).toMatchObject({ outcome: 'error' })
  expect(ask({ event: 'failed_calls', params: { outcome: 'timeout' } }).params).toMatchObject({ outcome: 'timeout' })
})

test.each([
  [1, '1h'],
  [2, '6h'],
  [24, '24h'],
  [100, '7d'],
  [1000, '7d'],
])('users of a range that began %i hours ago are looked for in %s', (hours, window) => {
  expect(ask({ event: 'new_users' }, { ...RANGE, fromMs: NOW_MS - hours * HOUR_MS }).params).toMatchObject({ window })
})

const pattern = (first_seen: string | null, error_type: string) => ({
  error_type,
  app: 'shop',
  provider: 'openai',
  model: 'org/m,1',
  calls: 3,
  first_seen,
})

test('only what was seen for the first time within the range, oldest first', () => {
  const patterns = [
    pattern('2026-03-10T11:30:00Z', 'timeout'),
    pattern('2026-03-10T11:10:00Z', 'rate_limit'),
    pattern('2026-03-09T11:30:00Z', 'server'),
    pattern('2026-03-10T12:00:01Z', 'network'),
    pattern(null, 'auth'),
  ]
  const [frame] = eventFrames(query(), { patterns }, RANGE, NOW_MS)
  const values = Object.fromEntries(frame?.fields.map(({ name, values }) => [name, values]) ?? [])
  expect(values).toEqual({
    time: [Date.parse('2026-03-10T11:10:00Z'), Date.parse('2026-03-10T11:30:00Z')],
    title: ['New error: rate_limit', 'New error: timeout'],
    text: ['org/m,1 (openai) in shop; 3 calls in this range', 'org/m,1 (openai) in shop; 3 calls in this range'],
    tags: ['error,rate_limit,shop,openai,org/m 1', 'error,timeout,shop,openai,org/m 1'],
  })
  // Grafana finds columns of annotations by what people read.
  expect(frame?.fields.map(({ config }) => config.displayName)).toEqual(['time', 'title', 'text', 'tags'])
  expect(frame?.meta?.notices).toBeUndefined()
})

const noticesOf = (event: EventQuery['event'], reply: object, range = RANGE) =>
  eventFrames(query({ event }), reply, range, NOW_MS)[0]?.meta?.notices?.map(({ text }) => text)

test('what may be missing is said', () => {
  expect(noticesOf('failed_calls', { calls: [], next_cursor: 'x', oldest_kept: null })).toEqual([
    'Only the newest 200 of these calls are shown.',
  ])
  expect(noticesOf('failed_calls', { calls: [], next_cursor: null, oldest_kept: '2026-03-10T11:59:00Z' })).toEqual([
    'Calls are kept only since 2026-03-10T11:59:00Z.',
  ])
  expect(noticesOf('failed_calls', { calls: [], next_cursor: null, oldest_kept: '2026-03-01T00:00:00Z' })).toBeUndefined()
  expect(noticesOf('new_users', { users: [], next_cursor: null }, { ...RANGE, fromMs: NOW_MS - 200 * HOUR_MS })?.[0]).toContain('7 days')
})

test('a kind that does not exist is refused, an object’s own names too', () => {
  expect(findEventFault(query())).toBeUndefined()
  expect(findEventFault(query({ event: 'toString' as never }))).toMatchObject({ field: 'event' })
})

test('a new annotation asks for new kinds of error, a stored one stays as it is', () => {
  const annotation = { name: 'Errors', enable: true, iconColor: 'red', datasource: null }
  expect(prepareEvents(annotation as never).target).toEqual({ refId: 'Anno', kind: 'events', event: 'new_errors' })
  expect(prepareEvents({ ...annotation, target: { refId: 'Anno' } } as never).target).toMatchObject(DEFAULT_EVENTS)
  const stored = { ...annotation, target: query({ event: 'new_users' }) }
  expect(prepareEvents(stored as never)).toBe(stored)
})
