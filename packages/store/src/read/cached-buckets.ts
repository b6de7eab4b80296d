/** Reads parts of time buckets: closed ones from the cache where it can vouch for them, the others from Redis, all in one round trip. */
import type { BucketCache, CachedPart } from './bucket-cache.ts'
import type { LateAnnouncements, Look } from './late-announcements.ts'

export interface BucketPart {
  /** The name under which late writes announce the bucket. */
  member: string
  part: string
  /** From here on, in seconds of the server's clock, what was read is kept. */
  cacheableFromSeconds: number
}

export interface PartReading<P extends BucketPart, T> {
  parts: P[]
  /** Reads these parts, in their order; issues its commands before it returns. */
  read: (missing: P[]) => Promise<T[]>
  bytesOf: (value: T) => number
  /** Finds the value in another part of the bucket, by `peek`. */
  derive?: (part: P) => CachedPart<T> | undefined
}

function indexesOf<T>(entries: T[], wanted: (entry: T, i: number) => boolean): number[] {
  const indexes: number[] = []
  for (const [i, entry] of entries.entries()) if (wanted(entry, i)) indexes.push(i)
  return indexes
}

export class CachedBuckets {
  private readonly cache: BucketCache
  private readonly late: LateAnnouncements

  constructor(cache: BucketCache, late: LateAnnouncements) {
    this.cache = cache
    this.late = late
  }

  /**
   * The values of the parts, in their order. One round trip; a second one when the first brings word of a late write to a bucket that
   * had been taken from the cache.
   */
  async through<P extends BucketPart, T>(reading: PartReading<P, T>): Promise<T[]> {
    if (reading.parts.length === 0) return []
    const lookPending = this.late.look()
    const held = reading.parts.map((part) => this.peek<T>(part.member, part.part) ?? reading.derive?.(part))
    const values: T[] = held.map((entry) => entry?.value as T)
    const missing = indexesOf(held, (entry) => entry === undefined)
    const [look] = await Promise.all([lookPending, this.fill(reading, missing, values)])
    this.keep(reading, missing, values, look)
    const stale = indexesOf(held, (entry, i) => entry !== undefined && this.late.isStale(reading.parts[i]?.member as string, entry.trip))
    if (stale.length > 0) {
      const [secondLook] = await Promise.all([this.late.look(), this.fill(reading, stale, values)])
      this.keep(reading, stale, values, secondLook)
    }
    return values
  }

  /** What the cache holds and, as far as is known now, is not out of date. */
  peek<T>(member: string, part: string): CachedPart<T> | undefined {
    const entry = this.cache.get(member, part) as CachedPart<T> | undefined
    return entry && !this.late.isStale(member, entry.trip) ? entry : undefined
  }

  private async fill<P extends BucketPart, T>(reading: PartReading<P, T>, indexes: number[], values: T[]): Promise<void> {
    if (indexes.length === 0) return
    const read = await reading.read(indexes.map((i) => reading.parts[i] as P))
    for (const [at, i] of indexes.entries()) values[i] = read[at] as T
  }

  private keep<P extends BucketPart, T>(reading: PartReading<P, T>, indexes: number[], values: T[], look: Look): void {
    for (const i of indexes) {
      const part = reading.parts[i] as P
      if (part.cacheableFromSeconds * 1000 > look.serverTimeMs || this.late.isStale(part.member, look.trip)) continue
      const value = values[i] as T
      this.cache.put(part.member, part.part, { value, trip: look.trip, bytes: reading.bytesOf(value) })
    }
  }
}
