/** Who called: last seen, totals, boards and days of users, and their sessions. Calls without a user are in none of it. */
import {
  boundLabel,
  bucketStart,
  type Call,
  CODE,
  OTHER_USER,
  type SeenRow,
  type SparseVector,
  sessionKey,
  type UserRow,
  userKey,
} from '@aiwatch/store'
import { pushBoards } from './board-rows.ts'
import type { CellEntry } from './cell-registry.ts'
import type { HourlyGain } from './hourly-gains.ts'
import type { RowsBuilder } from './rows-builder.ts'
import { type UserLists, UserTotals } from './user-totals.ts'

interface UserState extends UserLists {
  id: string
  /** Made when first given out: hashing is not for the path of a call. */
  key: string
  lastSeenMs: number
  firstSeenMs: number
  /** The last seen that was given out; 0: none was. */
  givenMs: number
}

interface SessionState {
  user: UserState
  id: string
  /** Made when first given out. */
  key: string
  lastSeenMs: number
  givenMs: number
}

/** Whoever was given out is given again when last seen so much later, or with the totals: windows of active users are minutes long. */
const SEEN_STEP_MS = 30_000

/** Heap in bytes, measured; strings are added by their length. */
const USER_BYTES = 300
const SESSION_BYTES = 280

const DAY_SECONDS = 86_400

export class UserRows {
  private users = new Map<string, UserState>()
  /** By user and session: one map for all is smaller than one for each user. */
  private sessions = new Map<string, SessionState>()
  private folded: UserState | undefined
  private totals = new UserTotals()
  private heldBytes = 0

  get bytes(): number {
    return this.heldBytes + this.totals.bytes
  }

  get isEmpty(): boolean {
    return this.users.size === 0 && !this.folded
  }

  add(entry: CellEntry, call: Call, endedMs: number): void {
    if (!call.user) return
    const user = this.users.get(call.user) ?? this.newUser(call.user)
    const atMs = Math.round(endedMs)
    if (atMs > user.lastSeenMs) user.lastSeenMs = atMs
    if (atMs < user.firstSeenMs) user.firstSeenMs = atMs
    if (call.session) this.seeSession(user, call.session, atMs)
    this.totals.add(user, entry.number, call, endedMs)
  }

  /** Those that are due. */
  drainSeen(builder: RowsBuilder, stepMs = SEEN_STEP_MS): void {
    const rows = new Map<UserState, SeenRow>()
    const rowOf = (user: UserState) => {
      const row = rows.get(user) ?? { user: keyOf(user), lastSeenMs: user.lastSeenMs, sessions: [] }
      if (!rows.has(user)) builder.rows.seen.push(row)
      rows.set(user, row)
      user.givenMs = user.lastSeenMs
      return row
    }
    for (const user of this.users.values()) if (isDue(user, stepMs)) rowOf(user)
    for (const session of this.sessions.values()) {
      if (!isDue(session, stepMs)) continue
      session.givenMs = session.lastSeenMs
      session.key ||= sessionKey(session.user.id, session.id)
      rowOf(session.user).sessions.push([session.key, session.lastSeenMs])
    }
  }

  /** All who were seen, totals, boards and days. */
  drainTotals(builder: RowsBuilder, cellOf: (number: number) => CellEntry): void {
    this.drainSeen(builder, 1)
    const members: [string, HourlyGain[]][] = []
    for (const user of this.all()) {
      builder.rows.users.push(this.toRow(user, (number) => builder.cellIndex(cellOf(number))))
      members.push([keyOf(user), this.totals.gains(user)])
    }
    pushBoards(builder, 'user', members)
    builder.rows.days.push(...this.days())
    this.clear()
    this.folded = undefined
  }

  /** Adds all users to the one that stands for many. Returns the calls whose user is no longer told. */
  fold(): number {
    if (this.users.size === 0) return 0
    const { totals, users, folded } = this
    this.clear()
    const other = newUserState(OTHER_USER, OTHER_USER)
    const merge = (user: UserState) => {
      other.lastSeenMs = Math.max(other.lastSeenMs, user.lastSeenMs)
      other.firstSeenMs = Math.min(other.firstSeenMs, user.firstSeenMs)
      return this.totals.merge(other, totals, user)
    }
    let calls = 0
    for (const user of users.values()) calls += merge(user)
    if (folded) merge(folded)
    this.folded = other
    this.heldBytes = USER_BYTES
    return calls
  }

  private clear(): void {
    this.users = new Map()
    this.sessions = new Map()
    this.totals = new UserTotals()
    this.heldBytes = 0
  }

  private *all(): Iterable<UserState> {
    yield* this.users.values()
    if (this.folded) yield this.folded
  }

  /** A user was there on the days of the hours in which calls ended. */
  private days(): Map<number, string[]> {
    const days = new Map<number, string[]>()
    for (const user of this.users.values()) {
      for (const day of new Set(this.totals.gains(user).map((gain) => bucketStart(gain.start * 1000, DAY_SECONDS)))) {
        const users = days.get(day)
        if (users) users.push(keyOf(user))
        else days.set(day, [keyOf(user)])
      }
    }
    return days
  }

  private toRow(user: UserState, cellIndex: (number: number) => number): UserRow {
    const cells: [number, SparseVector][] = []
    this.totals.eachCell(user, (number, values) => cells.push([cellIndex(number), values]))
    const totals = this.totals.sum(user).concat(CODE.lastSeenMs, user.lastSeenMs, CODE.firstSeenMs, user.firstSeenMs)
    return { user: keyOf(user), name: boundLabel(user.id), totals, cells }
  }

  private newUser(id: string): UserState {
    const user = newUserState(id, '')
    this.users.set(id, user)
    this.heldBytes += USER_BYTES + id.length * 2
    return user
  }

  private seeSession(user: UserState, id: string, atMs: number): void {
    const name = `${user.id}\0${id}`
    const session = this.sessions.get(name)
    if (session) {
      if (atMs > session.lastSeenMs) session.lastSeenMs = atMs
      return
    }
    this.sessions.set(name, { user, id, key: '', lastSeenMs: atMs, givenMs: 0 })
    this.heldBytes += SESSION_BYTES + (name.length + id.length) * 2
  }
}

const isDue = ({ lastSeenMs, givenMs }: UserState | SessionState, stepMs: number) => lastSeenMs - givenMs >= stepMs

function newUserState(id: string, key: string): UserState {
  return {
    id,
    key,
    lastSeenMs: 0,
    firstSeenMs: Number.MAX_SAFE_INTEGER,
    givenMs: 0,
    cells: 0,
    hours: 0,
  }
}

function keyOf(user: UserState): string {
  user.key ||= userKey(user.id)
  return user.key
}
