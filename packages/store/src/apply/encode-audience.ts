import type { Batch, SeenRow, UserRow } from '../batch.ts'
import type { Message } from '../pack-message.ts'
import type { EncodeContext } from '../series/series-backend.ts'
import { CODE, LATE_ALLOWANCE_SECONDS } from '../series-catalogue.ts'
import { MAX_ROWS_PER_COMMAND } from './encode-buckets.ts'
import { valueAt } from './value-at.ts'
import { VectorGroup } from './vector-group.ts'

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

function encodeUsers(rows: readonly UserRow[], { keys, table, cellIds }: EncodeContext): Message[] {
  const byUser = new Map<string, { name: string; lastSeenMs: number; group: VectorGroup }>()
  for (const { user, name, totals, cells } of rows) {
    let entry = byUser.get(user)
    if (!entry) {
      entry = { name, lastSeenMs: 0, group: new VectorGroup(false) }
      byUser.set(user, entry)
    }
    entry.lastSeenMs = Math.max(entry.lastSeenMs, valueAt(totals, CODE.lastSeenMs))
    entry.group.add('t', totals)
    for (const [cell, values] of cells) entry.group.add(cellIds[cell] as string, values)
  }
  return [...byUser].map(([user, { name, lastSeenMs, group }]) => [
    table.indexOf(keys.user(user)),
    name,
    lastSeenMs,
    group.fields,
    group.packed,
  ])
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
