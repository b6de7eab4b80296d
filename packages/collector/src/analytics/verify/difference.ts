/** What an audit finds, and when two sums count as equal. */
import { CODE, metricOfCode, SUM_CODES, type Sums } from '@aiwatch/store'

export type CheckName = 'tiers' | 'totals' | 'histogram' | 'sketches' | 'boards' | 'users' | 'published'

/** Two figures that should be equal (or one at most the other) and are not. */
export interface Difference {
  check: CheckName
  /** What is compared, in words. */
  what: string
  /** Id of the cell; undefined for figures of all together. */
  cell?: string
  /** Name of the metric with its direction or outcome, such as `tokens output`. */
  metric: string
  expected: number
  found: number
  /** Redis keys to look at; the one that is likely wrong first. */
  keys: string[]
  /** Why the figures may differ all the same; it is no fault then. */
  explained?: string
}

/** Sums of milliseconds are kept with three decimals. */
const MILLISECONDS_TOLERANCE = 1e-4
const RELATIVE_TOLERANCE = 1e-9

/** Whole numbers to the bit, sums of milliseconds to their last decimal. */
export function isEqual(code: number, a: number, b: number): boolean {
  if (a === b) return true
  if (code < CODE.durationMs || code > CODE.decodeMs) return false
  return Math.abs(a - b) <= Math.max(MILLISECONDS_TOLERANCE, RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)))
}

export function nameOfCode(code: number): string {
  const entry = metricOfCode(code)
  if (!entry) return `code ${code}`
  return entry.split === undefined ? entry.metric.name : `${entry.metric.name} ${entry.split}`
}

/** Codes of the catalogue in either; those of the latency histogram are left out. */
export function codesIn(...all: (Sums | undefined)[]): Set<number> {
  const codes = new Set<number>()
  for (const sums of all) for (const code of sums?.keys() ?? []) if (code < SUM_CODES) codes.add(code)
  return codes
}

export type CellSums = Map<string, Sums>

export function addCells(into: CellSums, from: ReadonlyMap<string, Sums>): void {
  for (const [cell, sums] of from) {
    const held = into.get(cell)
    if (!held) into.set(cell, new Map(sums))
    else for (const [code, value] of sums) held.set(code, (held.get(code) ?? 0) + value)
  }
}

export const sumAt = (cells: CellSums, cell: string, code: number): number => cells.get(cell)?.get(code) ?? 0
