import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { asBuffers, asInteger, eachPair } from '../read/replies.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import type { ActiveCounts, Sums, UserTotals } from '../read/store-reader.ts'
import { keptStarts } from '../series/bucket-range.ts'
import { toSums } from '../series/read-series.ts'
import { CODE, type SparseVector } from '../series-catalogue.ts'
import { unpackVector } from '../unpack-vector.ts'
import { type UserRecord, unpackUserRecord, userVector } from './user-record.ts'

export interface AudienceSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  nowMs: () => number
}

const DAYS = { seconds: 86_400, keepSeconds: 40 * 86_400 }
const NAME_FIELD = 'n'
const RECORD_FIELD = 'r'
/** Earlier versions kept a packed vector of the totals, and one for each cell under the cell's id; what they wrote is added. */
const TOTALS_FIELD = 't'

/** Who was there: users and sessions. */
export class AudienceReading {
  private readonly sources: AudienceSources

  constructor(sources: AudienceSources) {
    this.sources = sources
  }

  async active(windowsMs: readonly number[]): Promise<ActiveCounts> {
    const { keys, nowMs } = this.sources
    const now = nowMs()
    for (const window of windowsMs) if (!(window >= 0)) throw new RangeError(`windowsMs must hold numbers from 0 up, got ${window}`)
    const count = (key: string) => Promise.all(windowsMs.map((window) => this.countSince(key, now - window)))
    const [users, sessions] = await Promise.all([count(keys.seenUsers), count(keys.seenSessions)])
    return { users, sessions }
  }

  /** Up to any time: the times seen were set back to the server's clock, which may run ahead of this machine's. */
  private async countSince(key: string, sinceMs: number): Promise<number> {
    return asInteger(await this.sources.trips.ask('ZCOUNT', [key, `(${sinceMs}`, '+inf']))
  }

  async usersOnDays(fromSeconds: number, toSeconds: number): Promise<number> {
    const { keys, trips, nowMs } = this.sources
    const days = keptStarts(DAYS, fromSeconds, toSeconds, nowMs() / 1000)
    if (days.length === 0) return 0
    return asInteger(await trips.ask('PFCOUNT', days.map(keys.dayUsers)))
  }

  users(users: readonly string[], options: { cells?: boolean } = {}): Promise<(UserTotals | undefined)[]> {
    return Promise.all(users.map((user) => (options.cells ? this.userWithCells(user) : this.user(user))))
  }

  private async user(user: string): Promise<UserTotals | undefined> {
    const { keys, trips } = this.sources
    const [name, record, totals] = asBuffers(await trips.ask('HMGET', [keys.user(user), NAME_FIELD, RECORD_FIELD, TOTALS_FIELD]))
    if (!name && !record && !totals) return undefined
    const found = newUser(user, name)
    if (record) this.decode(() => addRecord(found, unpackUserRecord(record)))
    if (totals) this.decode(() => addTotals(found, unpackVector(totals)))
    return found
  }

  private async userWithCells(user: string): Promise<UserTotals | undefined> {
    const { keys, trips } = this.sources
    const found = { ...newUser(user, undefined), cells: new Map<string, Sums>() }
    let isHeld = false
    eachPair(await trips.ask('HGETALL', [keys.user(user)]), (field, value) => {
      isHeld = true
      const key = field.toString('latin1')
      if (key === NAME_FIELD) found.name = value.toString('utf8')
      else if (key === RECORD_FIELD) {
        this.decode(() => {
          const record = unpackUserRecord(value)
          addRecord(found, record)
          for (const [cell, values] of record.cells) addCell(found.cells, cell, userVector(values))
        })
      } else if (key === TOTALS_FIELD) this.decode(() => addTotals(found, unpackVector(value)))
      else this.decode(() => addCell(found.cells, key, unpackVector(value)))
    })
    return isHeld ? found : undefined
  }

  private decode(add: () => void): void {
    this.sources.corrupt.attempt(add)
  }
}

function newUser(user: string, name: Buffer | null | undefined): UserTotals {
  const none = { calls: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: 0, sessions: 0, firstSeenMs: 0, lastSeenMs: 0 }
  return { user, name: name?.toString('utf8') ?? user, ...none }
}

function addRecord(user: UserTotals, { totals, lastSeenMs, firstSeenMs, sessions }: UserRecord): void {
  addTotals(user, [...userVector(totals), CODE.sessions, sessions, CODE.lastSeenMs, lastSeenMs, CODE.firstSeenMs, firstSeenMs])
}

function addTotals(user: UserTotals, vector: SparseVector): void {
  const sums = toSums(vector)
  const value = (code: number) => sums.get(code) ?? 0
  user.calls += value(CODE.calls)
  user.errors += value(CODE.errors)
  user.inputTokens += value(CODE.inputTokens)
  user.outputTokens += value(CODE.outputTokens)
  user.costNanoUsd += value(CODE.costNanoUsd)
  user.sessions += value(CODE.sessions)
  user.lastSeenMs = Math.max(user.lastSeenMs, value(CODE.lastSeenMs))
  const first = value(CODE.firstSeenMs)
  if (first > 0 && (user.firstSeenMs === 0 || first < user.firstSeenMs)) user.firstSeenMs = first
}

function addCell(cells: Map<string, Sums>, cell: string, vector: SparseVector): void {
  const sums = toSums(vector)
  const held = cells.get(cell)
  if (held) for (const [code, value] of sums) held.set(code, (held.get(code) ?? 0) + value)
  else cells.set(cell, sums)
}
