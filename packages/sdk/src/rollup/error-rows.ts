/** Calls that ended in an error, by type and cell. */
import { type Call, CODE, type ErrorType, isError } from '@aiwatch/store'
import type { CellEntry } from './cell-registry.ts'
import type { RowsBuilder } from './rows-builder.ts'

interface Pattern {
  calls: number
  firstSeenMs: number
  lastSeenMs: number
}

/** Heap of one pattern in bytes; measured. */
const PATTERN_BYTES = 160

export class ErrorRows {
  private readonly patterns = new Map<ErrorType, Map<CellEntry, Pattern>>()
  private count = 0

  get bytes(): number {
    return this.count * PATTERN_BYTES
  }

  get isEmpty(): boolean {
    return this.count === 0
  }

  add(entry: CellEntry, call: Call, endedMs: number): void {
    if (!isError(call.outcome)) return
    const atMs = Math.round(endedMs)
    let byCell = this.patterns.get(call.outcome)
    if (!byCell) {
      byCell = new Map()
      this.patterns.set(call.outcome, byCell)
    }
    const pattern = byCell.get(entry)
    if (!pattern) {
      byCell.set(entry, { calls: 1, firstSeenMs: atMs, lastSeenMs: atMs })
      this.count++
      return
    }
    pattern.calls++
    if (atMs > pattern.lastSeenMs) pattern.lastSeenMs = atMs
    if (atMs < pattern.firstSeenMs) pattern.firstSeenMs = atMs
  }

  drain(builder: RowsBuilder): void {
    for (const [type, byCell] of this.patterns) {
      for (const [entry, { calls, firstSeenMs, lastSeenMs }] of byCell) {
        const values = [CODE.calls, calls, CODE.lastSeenMs, lastSeenMs, CODE.firstSeenMs, firstSeenMs]
        builder.rows.errors.push({ type, cell: builder.cellIndex(entry), values })
      }
    }
    this.patterns.clear()
    this.count = 0
  }
}
