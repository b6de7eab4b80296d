/** Reads the series that a filter admits, with their labels. */
import type { Cell, StoreReader } from '@aiwatch/store'
import type { Item } from './data-point.ts'
import { knownCells, learnCells } from './known-cells.ts'
import type { Labels } from './planned-query.ts'
import type { CellIds } from './read-stored.ts'

export interface Member<Value> {
  labels: Labels
  items: Item<Value>[]
}

/** A way to read some series of each cell. */
export interface CellReading<Value> {
  /** Labels beside those of the cell. */
  labels: Labels
  /** By cell id; undefined asks for every cell. Issues its commands before it returns. */
  read(cells: CellIds | undefined): Promise<Map<string, Item<Value>[]>>
}

export type Admits = ((cell: Cell) => boolean) | undefined

export function admittedIds(cells: Iterable<Cell>, admits: Admits): Set<string> {
  const ids = new Set<string>()
  for (const cell of cells) if (admits?.(cell) ?? true) ids.add(cell.id)
  return ids
}

interface Question<Value> {
  reader: StoreReader
  admits: Admits
  readings: readonly CellReading<Value>[]
  /** Whether a reading of every cell needs no ids. */
  readsAll: boolean
}

/** A bucket may hold a cell whose writer has not named it yet. */
function labelsOf(reader: StoreReader, cell: Cell | undefined, more: Labels): Labels {
  const { app = 'unknown', provider = 'unknown', model = 'unknown' } = cell ?? {}
  return { tenant: reader.tenant, app, provider, model, ...more }
}

/**
 * The ids come from the names known before, so that names and values share a round trip. Cells that turn out to be new are read in a
 * second one.
 */
export async function readMembers<Value>({ reader, admits, readings, readsAll }: Question<Value>): Promise<Member<Value>[]> {
  const asked = admits || !readsAll ? admittedIds(knownCells(reader).values(), admits) : undefined
  const readAll = (ids: CellIds | undefined) => Promise.all(readings.map(({ read }) => (ids?.size === 0 ? new Map() : read(ids))))
  const [cells, first] = await Promise.all([learnCells(reader), readAll(asked)])
  const late = new Set(asked ? [...admittedIds(cells.values(), admits)].filter((id) => !asked.has(id)) : [])
  const second = late.size === 0 ? [] : await readAll(late)
  return readings.flatMap(({ labels }, at) =>
    [first, second].flatMap((found) =>
      [...(found[at] ?? [])].map(([id, items]): Member<Value> => ({ labels: labelsOf(reader, cells.get(id), labels), items })),
    ),
  )
}
