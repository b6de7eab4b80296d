import { type UserRecord, userValues } from '../audience/user-record.ts'
import type { Batch, SeenRow, UserRow } from '../batch.ts'
import { mergeVectors } from '../merge-vectors.ts'
import type { Message } from '../pack-message.ts'
import type { EncodeContext } from '../series/series-backend.ts'
import { CODE, LATE_ALLOWANCE_SECONDS, type SparseVector } from '../series-catalogue.ts'
import { MAX_ROWS_PER_COMMAND } from './encode-buckets.ts'
import { valueAt } from './value-at.ts'

const DAY_SECONDS = 86_400
/** How long the estimate of a day's users is kept. */
const DAY_KEEP_SECONDS = 40 * DAY_SECONDS

function slice(entries: Message[], size: number): Message[][] {
  const slices: Message[][] = []
  for (let i = 0; i < entries.length; i += size) slices.push(entries.slice(i, i + size))
  return slices
}

/**
 * Last seen of users and of sessions, as flat slices for ZADD; sessions that may be new, and the key index of the user of each. Times are
 * texts: Redis takes three times as long to make a text of a number of Lua's.
 */
function encodeSeen(rows: readonly SeenRow[], knownSessions: ReadonlySet<string>, { keys, table }: EncodeContext): Message[] {
  const users: Message[] = []
  const sessions: Message[] = []
  const names: Message[] = []
  const owners: Message[] = []
  for (const { user, lastSeenMs, sessions: own } of rows) {
    users.push(String(lastSeenMs), user)
    for (const [session, seenMs] of own) {
      sessions.push(String(seenMs), session)
      if (knownSessions.has(session)) continue
      names.push(session)
      owners.push(table.indexOf(keys.user(user)))
    }
  }
  return [
    slice(users, MAX_ROWS_PER_COMMAND * 2),
    slice(sessions, MAX_ROWS_PER_COMMAND * 2),
    slice(names, MAX_ROWS_PER_COMMAND),
    slice(owners, MAX_ROWS_PER_COMMAND),
  ]
}

interface UserEntry {
  name: string
  totals: SparseVector
  cells: Map<string, SparseVector>
}

/** A user at most once, because the script reads what it holds before it writes. */
function mergeUsers(rows: readonly UserRow[], cellIds: readonly string[]): Map<string, UserEntry> {
  const byUser = new Map<string, UserEntry>()
  for (const { user, name, totals, cells } of rows) {
    const entry = byUser.get(user)
    if (entry) entry.totals = mergeVectors(entry.totals, totals)
    const own = entry?.cells ?? new Map<string, SparseVector>()
    for (const [cell, values] of cells) {
      const id = cellIds[cell] as string
      const held = own.get(id)
      own.set(id, held ? mergeVectors(held, values) : values)
    }
    if (!entry) byUser.set(user, { name, totals, cells: own })
  }
  return byUser
}

const HEAD_CODES = [CODE.sessions, CODE.lastSeenMs, CODE.firstSeenMs]

function toRecord({ totals, cells }: UserEntry): UserRecord {
  return {
    lastSeenMs: valueAt(totals, CODE.lastSeenMs),
    firstSeenMs: valueAt(totals, CODE.firstSeenMs),
    sessions: valueAt(totals, CODE.sessions),
    totals: userValues(totals, HEAD_CODES),
    // In the order in which all writers send them, so that the script finds them one after the other.
    cells: [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, values]) => [id, userValues(values)]),
  }
}

function encodeUsers(rows: readonly UserRow[], { keys, table, cellIds }: EncodeContext): Message[] {
  return [...mergeUsers(rows, cellIds)].map(([user, entry]) => [table.indexOf(keys.user(user)), entry.name, { user: toRecord(entry) }])
}

function encodeDays(days: Batch['days'], { keys, table }: EncodeContext): Message[] {
  return days.flatMap(([start, users]) => {
    const end = start + DAY_SECONDS
    const keyIndex = table.indexOf(keys.dayUsers(start))
    return slice(users, MAX_ROWS_PER_COMMAND).map((members) => [keyIndex, end, end + DAY_KEEP_SECONDS + LATE_ALLOWANCE_SECONDS, members])
  })
}

/** The parts of the message from `P_SEEN_USERS` to `P_DAYS`. */
export function encodeAudience(batch: Batch, knownSessions: ReadonlySet<string>, context: EncodeContext): Message[] {
  return [...encodeSeen(batch.seen, knownSessions, context), encodeUsers(batch.users, context), encodeDays(batch.days, context)]
}
