/** Adds calls up into the rows of a batch. One call costs a few microseconds and no I/O; rows are given out by `drain`. */
import { type BatchRows, type Call, emptyIntegrity, endedAt, MAX_CELLS, type WriterIntegrity } from '@aiwatch/store'
import type { DrainLevel, RowSource } from '../batch-rows.ts'
import { CellRegistry } from './cell-registry.ts'
import { ErrorRows } from './error-rows.ts'
import { RecentCalls } from './recent-calls.ts'
import { RowsBuilder } from './rows-builder.ts'
import { SeriesRows } from './series-rows.ts'
import { SketchRows } from './sketch-rows.ts'
import { TagRows } from './tag-rows.ts'
import { UserRows } from './user-rows.ts'

export interface RollupSettings {
  /** Bound on the memory of rows and of what `heldElsewhereBytes` tells, in bytes. */
  maxBytes: number
  /** Bytes that the rest of the SDK holds. Default: 0. */
  heldElsewhereBytes?(): number
  /** Told why something of a call that was counted is missing. */
  onFailed?(error: unknown): void
  /** Milliseconds since the epoch; for tests. */
  now?(): number
  /** From 0 to 1; for tests. */
  random?(): number
}

/** Rows of the last seconds are left alone when memory is short: they are what people look at. */
const FRESH_SECONDS = 60
/** Shedding goes on until this share of the bound is held, so that it does not begin anew with the next call. */
const SHED_TO = 0.8

export class Rollup implements RowSource {
  private readonly settings: RollupSettings
  private readonly cells = new CellRegistry()
  private readonly series = new SeriesRows()
  private readonly sketches = new SketchRows()
  private readonly users = new UserRows()
  private readonly tags = new TagRows()
  private readonly errors = new ErrorRows()
  private readonly recent: RecentCalls
  private integrity: WriterIntegrity = emptyIntegrity()
  callsSinceDrain = 0
  /** Since the beginning; what `stats()` tells. */
  readonly counted: WriterIntegrity = emptyIntegrity()

  constructor(settings: RollupSettings) {
    this.settings = settings
    this.recent = new RecentCalls(settings.random)
  }

  /** Heap held by rows, estimated, in bytes. */
  get bytes(): number {
    return this.series.bytes + this.sketches.bytes + this.users.bytes + this.tags.bytes + this.errors.bytes + this.recent.bytes
  }

  get hasRows(): boolean {
    const rows = [this.series, this.sketches, this.users, this.tags, this.errors, this.recent]
    return rows.some((each) => !each.isEmpty) || Object.values(this.integrity).some((count) => count > 0)
  }

  /**
   * Counts a call; false when memory is so short that it was dropped (and counted as that). Throws when the call could not be counted; what goes
   * wrong once it is in the series is told to `onFailed`.
   */
  add(call: Call): boolean {
    if (this.isFull() && !this.shed()) {
      this.count('dropped', 1)
      return false
    }
    const endedMs = endedAt(call)
    const entry = this.entryOf(call)
    this.series.add(entry, call, endedMs)
    this.callsSinceDrain++
    try {
      this.sketches.add(entry, call, endedMs)
      this.users.add(entry, call, endedMs)
      this.tags.add(call, endedMs)
      this.errors.add(entry, call, endedMs)
      this.recent.add(call)
    } catch (error) {
      this.settings.onFailed?.(error)
    }
    return true
  }

  noteUnparsed(): void {
    this.count('unparsed', 1)
  }

  noteResent(batches: number): void {
    this.count('resent', batches)
  }

  noteDropped(calls: number): void {
    this.count('dropped', calls)
  }

  drain(level: DrainLevel): BatchRows | null {
    const builder = new RowsBuilder(this.integrity)
    this.series.drainTens(builder)
    if (level !== 'fast') this.drainSlow(builder)
    if (level === 'users' || level === 'all') this.drainMembers(builder)
    if (level === 'all') {
      this.sketches.drainLong(builder)
      // Only now nothing that waits names a cell.
      if (this.cells.size >= MAX_CELLS) this.cells.clear()
    }
    this.callsSinceDrain = 0
    if (builder.isEmpty) return null
    this.integrity = emptyIntegrity()
    return builder.rows
  }

  private readonly entryOf = ({ app, provider, model }: Call) => this.cells.find(app, provider, model)

  private drainSlow(builder: RowsBuilder): void {
    this.series.drainCoarse(builder)
    this.sketches.drainTens(builder)
    this.sketches.drainMinutes(builder)
    this.users.drainSeen(builder)
    this.errors.drain(builder)
    this.recent.drain(builder, this.entryOf)
  }

  private drainMembers(builder: RowsBuilder): void {
    this.users.drainTotals(builder, (number) => this.cells.byNumber(number))
    this.tags.drain(builder)
  }

  private isFull(): boolean {
    return this.heldBytes() > this.settings.maxBytes
  }

  private heldBytes(): number {
    return this.bytes + (this.settings.heldElsewhereBytes?.() ?? 0)
  }

  /**
   * Gives up detail until there is room, in the order in which it is missed least: 10 s rows that the hour holds as well, 1 min rows,
   * single calls, latency by the hour, who the users and tags were. Totals stay exact. False when all of that was not enough.
   */
  private shed(): boolean {
    const target = this.settings.maxBytes * SHED_TO
    const nowSeconds = (this.settings.now?.() ?? Date.now()) / 1000
    for (const step of this.shedSteps(nowSeconds - FRESH_SECONDS)) {
      step()
      if (this.heldBytes() <= target) break
    }
    return !this.isFull()
  }

  private *shedSteps(freshSeconds: number): Iterable<() => void> {
    for (const beforeSeconds of [freshSeconds, Number.POSITIVE_INFINITY]) {
      yield () => this.coarsenTens(beforeSeconds)
      yield () => this.coarsenMinutes(beforeSeconds)
    }
    yield () => this.recent.drop()
    yield () => this.sketches.foldHours()
    yield () => this.foldMembers()
  }

  private coarsenTens(beforeSeconds: number): void {
    this.count('coarsened', this.series.foldTens(beforeSeconds))
    this.sketches.dropTens(beforeSeconds)
  }

  private coarsenMinutes(beforeSeconds: number): void {
    this.count('coarsened', this.series.foldMinutes(beforeSeconds))
    this.sketches.foldMinutes(beforeSeconds)
  }

  private foldMembers(): void {
    this.count('foldedUsers', this.users.fold())
    this.tags.fold()
  }

  private count(name: keyof WriterIntegrity, by: number): void {
    this.integrity[name] += by
    this.counted[name] += by
  }
}
