/** Names of a tenant's cells as they were last read: a filter is turned into ids before anything is asked. */
import type { Cell, StoreReader } from '@aiwatch/store'

/** The map is the reader's own and grows with its later answers. */
const known = new WeakMap<StoreReader, Map<string, Cell>>()

/** Empty before the first `learnCells`. */
export function knownCells(reader: StoreReader): ReadonlyMap<string, Cell> {
  return known.get(reader) ?? new Map()
}

export function hasLearnedCells(reader: StoreReader): boolean {
  return known.has(reader)
}

/** Names of all cells; shares the round trip of what is asked beside it. */
export async function learnCells(reader: StoreReader): Promise<Map<string, Cell>> {
  const cells = await reader.cells()
  known.set(reader, cells)
  return cells
}
