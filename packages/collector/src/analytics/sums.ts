/** Arithmetic on sums by code. Nothing here knows where they come from. */
import { type BucketRows, type Cell, CODE, callsCode, ERROR_TYPES, OUTCOMES, type Sums } from '@aiwatch/store'
import type { Window } from './windows.ts'

const CALL_CODES = OUTCOMES.map(callsCode)
const ERROR_CODES = ERROR_TYPES.map(callsCode)

/** Adds by code. */
export function addSums(into: Sums, from: ReadonlyMap<number, number>): void {
  // A loop over the entries would make an array of each.
  from.forEach((value, code) => {
    into.set(code, (into.get(code) ?? 0) + value)
  })
}

function sumOf(sums: Sums, codes: readonly number[]): number {
  let total = 0
  for (const code of codes) total += sums.get(code) ?? 0
  return total
}

/** Calls of every outcome. */
export function countCalls(sums: Sums): number {
  return sumOf(sums, CALL_CODES)
}

/** Calls whose outcome is an error; a call that the caller left is none. */
export function countErrors(sums: Sums): number {
  return sumOf(sums, ERROR_CODES)
}

/** Share of calls that ended in an error, 0–1; 0 without calls. */
export function errorRate(sums: Sums): number {
  const calls = countCalls(sums)
  return calls === 0 ? 0 : countErrors(sums) / calls
}

export function mergeAll(byCell: Map<string, Sums>): Sums {
  const merged: Sums = new Map()
  for (const sums of byCell.values()) addSums(merged, sums)
  return merged
}

/** Sums of the buckets inside a window, per cell. */
export function sumBuckets(buckets: readonly BucketRows[], { from, to }: Window): Map<string, Sums> {
  const byCell = new Map<string, Sums>()
  for (const bucket of buckets) {
    if (bucket.start < from || bucket.start >= to) continue
    for (const [cell, sums] of bucket.cells) {
      const into = byCell.get(cell)
      if (into) addSums(into, sums)
      else byCell.set(cell, new Map(sums))
    }
  }
  return byCell
}

export type CellNames = Omit<Cell, 'id'>

const UNKNOWN: CellNames = { app: 'unknown', provider: 'unknown', model: 'unknown' }

/** Names of a cell. One whose names are not known yet (its writer's first batch is under way) is `unknown`. */
export function namesOf(cells: Map<string, Cell>, id: string): CellNames {
  return cells.get(id) ?? UNKNOWN
}

export function modelOf(cells: Map<string, Cell>, id: string): string {
  return namesOf(cells, id).model
}

/** Sums per value of one name of a cell, the others together. */
export function byName(byCell: Map<string, Sums>, cells: Map<string, Cell>, name: keyof CellNames): Map<string, Sums> {
  const groups = new Map<string, Sums>()
  for (const [id, sums] of byCell) {
    const group = namesOf(cells, id)[name]
    const into = groups.get(group)
    if (into) addSums(into, sums)
    else groups.set(group, new Map(sums))
  }
  return groups
}

/** Sums per model: apps and providers together. */
export function byModel(byCell: Map<string, Sums>, cells: Map<string, Cell>): Map<string, Sums> {
  return byName(byCell, cells, 'model')
}

/** Input and output tokens per minute over the window. */
export function tokenRates(buckets: readonly BucketRows[], window: Window): { input: number; output: number } {
  const sums = mergeAll(sumBuckets(buckets, window))
  const minutes = (window.to - window.from) / 60
  return { input: (sums.get(CODE.inputTokens) ?? 0) / minutes, output: (sums.get(CODE.outputTokens) ?? 0) / minutes }
}
