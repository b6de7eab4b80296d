import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { asBuffers, asInteger, eachPair } from '../read/replies.ts'
import type { Reply, RoundTrips } from '../read/round-trips.ts'
import type { ActiveCounts, Sums, UserTotals } from '../read/store-reader.ts'
import { keptStarts } from '../series/bucket-range.ts'
import { toSums } from '../series/read-series.ts'
import { CODE } from '../series-catalogue.ts'
import { unpackVector } from '../unpack-vector.ts'

export interface AudienceSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  nowMs: () => number
}

const DAYS = { seconds: 86_400, keepSeconds: 40 * 86_400 }
const NAME_FIELD = 'n'
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
    const [name, totals] = asBuffers(await trips.ask('HMGET', [keys.user(user), NAME_FIELD, TOTALS_FIELD]))
    return this.toTotals(user, name ?? null, totals ?? null)
  }

  private async userWithCells(user: string): Promise<UserTotals | undefined> {
    const { keys, trips } = this.sources
    let name: Buffer | null = null
    let totals: Buffer | null = null
    const cells = new Map<string, Sums>()
    eachPair(await trips.ask('HGETALL', [keys.user(user)]), (field, value) => {
      const key = field.toString('latin1')
      if (key === NAME_FIELD) name = value
      else if (key === TOTALS_FIELD) totals = value
      else {
        const sums = this.decode(value)
        if (sums) cells.set(key, sums)
      }
    })
    const found = this.toTotals(user, name, totals)
    return found && { ...found, cells }
  }

  private decode(packed: Reply): Sums | undefined {
    return Buffer.isBuffer(packed) ? this.sources.corrupt.attempt(() => toSums(unpackVector(packed))) : undefined
  }

  private toTotals(user: string, name: Buffer | null, packed: Buffer | null): UserTotals | undefined {
    if (name === null && packed === null) return undefined
    const totals: Sums = this.decode(packed) ?? new Map()
    const value = (code: number) => totals.get(code) ?? 0
    return {
      user,
      name: name?.toString('utf8') ?? user,
      calls: value(CODE.calls),
      errors: value(CODE.errors),
      inputTokens: value(CODE.inputTokens),
      outputTokens: value(CODE.outputTokens),
      costNanoUsd: value(CODE.costNanoUsd),
      sessions: value(CODE.sessions),
      firstSeenMs: value(CODE.firstSeenMs),
      lastSeenMs: value(CODE.lastSeenMs),
    }
  }
}
