/** Counters of latency sketches. Calls go into minutes (and, all cells together, 10 s); each level is added to the next after it was given out. */
import {
  bucketStart,
  type Call,
  SKETCH_KINDS,
  SKETCH_LEVELS,
  type SketchKind,
  type SketchLevel,
  type SparseVector,
  sketchIndex,
} from '@aiwatch/store'
import type { CellEntry } from './cell-registry.ts'
import type { RowsBuilder } from './rows-builder.ts'

type Counters = Map<number, number>
type Sketches = Partial<Record<SketchKind, Counters>>
type Buckets = Map<number, Map<CellEntry, Sketches>>

/** Heap of a counter and of an empty sketch in bytes; measured. */
const COUNTER_BYTES = 40
const SKETCH_BYTES = 300

function toCounts(counters: Counters): SparseVector {
  return [...counters].sort((a, b) => a[0] - b[0]).flat()
}

export class SketchRows {
  /** Latency of all cells together. */
  private readonly tens = new Map<number, Counters>()
  private readonly minutes: Buckets = new Map()
  private readonly hours: Buckets = new Map()
  private readonly days: Buckets = new Map()
  private counterCount = 0
  private sketchCount = 0
  private lastStart = Number.NaN
  private lastTen: Counters = new Map()
  private lastMinute: Map<CellEntry, Sketches> = new Map()

  get bytes(): number {
    return this.counterCount * COUNTER_BYTES + this.sketchCount * SKETCH_BYTES
  }

  get isEmpty(): boolean {
    return this.sketchCount === 0
  }

  add(entry: CellEntry, call: Call, endedMs: number): void {
    const start = bucketStart(endedMs, SKETCH_LEVELS['10s'].seconds)
    if (start !== this.lastStart) {
      this.lastTen = this.tens.get(start) ?? this.newCounters()
      this.tens.set(start, this.lastTen)
      this.lastMinute = this.bucket(this.minutes, bucketStart(endedMs, SKETCH_LEVELS['1m'].seconds))
      this.lastStart = start
    }
    let sketches = this.lastMinute.get(entry)
    if (!sketches) {
      sketches = {}
      this.lastMinute.set(entry, sketches)
    }
    const index = sketchIndex(call.durationMs)
    this.count(this.lastTen, index, 1)
    this.count(this.counters(sketches, 'latency'), index, 1)
    if (call.timeToFirstTokenMs !== undefined) this.count(this.counters(sketches, 'first_token'), sketchIndex(call.timeToFirstTokenMs), 1)
    if (call.timePerOutputTokenMs !== undefined) {
      this.count(this.counters(sketches, 'per_output_token'), sketchIndex(call.timePerOutputTokenMs), 1)
    }
  }

  drainTens(builder: RowsBuilder): void {
    for (const [start, counters] of this.tens) {
      builder.rows.sketches.push({ level: '10s', start, kind: 'latency', cell: 'all', counts: toCounts(counters) })
    }
    this.dropTens(Number.POSITIVE_INFINITY)
  }

  drainMinutes(builder: RowsBuilder): void {
    this.giveOut(this.minutes, '1m', builder)
    this.foldMinutes(Number.POSITIVE_INFINITY)
  }

  /** Hours and days. The minutes were drained before. */
  drainLong(builder: RowsBuilder): void {
    this.giveOut(this.hours, '1h', builder)
    this.foldHours()
    this.giveOut(this.days, '1d', builder)
    for (const cells of this.days.values()) {
      for (const sketches of cells.values()) for (const counters of Object.values(sketches)) this.forget(counters)
    }
    this.days.clear()
  }

  /** Gives up the 10 s sketches that begin before `seconds`: the minutes hold the same. */
  dropTens(beforeSeconds: number): void {
    for (const [start, counters] of this.tens) {
      if (start >= beforeSeconds) continue
      this.forget(counters)
      this.tens.delete(start)
    }
    this.lastStart = Number.NaN
  }

  /** Adds the minutes that begin before `seconds` to their hours. */
  foldMinutes(beforeSeconds: number): void {
    this.fold(this.minutes, this.hours, '1h', beforeSeconds)
    this.lastStart = Number.NaN
  }

  /** Adds all hours to their days. */
  foldHours(): void {
    this.fold(this.hours, this.days, '1d', Number.POSITIVE_INFINITY)
  }

  private bucket(buckets: Buckets, start: number): Map<CellEntry, Sketches> {
    let cells = buckets.get(start)
    if (!cells) {
      cells = new Map()
      buckets.set(start, cells)
    }
    return cells
  }

  private counters(sketches: Sketches, kind: SketchKind): Counters {
    let counters = sketches[kind]
    if (!counters) {
      counters = this.newCounters()
      sketches[kind] = counters
    }
    return counters
  }

  private newCounters(): Counters {
    this.sketchCount++
    return new Map()
  }

  private count(counters: Counters, index: number, by: number): void {
    const before = counters.get(index)
    if (before === undefined) this.counterCount++
    counters.set(index, (before ?? 0) + by)
  }

  private forget(counters: Counters): void {
    this.sketchCount--
    this.counterCount -= counters.size
  }

  private merge(into: Counters, from: Counters): void {
    for (const [index, count] of from) this.count(into, index, count)
    this.forget(from)
  }

  private giveOut(buckets: Buckets, level: SketchLevel, builder: RowsBuilder): void {
    for (const [start, cells] of buckets) {
      const all: Record<SketchKind, Counters> = { latency: new Map(), first_token: new Map(), per_output_token: new Map() }
      for (const [entry, sketches] of cells) {
        for (const kind of SKETCH_KINDS) {
          const counters = sketches[kind]
          if (!counters) continue
          for (const [index, count] of counters) all[kind].set(index, (all[kind].get(index) ?? 0) + count)
          builder.rows.sketches.push({ level, start, kind, cell: builder.cellIndex(entry), counts: toCounts(counters) })
        }
      }
      for (const kind of SKETCH_KINDS) {
        if (all[kind].size > 0) builder.rows.sketches.push({ level, start, kind, cell: 'all', counts: toCounts(all[kind]) })
      }
    }
  }

  private fold(from: Buckets, into: Buckets, intoLevel: SketchLevel, beforeSeconds: number): void {
    for (const [start, cells] of from) {
      if (start >= beforeSeconds) continue
      const target = this.bucket(into, bucketStart(start * 1000, SKETCH_LEVELS[intoLevel].seconds))
      for (const [entry, sketches] of cells) {
        const existing = target.get(entry)
        if (!existing) {
          target.set(entry, sketches)
          continue
        }
        for (const kind of SKETCH_KINDS) {
          const counters = sketches[kind]
          if (!counters) continue
          const sum = existing[kind]
          if (sum) this.merge(sum, counters)
          else existing[kind] = counters
        }
      }
      from.delete(start)
    }
  }
}
