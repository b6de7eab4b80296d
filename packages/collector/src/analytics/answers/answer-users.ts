/** `GET /v1/users` and `/v1/users/{id}`. */
import { type Board, type Cell, CODE, RECENT_CALLS, type StoreReader, type UserTotals, userKey } from '@aiwatch/store'
import type { User, Users } from '../../contract/index.ts'
import { QuestionError } from '../../errors.ts'
import { isoOf, isoOrNull } from '../instants.ts'
import { toUsd, usdOf } from '../money.ts'
import { namesOf } from '../sums.ts'
import { sumSessions } from './answer-sessions.ts'
import { readAudience } from './audience.ts'
import { toCallRow } from './call-row.ts'
import { formatPlace, isAfter, parsePlace } from './page-place.ts'
import { roundDown } from './plan-window.ts'

export interface UsersQuestion {
  window: '1h' | '6h' | '24h' | '7d'
  sort: 'tokens' | 'calls' | 'cost'
  search: string | undefined
  limit: number
  cursor: string | undefined
}

const HOUR = 3600
const WINDOW_HOURS: Record<UsersQuestion['window'], number> = { '1h': 1, '6h': 6, '24h': 24, '7d': 168 }
/** The boards answer for the best of this many. */
const MAX_RANKED = 1000
const SHOWN_CALLS = 50

function toTotals(totals: UserTotals) {
  return {
    calls: totals.calls,
    errors: totals.errors,
    input_tokens: totals.inputTokens,
    output_tokens: totals.outputTokens,
    cost_usd: toUsd(totals.costNanoUsd),
    sessions: totals.sessions,
  }
}

export async function answerUsers(reader: StoreReader, question: UsersQuestion, nowMs: number): Promise<Users> {
  const { window, sort, search, limit } = question
  const after = parsePlace(question.cursor)
  const now = nowMs / 1000
  const from = roundDown(now, HOUR) - (WINDOW_HOURS[window] - 1) * HOUR
  const wanted = search === undefined && !after ? Math.min(MAX_RANKED, limit + 1) : MAX_RANKED
  const [ranked, audience] = await Promise.all([
    reader.topUsers(`user_${sort}` as Extract<Board, `user_${string}`>, from, now + 10, wanted),
    readAudience(reader, nowMs),
  ])
  const needle = search?.toLowerCase()
  const rest = ranked
    .map((entry, i) => ({ ...entry, rank: i + 1, name: entry.totals?.name ?? entry.member }))
    .filter(({ name }) => needle === undefined || name.toLowerCase().includes(needle))
    .filter(({ value, member }) => !after || isAfter({ value, key: member }, after))
  const page = rest.slice(0, limit)
  const users = page.map(({ member, value, totals, rank, name }) => ({
    key: member,
    user_id: name,
    rank,
    value: sort === 'cost' ? toUsd(value) : value,
    totals: totals ? toTotals(totals) : null,
    first_seen: isoOrNull(totals?.firstSeenMs),
    last_seen: isoOrNull(totals?.lastSeenMs),
    is_new: (totals?.firstSeenMs ?? 0) >= from * 1000,
  }))
  const last = page.at(-1)
  const next = last && rest.length > limit ? formatPlace({ value: last.value, key: last.member }) : null
  return { users, audience, next_cursor: next }
}

/** A user by key, or by the id that the program gave. */
async function findUser(reader: StoreReader, id: string): Promise<UserTotals> {
  const [byKey, byId] = await reader.users([id, userKey(id)], { cells: true })
  const found = byKey ?? byId
  if (!found)
    throw new QuestionError('unknown_key', `there is no user ${JSON.stringify(id.slice(0, 200))}, or it was idle for 30 days`, 'id')
  return found
}

function toModels(totals: UserTotals, names: Map<string, Cell>): User['models'] {
  const rows = [...(totals.cells ?? [])].map(([id, sums]) => {
    const cell = namesOf(names, id)
    const value = (code: number) => sums.get(code) ?? 0
    return {
      app: cell.app,
      provider: cell.provider,
      model: cell.model,
      calls: value(CODE.calls),
      errors: value(CODE.errors),
      input_tokens: value(CODE.inputTokens),
      output_tokens: value(CODE.outputTokens),
      cost_usd: usdOf(sums, CODE.costNanoUsd),
    }
  })
  return rows.sort((a, b) => b.calls - a.calls)
}

async function readHours(reader: StoreReader, key: string, nowMs: number): Promise<User['hours']> {
  const now = nowMs / 1000
  const from = roundDown(now, HOUR) - 167 * HOUR
  const gained = (board: Board) => reader.gains(board, key, from, now + 10)
  const [tokens, calls, cost] = await Promise.all([gained('user_tokens'), gained('user_calls'), gained('user_cost')])
  return tokens.map(({ hour, value }, i) => ({
    timestamp: hour * 1000,
    tokens: value,
    calls: calls[i]?.value ?? 0,
    cost_usd: toUsd(cost[i]?.value ?? 0),
  }))
}

export async function answerUser(reader: StoreReader, id: string, nowMs: number): Promise<User> {
  const [totals, names, kept] = await Promise.all([findUser(reader, id), reader.cells(), reader.recent({ limit: RECENT_CALLS })])
  const own = kept.filter(({ call }) => call.user === totals.name)
  return {
    key: totals.user,
    user_id: totals.name,
    totals: toTotals(totals),
    first_seen: isoOrNull(totals.firstSeenMs),
    last_seen: isoOrNull(totals.lastSeenMs),
    models: toModels(totals, names),
    hours: await readHours(reader, totals.user, nowMs),
    recent_calls: own.slice(0, SHOWN_CALLS).map(toCallRow),
    recent_sessions: sumSessions(own)
      .slice(0, SHOWN_CALLS)
      .map(({ session, calls, lastMs }) => ({ session, calls, last_seen: isoOf(lastMs) })),
  }
}
