import type { Live, Overview } from '@aiwatch/collector/contract'
import { expect, test } from 'vitest'
import { withLive } from '../../../src/data/stream/live-overview.ts'

const AT = Date.parse('2026-01-01T12:00:00Z')
const point = (seconds: number, calls: number) => ({
  timestamp: AT + seconds * 1000,
  calls,
  errors: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
})
const OVERVIEW = {
  window: { from: new Date(AT - 900_000).toISOString(), to: new Date(AT + 13_000).toISOString() },
  step_seconds: 10,
  latency_step_seconds: 60,
  points: [point(0, 50), point(10, 3)],
  latency_points: [],
  active: null,
  cost_today_usd: 1,
} as unknown as Overview

const live = (seconds: number, changed: Partial<Live> = {}): Live => ({
  at: new Date(AT + seconds * 1000).toISOString(),
  calls_per_second: 4,
  input_tokens_per_second: 100,
  output_tokens_per_second: 20,
  calls_5m: 1200,
  error_rate: 0.25,
  latency_p50_seconds: 0.5,
  latency_p95_seconds: 1,
  latency_p99_seconds: 2,
  cost_today_usd: 1.5,
  active: { users_5m: 1, users_1h: 2, users_24h: 3, sessions_30m: 4 },
  ...changed,
})

test('the bucket that is not over has the rate of the last minute, closed ones stay, later ones are added once', () => {
  const { points } = withLive(OVERVIEW, [live(14), live(15), live(21), live(22, { calls_per_second: 6 })])
  expect(points.map(({ timestamp, calls }) => [(timestamp - AT) / 1000, calls])).toEqual([
    [0, 50],
    [10, 40],
    [20, 60],
  ])
  expect(points[1]).toMatchObject({ errors: 10, input_tokens: 1000, output_tokens: 200 })
})

test('what is of now is as the newest event says', () => {
  const { window, cost_today_usd, active } = withLive(OVERVIEW, [live(14, { cost_today_usd: 9 }), live(15)])
  expect({ to: window.to, cost_today_usd, active }).toEqual({ to: live(15).at, cost_today_usd: 1.5, active: live(15).active })
})

test('minutes without calls have no latency', () => {
  expect(withLive(OVERVIEW, [live(14, { calls_5m: 0, latency_p50_seconds: null })]).latency_points).toEqual([])
  expect(withLive(OVERVIEW, [live(14)]).latency_points).toMatchObject([{ timestamp: AT, latency_p50_seconds: 0.5, calls: 1200 }])
})

test('without events it is the answer', () => {
  expect(withLive(OVERVIEW, [])).toBe(OVERVIEW)
})
