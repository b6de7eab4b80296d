/** `GET /v1/sessions`: sessions are counted exactly, and told one by one as far as their calls are kept. */
import { isError, RECENT_CALLS, type StoreReader, sessionKey } from '@aiwatch/store'
import type { Sessions } from '../../contract/index.ts'
import { isoOf } from '../instants.ts'
import { toUsd } from '../money.ts'
import { endOf, type KeptCall } from './call-row.ts'
import { comparePlaces, formatPlace, isAfter, type Place, parsePlace } from './page-place.ts'

export interface SessionsQuestion {
  user: string | undefined
  limit: number
  cursor: string | undefined
}

const WINDOWS_MS = [30 * 60_000, 24 * 3_600_000]

interface SessionSum {
  session: string
  user: string | null
  firstMs: number
  lastMs: number
  calls: number
  errors: number
  input: number
  output: number
  cost: number
  models: Set<string>
}

function newSum({ call }: KeptCall): SessionSum {
  const user = call.user ?? null
  return {
    session: call.session as string,
    user,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: 0,
    calls: 0,
    errors: 0,
    input: 0,
    output: 0,
    cost: 0,
    models: new Set(),
  }
}

/** Sessions of these calls, last seen first. */
export function sumSessions(kept: readonly KeptCall[]): SessionSum[] {
  const sessions = new Map<string, SessionSum>()
  for (const one of kept) {
    const { call } = one
    if (call.session === undefined) continue
    const key = `${call.user ?? ''}\0${call.session}`
    const sum = sessions.get(key) ?? newSum(one)
    sessions.set(key, sum)
    sum.firstMs = Math.min(sum.firstMs, call.startedAt)
    sum.lastMs = Math.max(sum.lastMs, endOf(one))
    sum.calls++
    if (isError(call.outcome)) sum.errors++
    sum.input += call.usage.inputTokens
    sum.output += call.usage.outputTokens
    sum.cost += call.costNanoUsd ?? 0
    sum.models.add(call.model)
  }
  return [...sessions.values()].sort((a, b) => comparePlaces(placeOf(a), placeOf(b)))
}

function toRow(sum: SessionSum): Sessions['sessions'][number] {
  return {
    session: sum.session,
    user_id: sum.user,
    first_seen: isoOf(sum.firstMs),
    last_seen: isoOf(sum.lastMs),
    calls: sum.calls,
    errors: sum.errors,
    input_tokens: sum.input,
    output_tokens: sum.output,
    cost_usd: toUsd(sum.cost),
    models: [...sum.models].sort(),
  }
}

const placeOf = (sum: SessionSum): Place => ({ value: sum.lastMs, key: sessionKey(sum.user ?? '', sum.session) })

export async function answerSessions(reader: StoreReader, { user, limit, cursor }: SessionsQuestion): Promise<Sessions> {
  const after = parsePlace(cursor)
  const [active, kept] = await Promise.all([reader.active(WINDOWS_MS), reader.recent({ limit: RECENT_CALLS })])
  const all = sumSessions(user === undefined ? kept : kept.filter(({ call }) => call.user === user))
  const rest = after ? all.filter((sum) => isAfter(placeOf(sum), after)) : all
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return {
    active_30m: active.sessions[0] ?? 0,
    active_24h: active.sessions[1] ?? 0,
    sessions: page.map(toRow),
    next_cursor: last && rest.length > limit ? formatPlace(placeOf(last)) : null,
  }
}
