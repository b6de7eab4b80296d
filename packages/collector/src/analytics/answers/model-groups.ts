/** Cells by the model that they share. */
import type { Cell, Sums } from '@aiwatch/store'
import { addSums, type CellNames, namesOf } from '../sums.ts'

export interface ModelGroup {
  model: string
  cells: string[]
  providers: string[]
  apps: string[]
  sums: Sums
}

interface Group {
  ids: string[]
  named: CellNames[]
  sums: Sums
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

export function groupByModel(sums: Map<string, Sums>, cells: Map<string, Cell>): ModelGroup[] {
  const groups = new Map<string, Group>()
  for (const [id, own] of sums) {
    const cell = namesOf(cells, id)
    const group: Group = groups.get(cell.model) ?? { ids: [], named: [], sums: new Map() }
    groups.set(cell.model, group)
    group.ids.push(id)
    group.named.push(cell)
    addSums(group.sums, own)
  }
  return [...groups].map(([model, { ids, named, sums: total }]) => ({
    model,
    cells: ids,
    providers: sorted(named.map((cell) => cell.provider)),
    apps: sorted(named.map((cell) => cell.app)),
    sums: total,
  }))
}
