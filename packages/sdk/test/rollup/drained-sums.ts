/** Adds up drained rows, for comparison with a ledger. */
import type { BatchRows, SparseVector } from '@aiwatch/store'

export type Sums = Record<string, number>

export function addVector(into: Sums, prefix: string, vector: SparseVector): void {
  for (let i = 0; i + 1 < vector.length; i += 2) {
    const key = `${prefix}${vector[i]}`
    into[key] = (into[key] ?? 0) + (vector[i + 1] as number)
  }
}

/** Sums by code of the rows of a tier, or of the lifetime totals, all cells together. */
export function sumOf(batches: readonly BatchRows[], rows: '10s' | '1m' | '1h' | 'totals'): Sums {
  const sums: Sums = {}
  for (const batch of batches) {
    if (rows === 'totals') for (const row of batch.totals) addVector(sums, '', row.values)
    else for (const row of batch.series) if (row.tier === rows) addVector(sums, '', row.values)
  }
  return sums
}

/** Values observed in the sketches of a level and kind: of the cells, and of all together. */
export function sketchCounts(batches: readonly BatchRows[], level: string, kind: string): { cells: number; all: number } {
  const counted = { cells: 0, all: 0 }
  for (const batch of batches) {
    for (const row of batch.sketches) {
      if (row.level !== level || row.kind !== kind) continue
      const count = row.counts.reduce((sum, value, index) => sum + (index % 2 === 1 ? value : 0), 0)
      if (row.cell === 'all') counted.all += count
      else counted.cells += count
    }
  }
  return counted
}

/** What members gained on boards, by `board:member`. */
export function boardSums(batches: readonly BatchRows[]): Sums {
  const sums: Sums = {}
  for (const batch of batches) {
    for (const { board, entries } of batch.boards)
      for (const [member, gained] of entries) sums[`${board}:${member}`] = (sums[`${board}:${member}`] ?? 0) + gained
  }
  return sums
}

/** Codes of users, those of all users together. The two times are left out. */
export function userSums(batches: readonly BatchRows[]): { totals: Sums; cells: Sums } {
  const totals: Sums = {}
  const cells: Sums = {}
  for (const batch of batches) {
    for (const row of batch.users) {
      addVector(totals, '', row.totals.slice(0, -4))
      for (const [, values] of row.cells) addVector(cells, '', values)
    }
  }
  return { totals, cells }
}
