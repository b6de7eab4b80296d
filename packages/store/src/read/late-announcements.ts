/**
 * Learns which closed buckets were written late. Every look is sent before the data of its round trip, so a late write is either in the
 * data, or announced in a later look. Order in time is told by trip numbers: no clock of this process decides, and of the server's clock
 * only steps back beyond the overlap (a failover to a server that lags) matter; they empty the cache.
 */

import type { RedisClient } from '../redis-client.ts'
import { connectionEpoch } from './connection-epoch.ts'
import type { CorruptFields } from './corrupt-fields.ts'
import { asBuffers, eachPair, toNumber } from './replies.ts'
import type { Reply, RoundTrips } from './round-trips.ts'

/** Looks overlap by this much, for clocks that differ after a failover. */
const OVERLAP_MS = 10_000
/** Older ones than these count as new when the second look shows them: what they speak of is then read again in vain. */
const FIRST_LOOK_MEMBERS = 1000
/** The announcements are kept 25 h; whoever did not look for longer than this may have missed some. */
const HISTORY_MS = 24 * 3600 * 1000

export interface Look {
  /** Number of the round trip it was part of. */
  trip: number
  serverTimeMs: number
}

interface Announcement {
  scoreMs: number
  /** The trip in which it was first seen. */
  trip: number
}

export interface LateSources {
  redis: RedisClient
  trips: RoundTrips
  corrupt: CorruptFields
  /** Key of the announcements. */
  key: string
}

export class LateAnnouncements {
  private readonly sources: LateSources
  private readonly announced = new Map<string, Announcement>()
  private readonly forget: (member: string) => void
  private readonly forgetAll: () => void
  private lastLookMs = 0
  private pending: { trip: number; look: Promise<Look> } | undefined
  private epoch: number
  /** What was read in this trip or before it cannot be trusted any more. */
  private distrustedTrip = 0
  /** Server's clock minus this machine's, as of the last look. */
  serverAheadMs = 0

  constructor(sources: LateSources, forget: (member: string) => void, forgetAll: () => void) {
    this.sources = sources
    this.forget = forget
    this.forgetAll = forgetAll
    this.epoch = connectionEpoch(sources.redis)
  }

  /** Asks what was announced since the last look, in the coming round trip; once per trip. */
  look(): Promise<Look> {
    this.noticeReconnect()
    const trip = this.sources.trips.next
    if (this.pending?.trip !== trip) {
      const time = this.sources.trips.ask('TIME', [], 'first')
      const late = this.sources.trips.ask('ZRANGE', [this.sources.key, ...this.rangeToAsk(), 'WITHSCORES'], 'first')
      const look = Promise.all([time, late]).then(([now, members]) => this.learn(trip, now, members))
      this.pending = { trip, look }
    }
    return this.pending.look
  }

  /** Whether what was read of `member` in this trip may be out of date. */
  isStale(member: string, trip: number): boolean {
    if (trip <= this.distrustedTrip) return true
    const announcement = this.announced.get(member)
    return announcement !== undefined && announcement.trip > trip
  }

  private rangeToAsk(): (string | number)[] {
    if (this.lastLookMs > 0) return [this.lastLookMs - OVERLAP_MS, '+inf', 'BYSCORE']
    // Nothing is cached before the first look: it learns which announcements are old, so that the overlap does not make them look new.
    return [0, FIRST_LOOK_MEMBERS - 1, 'REV']
  }

  private noticeReconnect(): void {
    const epoch = connectionEpoch(this.sources.redis)
    if (epoch === this.epoch) return
    this.epoch = epoch
    this.distrust(this.sources.trips.next - 1)
  }

  private distrust(trip: number): void {
    this.distrustedTrip = Math.max(this.distrustedTrip, trip)
    this.announced.clear()
    this.forgetAll()
  }

  private learn(trip: number, now: Reply, members: Reply): Look {
    this.noticeReconnect()
    const [seconds, microseconds] = asBuffers(now)
    if (!seconds || !microseconds) throw new TypeError('Redis replied without a time to TIME')
    const serverTimeMs = toNumber(seconds) * 1000 + Math.floor(toNumber(microseconds) / 1000)
    this.serverAheadMs = serverTimeMs - Date.now()
    const elapsedMs = serverTimeMs - this.lastLookMs
    if (this.lastLookMs > 0 && (elapsedMs > HISTORY_MS || elapsedMs < -OVERLAP_MS)) this.distrust(trip - 1)
    this.lastLookMs = serverTimeMs
    eachPair(members, (member, score) => {
      const scoreMs = this.sources.corrupt.attempt(() => toNumber(score))
      if (scoreMs !== undefined) this.announce(member.toString('latin1'), scoreMs, trip)
    })
    this.prune()
    return { trip, serverTimeMs }
  }

  private announce(member: string, scoreMs: number, trip: number): void {
    if (this.announced.get(member)?.scoreMs === scoreMs) return
    this.announced.set(member, { scoreMs, trip })
    this.forget(member)
  }

  /** Old announcements have done their work: what they spoke of is no longer cached. They are kept while a look can show them again. */
  private prune(): void {
    if (this.announced.size <= 1000) return
    for (const [member, { scoreMs }] of this.announced) if (scoreMs < this.lastLookMs - 2 * OVERLAP_MS) this.announced.delete(member)
  }
}
