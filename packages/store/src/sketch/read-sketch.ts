import { SKETCH_LETTERS } from '../apply/encode-batch.ts'
import type { SketchKind } from '../batch.ts'
import type { TenantKeys } from '../keys.ts'
import type { BucketPart, CachedBuckets } from '../read/cached-buckets.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { asBuffers } from '../read/replies.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import { keptStarts } from '../series/bucket-range.ts'
import { SETTLE_SECONDS, SKETCH_LEVELS, type SketchLevel, type SparseVector } from '../series-catalogue.ts'
import { unpackCounters } from '../unpack-counters.ts'
import { mergeSketches, type SketchCounters } from './ddsketch.ts'

/** Field of a sketch bucket. */
function sketchField(kind: SketchKind, cell: string): string {
  return `${SKETCH_LETTERS[kind]}:${cell}`
}

/** No such field counts nothing. */
function decodeCounters(packed: Buffer | null | undefined, corrupt: CorruptFields): SparseVector {
  return packed ? (corrupt.attempt(() => unpackCounters(packed)) ?? []) : []
}

interface SketchPart extends BucketPart {
  start: number
}

export interface SketchQuestion {
  level: SketchLevel
  kind: SketchKind
  fromSeconds: number
  toSeconds: number
  /** Undefined: all together. */
  cells?: ReadonlySet<string> | undefined
}

export interface SketchBucket {
  start: number
  counters: SketchCounters
}

export interface SketchSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  cached: CachedBuckets
  nowSeconds: () => number
}

export class SketchReading {
  private readonly sources: SketchSources

  constructor(sources: SketchSources) {
    this.sources = sources
  }

  /** All buckets together. */
  async merged(question: SketchQuestion): Promise<SketchCounters> {
    return mergeSketches(await this.read(question.level, this.partsOf(question)))
  }

  /** Bucket by bucket, oldest first; empty ones are left out. */
  async apart(question: SketchQuestion): Promise<SketchBucket[]> {
    const parts = this.partsOf(question)
    const buckets = new Map<number, SketchCounters[]>()
    for (const [i, vector] of (await this.read(question.level, parts)).entries()) {
      if (vector.length === 0) continue
      const { start } = parts[i] as SketchPart
      const held = buckets.get(start)
      if (held) held.push(vector)
      else buckets.set(start, [vector])
    }
    return [...buckets].map(([start, sketches]) => ({ start, counters: mergeSketches(sketches) }))
  }

  /** Cell by cell, and bucket by bucket; what is empty is left out. One command per bucket, however many cells. */
  async byCell(question: SketchQuestion & { cells: ReadonlySet<string> }): Promise<Map<string, SketchBucket[]>> {
    const parts = this.partsOf(question)
    const found = new Map<string, SketchBucket[]>()
    for (const [i, counters] of (await this.read(question.level, parts)).entries()) {
      if (counters.length === 0) continue
      const { start, part } = parts[i] as SketchPart
      const cell = part.slice(part.indexOf(':') + 1)
      const buckets = found.get(cell)
      if (buckets) buckets.push({ start, counters })
      else found.set(cell, [{ start, counters }])
    }
    return found
  }

  private partsOf({ level, kind, fromSeconds, toSeconds, cells }: SketchQuestion): SketchPart[] {
    if (level === '10s' && (cells || kind !== 'latency')) {
      throw new RangeError('sketches at level 10s hold only the latency of all cells together: ask for level 1m or above')
    }
    const fields = cells ? [...cells].map((cell) => sketchField(kind, cell)) : [sketchField(kind, 'all')]
    const { seconds } = SKETCH_LEVELS[level]
    return keptStarts(SKETCH_LEVELS[level], fromSeconds, toSeconds, this.sources.nowSeconds()).flatMap((start) =>
      fields.map((part) => ({ member: `k${level}:${start}`, part, start, cacheableFromSeconds: start + seconds + SETTLE_SECONDS })),
    )
  }

  private read(level: SketchLevel, parts: SketchPart[]): Promise<SparseVector[]> {
    return this.sources.cached.through<SketchPart, SparseVector>({
      parts,
      read: (missing) => this.fetch(level, missing),
      bytesOf: (vector) => 16 + vector.length * 8,
    })
  }

  /** One HMGET per bucket; the parts of a bucket follow each other. */
  private async fetch(level: SketchLevel, parts: SketchPart[]): Promise<SparseVector[]> {
    const { keys, trips, corrupt } = this.sources
    const fields = new Map<number, string[]>()
    for (const { start, part } of parts) {
      const asked = fields.get(start)
      if (asked) asked.push(part)
      else fields.set(start, [part])
    }
    const replies = await Promise.all(
      [...fields].map(async ([start, asked]) => {
        const values = asBuffers(await trips.ask('HMGET', [keys.sketch(level, start), ...asked]))
        return asked.map((_, i) => decodeCounters(values[i], corrupt))
      }),
    )
    return replies.flat()
  }
}
