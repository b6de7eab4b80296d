import { type Batch, type Cell, emptyIntegrity } from '../batch.ts'
import type { SparseVector } from '../series-catalogue.ts'

export type BatchContents = Omit<Batch, 'sequence'>

/** Work of one script in units of about 2 µs of the server's CPU: a script blocks the server about 2 ms at most. */
const MAX_WEIGHT = 1000
/** Entries of a board or of a day that one row of a batch takes at most. */
const MAX_ENTRIES = 500

const ROW_WEIGHT = 1
const NUMBERS_PER_UNIT = 40
const ENTRY_WEIGHT = 0.5

const vectorWeight = (vector: SparseVector) => ROW_WEIGHT + vector.length / NUMBERS_PER_UNIT

/** A piece that stays whole: rows that must be applied together. */
interface Piece {
  weight: number
  addTo(part: Part): void
}

/** A batch in the making; cells are numbered anew, in the order of their first use. */
class Part {
  readonly contents: BatchContents
  weight = 0
  private readonly source: readonly Cell[]
  private readonly positions = new Map<number, number>()

  constructor(source: BatchContents) {
    this.source = source.cells
    this.contents = {
      version: source.version,
      tenant: source.tenant,
      writer: source.writer,
      cells: [],
      series: [],
      totals: [],
      sketches: [],
      seen: [],
      users: [],
      boards: [],
      errors: [],
      recent: [],
      days: [],
      integrity: emptyIntegrity(),
    }
  }

  cell(index: number): number {
    let position = this.positions.get(index)
    if (position === undefined) {
      position = this.contents.cells.push(this.source[index] as Cell) - 1
      this.positions.set(index, position)
      this.weight += ROW_WEIGHT
    }
    return position
  }
}

function* slices<Entry>(entries: readonly Entry[]): Generator<Entry[]> {
  for (let i = 0; i < entries.length; i += MAX_ENTRIES) yield entries.slice(i, i + MAX_ENTRIES)
}

/** The hours of a cell stay with its totals: a reader that adds all hours finds the totals. */
function* cellPieces({ series, totals }: BatchContents): Generator<Piece> {
  const rows = new Map<number, { hours: BatchContents['series']; totals: BatchContents['totals'] }>()
  const rowsOf = (cell: number) => {
    const found = rows.get(cell) ?? { hours: [], totals: [] }
    rows.set(cell, found)
    return found
  }
  for (const row of series) if (row.tier === '1h') rowsOf(row.cell).hours.push(row)
  for (const row of totals) rowsOf(row.cell).totals.push(row)
  for (const [cell, own] of rows) {
    const weight = [...own.hours, ...own.totals].reduce((sum, row) => sum + vectorWeight(row.values), 0)
    const addTo = (part: Part) => {
      for (const row of own.hours) part.contents.series.push({ ...row, cell: part.cell(cell) })
      for (const row of own.totals) part.contents.totals.push({ ...row, cell: part.cell(cell) })
    }
    yield { weight, addTo }
  }
  for (const row of series) {
    if (row.tier === '1h') continue
    yield { weight: vectorWeight(row.values), addTo: (part) => part.contents.series.push({ ...row, cell: part.cell(row.cell) }) }
  }
}

function* otherPieces(source: BatchContents): Generator<Piece> {
  for (const row of source.errors) {
    yield { weight: vectorWeight(row.values), addTo: (part) => part.contents.errors.push({ ...row, cell: part.cell(row.cell) }) }
  }
  for (const call of source.recent) yield { weight: ROW_WEIGHT, addTo: (part) => part.contents.recent.push(call) }
  for (const row of source.seen) yield { weight: ROW_WEIGHT + row.sessions.length, addTo: (part) => part.contents.seen.push(row) }
  for (const row of source.users) {
    const weight = row.cells.reduce((sum, [, values]) => sum + vectorWeight(values), 2 * ROW_WEIGHT + vectorWeight(row.totals))
    const addTo = (part: Part) => part.contents.users.push({ ...row, cells: row.cells.map(([cell, values]) => [part.cell(cell), values]) })
    yield { weight, addTo }
  }
  for (const row of source.boards) {
    for (const entries of slices(row.entries)) {
      yield { weight: entries.length * ENTRY_WEIGHT, addTo: (part) => part.contents.boards.push({ ...row, entries }) }
    }
  }
  for (const [start, users] of source.days) {
    for (const some of slices(users)) {
      yield { weight: some.length * ENTRY_WEIGHT, addTo: (part) => part.contents.days.push([start, some]) }
    }
  }
  for (const row of source.sketches) {
    const addTo = (part: Part) => part.contents.sketches.push(row.cell === 'all' ? row : { ...row, cell: part.cell(row.cell) })
    yield { weight: vectorWeight(row.counts), addTo }
  }
}

/**
 * Cuts a flush into batches of which each takes the server about 2 ms at most, in the order in which they are to be numbered. The hours of
 * a cell stay together with its totals; each batch is valid by itself. `integrity` and `lostCalls` are in the first. A flush that is small comes
 * back as it is.
 */
export function splitBatch(source: BatchContents): BatchContents[] {
  const pieces = [...cellPieces(source), ...otherPieces(source)]
  if (pieces.reduce((sum, { weight }) => sum + weight, source.cells.length) <= MAX_WEIGHT) return [source]
  let part = new Part(source)
  const parts = [part]
  for (const { weight, addTo } of pieces) {
    if (part.weight > 0 && part.weight + weight > MAX_WEIGHT) {
      part = new Part(source)
      parts.push(part)
    }
    part.weight += weight
    addTo(part)
  }
  const first = (parts[0] as Part).contents
  first.integrity = source.integrity
  if (source.lostCalls !== undefined) first.lostCalls = source.lostCalls
  return parts.map(({ contents }) => contents)
}
