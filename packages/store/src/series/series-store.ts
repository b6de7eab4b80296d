import type { SparseVector, Tier } from '../series-catalogue.ts'

/** Sums by cell id. Cells without data are absent. */
export type CellVectors = ReadonlyMap<string, SparseVector>

/**
 * How the series of a tenant are read; one implementation per way of keeping them. All issue their commands before they return,
 * so that what is asked together shares a round trip.
 */
export interface SeriesStore {
  readonly backend: 'plain' | 'module'
  /** Whole buckets, in the order asked; empty ones without cells. Starts are seconds since the epoch. */
  readBuckets(tier: Tier, starts: readonly number[]): Promise<CellVectors[]>
  /** The sums of one cell in these buckets, in the order asked; an empty vector where it has none. */
  readCell(tier: Tier, cell: string, starts: readonly number[]): Promise<SparseVector[]>
}
