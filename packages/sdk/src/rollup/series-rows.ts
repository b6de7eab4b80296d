/** Sums per cell and time bucket. Calls go into 10 s rows only; each row is added to the next coarser one after it was given out. */
import { bucketStart, type Call, CODE, LATENCY_BUCKETS_SECONDS, latencyHistogramCode, TIERS, type Tier } from '@aiwatch/store'
import { addCall, mergeSums, newSums, roundMilliseconds, type Sums, toSparse } from './call-sums.ts'
import type { CellEntry } from './cell-registry.ts'
import type { RowsBuilder } from './rows-builder.ts'

type Rows = Map<CellEntry, Sums>
type Buckets = Map<number, Rows>

const HISTOGRAM_CODES = LATENCY_BUCKETS_SECONDS.length + 1
/** Heap of one row (40 doubles, its typed array and map entry) and of a cell's histogram, in bytes; measured. */
const ROW_BYTES = 620
const HISTOGRAM_BYTES = 320

export class SeriesRows {
  private readonly tens: Buckets = new Map()
  private readonly minutes: Buckets = new Map()
  private readonly hours: Buckets = new Map()
  private readonly histograms = new Map<CellEntry, Float64Array>()
  private rowCount = 0
  private lastStart = Number.NaN
  private lastRows: Rows = new Map()

  get bytes(): number {
    return this.rowCount * ROW_BYTES + this.histograms.size * HISTOGRAM_BYTES
  }

  get isEmpty(): boolean {
    return this.rowCount === 0
  }

  add(entry: CellEntry, call: Call, endedMs: number): void {
    const start = bucketStart(endedMs, TIERS['10s'].seconds)
    if (start !== this.lastStart) {
      this.lastRows = this.rowsAt(this.tens, start)
      this.lastStart = start
    }
    const row = this.row(this.lastRows, entry)
    let histogram = this.histograms.get(entry)
    if (!histogram) {
      histogram = new Float64Array(HISTOGRAM_CODES)
      this.histograms.set(entry, histogram)
    }
    const bucket = latencyHistogramCode(call.durationMs) - CODE.latencyHistogram
    addCall(row, call)
    histogram[bucket] = (histogram[bucket] as number) + 1
  }

  drainTens(builder: RowsBuilder): void {
    this.giveOut(this.tens, '10s', builder)
    this.foldTens(Number.POSITIVE_INFINITY)
  }

  /** Rows of 1 min and 1 h, and the totals. The 10 s rows were drained before. */
  drainCoarse(builder: RowsBuilder): void {
    this.giveOut(this.minutes, '1m', builder)
    this.foldMinutes(Number.POSITIVE_INFINITY)
    this.giveOut(this.hours, '1h', builder)
    this.drainTotals(builder)
  }

  /** Gives up 10 s rows that begin before `seconds`, for the hour. Returns how many there were. */
  foldTens(beforeSeconds: number): number {
    const folded = this.fold(this.tens, this.minutes, '1m', beforeSeconds)
    this.lastStart = Number.NaN
    return folded
  }

  foldMinutes(beforeSeconds: number): number {
    return this.fold(this.minutes, this.hours, '1h', beforeSeconds)
  }

  private rowsAt(buckets: Buckets, start: number): Rows {
    let rows = buckets.get(start)
    if (!rows) {
      rows = new Map()
      buckets.set(start, rows)
    }
    return rows
  }

  private row(rows: Rows, entry: CellEntry): Sums {
    let sums = rows.get(entry)
    if (!sums) {
      sums = newSums()
      rows.set(entry, sums)
      this.rowCount++
    }
    return sums
  }

  private giveOut(buckets: Buckets, tier: Tier, builder: RowsBuilder): void {
    for (const [start, rows] of buckets) {
      for (const [entry, sums] of rows) {
        roundMilliseconds(sums)
        builder.rows.series.push({ tier, start, cell: builder.cellIndex(entry), values: toSparse(sums) })
      }
    }
  }

  private fold(from: Buckets, into: Buckets, intoTier: Tier, beforeSeconds: number): number {
    let folded = 0
    for (const [start, rows] of from) {
      if (start >= beforeSeconds) continue
      const target = this.rowsAt(into, bucketStart(start * 1000, TIERS[intoTier].seconds))
      for (const [entry, sums] of rows) {
        const existing = target.get(entry)
        if (existing) {
          mergeSums(existing, sums)
          this.rowCount--
        } else target.set(entry, sums)
        folded++
      }
      from.delete(start)
    }
    return folded
  }

  private drainTotals(builder: RowsBuilder): void {
    const totals: Rows = new Map()
    for (const rows of this.hours.values()) {
      for (const [entry, sums] of rows) {
        const existing = totals.get(entry)
        if (existing) mergeSums(existing, sums)
        else totals.set(entry, sums)
        this.rowCount--
      }
    }
    for (const [entry, sums] of totals) {
      roundMilliseconds(sums)
      const values = toSparse(sums).concat(toSparse(this.histograms.get(entry) ?? [], CODE.latencyHistogram))
      builder.rows.totals.push({ cell: builder.cellIndex(entry), values })
    }
    this.hours.clear()
    this.histograms.clear()
  }
}
