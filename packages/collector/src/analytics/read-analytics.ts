/** The answer of `GET /analytics`. At most two round trips to Redis: everything is asked at once, and what depends on a reply next. */
import { CODE, type StoreReader } from '@aiwatch/store'
import { type ErrorPatternRow, listErrorPatterns } from './error-patterns.ts'
import { isoOf } from './instants.ts'
import { describeModels, type ModelRow, readCellSketches, type Usage, usageBy } from './model-rows.ts'
import { usdOf } from './money.ts'
import { readActive } from './read-active.ts'
import { readRecent } from './read-recent.ts'
import { mergeAll } from './sums.ts'
import { type TopUserRow, toTopUser } from './top-users.ts'
import { bucketsWithOpen, DAY_BUCKETS } from './windows.ts'

const TOP_USERS = 10

export interface Analytics {
  active_users_5m: number
  active_users_15m: number
  active_users_1h: number
  active_users_24h: number
  /** Seen in the last 30 minutes. */
  active_sessions: number
  token_rates: { input_per_minute: number; output_per_minute: number }
  top_users: TopUserRow[]
  /** Since the beginning, by model. */
  model_usage: Record<string, Usage>
  /** The same by app. */
  app_usage: Record<string, Usage>
  /** Seconds, over the last 5 minutes. */
  response_time_p50: number
  response_time_p95: number
  response_time_p99: number
  /** 0–1, over the last 5 minutes. */
  error_rate: number
  /** Calls of the last 5 minutes: tells "none" from "none failed". */
  requests_5m: number
  /** Calls per second over the six newest closed 10 s buckets. */
  calls_per_second: number
  cost_usd_24h: number
  /** Calls of the last 24 h whose price is not known; they are not in any cost. */
  unpriced_calls_24h: number
  /** Models of the last 24 h, most calls first. */
  models: ModelRow[]
  error_patterns: ErrorPatternRow[]
  /** ISO 8601, UTC: the instant that the windows end at. */
  timestamp: string
}

export async function readAnalytics(reader: StoreReader, nowMs: number): Promise<Analytics> {
  const day = bucketsWithOpen(nowMs, DAY_BUCKETS)
  const recentAsked = readRecent(reader, nowMs)
  const totalsAsked = reader.totals()
  const sketchSources = { reader, totalsAsked, recentAsked, nowMs }
  const [cells, recent, daySums, active, errors, topUsers, totals, latencyByCell, firstTokenByCell] = await Promise.all([
    reader.cells(),
    recentAsked,
    reader.sums(day.from, day.to),
    readActive(reader),
    reader.errors(),
    reader.topUsers('user_tokens', day.from, day.to, TOP_USERS),
    totalsAsked,
    readCellSketches('latency', sketchSources),
    readCellSketches('first_token', sketchSources),
  ])
  const dayTotal = mergeAll(daySums)
  return {
    active_users_5m: active.users['5m'],
    active_users_15m: active.users['15m'],
    active_users_1h: active.users['1h'],
    active_users_24h: active.users['24h'],
    active_sessions: active.sessions,
    token_rates: { input_per_minute: recent.inputPerMinute, output_per_minute: recent.outputPerMinute },
    top_users: topUsers.map(toTopUser),
    model_usage: usageBy('model', totals, cells),
    app_usage: usageBy('app', totals, cells),
    response_time_p50: recent.p50Seconds,
    response_time_p95: recent.p95Seconds,
    response_time_p99: recent.p99Seconds,
    error_rate: recent.errorRate,
    requests_5m: recent.requests,
    calls_per_second: recent.callsPerSecond,
    cost_usd_24h: usdOf(dayTotal, CODE.costNanoUsd),
    unpriced_calls_24h: dayTotal.get(CODE.unpricedCalls) ?? 0,
    models: describeModels({ daySums, cells, buckets: recent.buckets, latencyByCell, firstTokenByCell }, nowMs),
    error_patterns: listErrorPatterns({ daySums, cells, errors, buckets: recent.buckets }, nowMs),
    timestamp: isoOf(nowMs),
  }
}
