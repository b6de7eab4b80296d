import { type BatchContents, type Cell, emptyContents, type SeriesRow } from '../batch.ts'
import type { RedisClient } from '../redis-client.ts'
import { HOT_SECONDS } from '../series/hot-form.ts'
import { type SparseVector, TIERS } from '../series-catalogue.ts'
import { knownEntries } from './writer-memory.ts'

/**
 * Time that the rows of one script may take the server, in microseconds, by the figures below. These were measured on a busy machine, where the
 * server finds little of what it needs in the processor's caches; a quiet one takes half to two thirds. A script takes 100 to 250 µs by itself.
 */
const MAX_US = 1650
/** Entries of a board or of a day that one row of a batch takes at most. */
const MAX_ENTRIES = 300

const CELL_US = 1
const ROW_US = 5
const SUM_US = 0.4
const SKETCH_US = 6
/** For each counter from the first to the last that is not 0. */
const COUNTER_US = 0.1
const USER_US = 16
const USER_CELL_US = 3
const SEEN_US = 2.5
/** One that may be new is looked up, and most often counted with its user. */
const NEW_SESSION_US = 11
const SESSION_US = 3
const ENTRY_US = 3
const RECENT_US = 6
/** On the module each sum of a row for a bucket that is no longer hot is read from its time series first. */
const COLD_SUM_US = 12

const vectorUs = (vector: SparseVector) => ROW_US + SUM_US * (vector.length / 2)
const sketchUs = (counts: SparseVector) => SKETCH_US + COUNTER_US * ((counts.at(-2) ?? 0) - (counts[0] ?? 0) + 1)

const NO_SESSIONS: ReadonlySet<string> = new Set()

/** A piece that stays whole: rows that must be applied together. */
interface Piece {
  us: number
  addTo(part: Part): void
}

/** A batch in the making; cells are numbered anew, in the order of their first use. */
class Part {
  readonly contents: BatchContents
  us = 0
  private readonly source: readonly Cell[]
  private readonly positions = new Map<number, number>()

  constructor(source: BatchContents) {
    this.source = source.cells
    this.contents = emptyContents(source.tenant, source.writer)
  }

  cell(index: number): number {
    let position = this.positions.get(index)
    if (position === undefined) {
      position = this.contents.cells.push(this.source[index] as Cell) - 1
      this.positions.set(index, position)
      this.us += CELL_US
    }
    return position
  }
}

function* slices<Entry>(entries: readonly Entry[]): Generator<Entry[]> {
  for (let i = 0; i < entries.length; i += MAX_ENTRIES) yield entries.slice(i, i + MAX_ENTRIES)
}

function isCold({ tier, start }: SeriesRow, nowSeconds: number): boolean {
  return nowSeconds - start - TIERS[tier].seconds > HOT_SECONDS[tier]
}

/** The hours of a cell stay with its totals: a reader that adds all hours finds the totals. */
function* cellPieces({ series, totals }: BatchContents): Generator<Piece> {
  const nowSeconds = Date.now() / 1000
  const rows = new Map<number, { hours: BatchContents['series']; totals: BatchContents['totals'] }>()
  const rowsOf = (cell: number) => {
    const found = rows.get(cell) ?? { hours: [], totals: [] }
    rows.set(cell, found)
    return found
  }
  for (const row of series) if (row.tier === '1h') rowsOf(row.cell).hours.push(row)
  for (const row of totals) rowsOf(row.cell).totals.push(row)
  for (const [cell, own] of rows) {
    const us = [...own.hours, ...own.totals].reduce((sum, row) => sum + vectorUs(row.values), 0)
    const addTo = (part: Part) => {
      for (const row of own.hours) part.contents.series.push({ ...row, cell: part.cell(cell) })
      for (const row of own.totals) part.contents.totals.push({ ...row, cell: part.cell(cell) })
    }
    yield { us, addTo }
  }
  for (const row of series) {
    if (row.tier === '1h') continue
    const us = vectorUs(row.values) + (isCold(row, nowSeconds) ? COLD_SUM_US * (row.values.length / 2) : 0)
    yield { us, addTo: (part) => part.contents.series.push({ ...row, cell: part.cell(row.cell) }) }
  }
}

function* otherPieces(source: BatchContents, knownSessions: ReadonlySet<string>): Generator<Piece> {
  for (const row of source.errors) {
    yield { us: vectorUs(row.values), addTo: (part) => part.contents.errors.push({ ...row, cell: part.cell(row.cell) }) }
  }
  for (const row of source.recent) yield { us: RECENT_US, addTo: (part) => part.contents.recent.push(row) }
  for (const row of source.seen) {
    const us = row.sessions.reduce((sum, [session]) => sum + (knownSessions.has(session) ? SESSION_US : NEW_SESSION_US), SEEN_US)
    yield { us, addTo: (part) => part.contents.seen.push(row) }
  }
  for (const row of source.users) {
    const us = USER_US + USER_CELL_US * row.cells.length
    const addTo = (part: Part) => part.contents.users.push({ ...row, cells: row.cells.map(([cell, values]) => [part.cell(cell), values]) })
    yield { us, addTo }
  }
  for (const row of source.boards) {
    for (const entries of slices(row.entries)) {
      yield { us: entries.length * ENTRY_US, addTo: (part) => part.contents.boards.push({ ...row, entries }) }
    }
  }
  for (const [start, users] of source.days) {
    for (const some of slices(users)) {
      yield { us: some.length * ENTRY_US, addTo: (part) => part.contents.days.push([start, some]) }
    }
  }
  for (const row of source.sketches) {
    const addTo = (part: Part) => part.contents.sketches.push(row.cell === 'all' ? row : { ...row, cell: part.cell(row.cell) })
    yield { us: sketchUs(row.counts), addTo }
  }
}

/**
 * Cuts a flush into batches of which each takes the server less than 2 ms, in the order in which they are to be numbered. The hours of
 * a cell stay together with its totals; each batch is valid by itself. `integrity` and `lostCalls` are in the first. A flush that is small comes
 * back as it is. `redis`: the connection that it will go over, if there is one.
 */
export function splitBatch(source: BatchContents, redis?: RedisClient): BatchContents[] {
  const knownSessions = redis ? knownEntries(redis, source).sessions : NO_SESSIONS
  const pieces = [...cellPieces(source), ...otherPieces(source, knownSessions)]
  if (pieces.reduce((sum, { us }) => sum + us, source.cells.length * CELL_US) <= MAX_US) return [source]
  let part = new Part(source)
  const parts = [part]
  for (const { us, addTo } of pieces) {
    if (part.us > 0 && part.us + us > MAX_US) {
      part = new Part(source)
      parts.push(part)
    }
    part.us += us
    addTo(part)
  }
  const first = (parts[0] as Part).contents
  first.integrity = source.integrity
  if (source.origin !== undefined) first.origin = source.origin
  if (source.lostCalls !== undefined) first.lostCalls = source.lostCalls
  return parts.map(({ contents }) => contents)
}
