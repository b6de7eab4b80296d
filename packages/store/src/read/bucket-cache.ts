/**
 * Decoded closed buckets, least recently used ones dropped first. Keyed by the name under which late writes announce a bucket, and by
 * a part of it: all of them go together.
 */
export interface CachedPart<T> {
  value: T
  /** The round trip in which it was read. */
  trip: number
}

interface Bucket {
  bytes: number
  parts: Map<string, CachedPart<unknown>>
}

/** What a bucket and a part take in memory beside their values: maps, entries and keys. Measured on Node 24, rounded up. */
const BUCKET_OVERHEAD_BYTES = 300
const PART_OVERHEAD_BYTES = 120

export class BucketCache {
  private readonly limitBytes: number
  private readonly buckets = new Map<string, Bucket>()
  private heldBytes = 0

  /** Holds about `limitBytes` at most; 0 caches nothing. */
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get bytes(): number {
    return this.heldBytes
  }

  get(member: string, part: string): CachedPart<unknown> | undefined {
    const bucket = this.buckets.get(member)
    if (!bucket) return undefined
    // A Map keeps the order of insertion: this makes the bucket the youngest.
    this.buckets.delete(member)
    this.buckets.set(member, bucket)
    return bucket.parts.get(part)
  }

  put(member: string, part: string, entry: CachedPart<unknown> & { bytes: number }): void {
    let bucket = this.buckets.get(member)
    if (!bucket) {
      bucket = { bytes: BUCKET_OVERHEAD_BYTES, parts: new Map() }
      this.heldBytes += BUCKET_OVERHEAD_BYTES
      this.buckets.set(member, bucket)
    }
    if (!bucket.parts.has(part)) {
      bucket.bytes += entry.bytes + PART_OVERHEAD_BYTES
      this.heldBytes += entry.bytes + PART_OVERHEAD_BYTES
    }
    bucket.parts.set(part, { value: entry.value, trip: entry.trip })
    for (const oldest of this.buckets.keys()) {
      if (this.heldBytes <= this.limitBytes) break
      this.forget(oldest)
    }
  }

  forget(member: string): void {
    const bucket = this.buckets.get(member)
    if (!bucket) return
    this.buckets.delete(member)
    this.heldBytes -= bucket.bytes
  }

  clear(): void {
    this.buckets.clear()
    this.heldBytes = 0
  }
}
