import type { SparseVector, Tier } from '../series-catalogue.ts'

/** Sums by cell id. Cells without data are absent. */
export type CellVectors = ReadonlyMap<string, SparseVector>

/** One value by cell id: the sum of some codes. Cells that have none of them are absent. */
export type CellValues = ReadonlyMap<string, number>

export interface MetricQuestion {
  tier: Tier
  codes: readonly number[]
  /** Only of these cells (ids). Default: all. */
  cells?: ReadonlySet<string> | undefined
}

/**
 * How the series of a tenant are read; one implementation per way of keeping them. All issue their commands before they return,
 * so that what is asked together shares a round trip.
 */
export interface SeriesStore {
  /** Whole buckets, in the order asked; empty ones without cells. Starts are seconds since the epoch. */
  readBuckets(tier: Tier, starts: readonly number[]): Promise<CellVectors[]>
  /** The sums of one cell in these buckets, in the order asked; an empty vector where it has none. */
  readCell(tier: Tier, cell: string, starts: readonly number[]): Promise<SparseVector[]>
  /** One metric in these buckets, in the order asked. */
  readMetric(question: MetricQuestion, starts: readonly number[]): Promise<CellValues[]>
  /** True for a bucket that is read whole whatever is asked of all its cells: then it had better be kept whole. */
  isWhole(tier: Tier, start: number): boolean
}

/** The sum of some codes; undefined when the vector has none of them. */
export function sumOfCodes(vector: SparseVector, codes: readonly number[]): number | undefined {
  let sum: number | undefined
  for (let i = 0; i + 1 < vector.length; i += 2) if (codes.includes(vector[i] as number)) sum = (sum ?? 0) + (vector[i + 1] as number)
  return sum
}

/** One metric of whole vectors. */
export function valuesOfCells(cells: Iterable<[cell: string, vector: SparseVector]>, codes: readonly number[]): Map<string, number> {
  const values = new Map<string, number>()
  for (const [cell, vector] of cells) {
    const value = sumOfCodes(vector, codes)
    if (value !== undefined) values.set(cell, value)
  }
  return values
}
