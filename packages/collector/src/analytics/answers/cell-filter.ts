import type { Cell } from '@aiwatch/store'

/** Names of which a cell must have one; undefined: any. */
export interface CellFilter {
  app?: readonly string[] | undefined
  provider?: readonly string[] | undefined
  model?: readonly string[] | undefined
}

const PARTS = ['app', 'provider', 'model'] as const

export function isFiltered(filter: CellFilter): boolean {
  return PARTS.some((part) => filter[part] !== undefined)
}

/** Ids of the cells that the filter lets through; undefined when it lets all through. */
export function cellsThrough(filter: CellFilter, cells: Map<string, Cell>): ReadonlySet<string> | undefined {
  if (!isFiltered(filter)) return undefined
  const through = new Set<string>()
  for (const cell of cells.values()) if (PARTS.every((part) => filter[part]?.includes(cell[part]) ?? true)) through.add(cell.id)
  return through
}
