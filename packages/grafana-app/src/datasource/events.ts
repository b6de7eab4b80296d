/** The instants that answers of the API hold, as annotations: what each kind asks, and its events. */
import type { CallRow, Calls, Errors, Users } from '@aiwatch/collector/contract'
import type { Params } from '../data/answer-client.ts'
import { t } from '../t.ts'
import type { PanelRange } from './asked-range.ts'

export interface Event {
  /** Milliseconds since the epoch; not a number where the collector does not know. */
  atMs: number
  title: string
  text: string
  tags: string[]
}

interface EventSource<Reply> {
  title(): string
  description(): string
  /** Under `/v1`. */
  path: string
  /** Filters of the query. */
  params: readonly string[]
  /** What is asked beside the filters. `nowMs` is of the browser: it only chooses a window that is wide enough. */
  ask(range: PanelRange, nowMs: number): Params
  /** Which may lie outside of the range. */
  toEvents(reply: Reply): Event[]
  /** Why some events may be missing, or undefined. */
  describeGap(reply: Reply, range: PanelRange, nowMs: number): string | undefined
}

const CELL = ['app', 'provider', 'model'] as const
const MAX_CALLS = 200
const MAX_USERS = 500
const HOUR_MS = 3_600_000
/** The windows of `/v1/users`. */
const USER_WINDOWS = { '1h': HOUR_MS, '6h': 6 * HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS }

const toMs = (instant: string | null) => (instant === null ? Number.NaN : Date.parse(instant))
const inRange = ({ from, to }: PanelRange): Params => ({ from, to })

const newErrors: EventSource<Errors> = {
  title: () => t('events.new-errors', 'New kinds of error'),
  description: () => t('events.new-errors.description', 'An error type that an app, provider and model had for the first time.'),
  path: 'errors',
  params: [...CELL, 'outcome'],
  ask: inRange,
  toEvents: ({ patterns }) =>
    patterns.map(({ error_type, app, provider, model, first_seen, calls }) => ({
      atMs: toMs(first_seen),
      title: t('events.new-errors.event', 'New error: {{name}}', { name: error_type }),
      text: `${model} (${provider}) in ${app}; ${calls} calls in this range`,
      tags: ['error', error_type, app, provider, model],
    })),
  describeGap: () => undefined,
}

const isError = (outcome: string) => outcome !== 'ok' && outcome !== 'aborted'

const describeCall = ({ model, provider, app, user_id, http_status, duration_ms }: CallRow) =>
  [
    `${model} (${provider}) in ${app}`,
    http_status === null ? 'no HTTP reply' : `HTTP ${http_status}`,
    `${(duration_ms / 1000).toFixed(1)} s`,
    ...(user_id === null ? [] : [`user ${user_id}`]),
  ].join(', ')

const failedCalls: EventSource<Calls> = {
  title: () => t('events.failed-calls', 'Failed calls'),
  description: () =>
    t('events.failed-calls.description', 'Each call that ended in an error, of those that the collector keeps; the newest {{number}}.', {
      number: MAX_CALLS,
    }),
  path: 'calls',
  params: [...CELL, 'outcome', 'user', 'session', 'tag', 'min_duration_ms'],
  ask: (range) => ({ ...inRange(range), outcome: 'error', limit: String(MAX_CALLS) }),
  toEvents: ({ calls }) =>
    calls.map((call) => ({
      atMs: toMs(call.started_at) + call.duration_ms,
      title: isError(call.outcome)
        ? t('events.failed-calls.event', 'Failed: {{outcome}}', { outcome: call.outcome })
        : t('events.call.event', 'Call: {{outcome}}', { outcome: call.outcome }),
      text: describeCall(call),
      tags: ['call', call.outcome, call.app, call.provider, call.model],
    })),
  describeGap: ({ next_cursor, oldest_kept }, { fromMs }) => {
    if (next_cursor !== null) return `Only the newest ${MAX_CALLS} of these calls are shown.`
    return fromMs < toMs(oldest_kept) ? `Calls are kept only since ${oldest_kept}.` : undefined
  },
}

const newUsers: EventSource<Users> = {
  title: () => t('events.new-users', 'New users'),
  description: () =>
    t('events.new-users.description', 'The first call of a user, among the {{number}} with most tokens; the last 7 days.', {
      number: MAX_USERS,
    }),
  path: 'users',
  params: ['search'],
  ask: ({ fromMs }, nowMs) => {
    const fits = Object.entries(USER_WINDOWS).find(([, lengthMs]) => nowMs - fromMs <= lengthMs)
    return { window: fits?.[0] ?? '7d', limit: String(MAX_USERS) }
  },
  toEvents: ({ users }) =>
    users.map(({ user_id, first_seen, totals }) => ({
      atMs: toMs(first_seen),
      title: t('events.new-users.event', 'New user: {{name}}', { name: user_id }),
      text: totals ? `${totals.calls} calls in ${totals.sessions} sessions since` : 'First call',
      tags: ['user'],
    })),
  describeGap: ({ next_cursor }, { fromMs }, nowMs) => {
    if (next_cursor !== null) return `Only the ${MAX_USERS} users with most tokens were looked at.`
    return nowMs - fromMs > USER_WINDOWS['7d'] ? 'Users who were not seen in the last 7 days are not among these.' : undefined
  },
}

export const EVENT_SOURCES = { new_errors: newErrors, failed_calls: failedCalls, new_users: newUsers } as const
export type EventKind = keyof typeof EVENT_SOURCES

/** Undefined where there is no such kind. */
export function findEvents(kind: string): EventSource<unknown> | undefined {
  return Object.hasOwn(EVENT_SOURCES, kind) ? (EVENT_SOURCES[kind as EventKind] as EventSource<unknown>) : undefined
}
