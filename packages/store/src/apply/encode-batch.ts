import { type Batch, emptyIntegrity, type SKETCH_KINDS, type SketchRow, type WriterIntegrity } from '../batch.ts'
import type { TenantKeys } from '../keys.ts'
import { type Message, packMessage } from '../pack-message.ts'
import type { EncodeContext, KeyTable, SeriesBackend } from '../series/series-backend.ts'
import { CLOSED_AFTER_SECONDS, LATE_ALLOWANCE_SECONDS, SKETCH_LEVELS, type SparseVector } from '../series-catalogue.ts'
import { encodeAudience } from './encode-audience.ts'
import { encodeBuckets, MAX_ROWS_PER_COMMAND } from './encode-buckets.ts'
import { VectorGroup } from './vector-group.ts'
import type { KnownEntries } from './writer-memory.ts'

/** First letter of a sketch's field. */
export const SKETCH_LETTERS: Record<(typeof SKETCH_KINDS)[number], string> = { latency: 'l', first_token: 'f', per_output_token: 'o' }

const HOUR_SECONDS = 3600
const BOARD_KEEP_SECONDS = 7 * 24 * 3600

/** Names of the counters of integrity that a writer knows. */
const WRITER_COUNTERS: Record<keyof WriterIntegrity, string> = {
  coarsened: 'coarsenedRows',
  foldedUsers: 'foldedUserCalls',
  dropped: 'droppedCalls',
  unparsed: 'unparsedReplies',
  resent: 'resentBatches',
  clamped: 'clampedCalls',
}

class DeclaredKeys implements KeyTable {
  readonly keys: string[] = []
  private readonly positions = new Map<string, number>()

  indexOf(key: string): number {
    let position = this.positions.get(key)
    if (position === undefined) {
      position = this.keys.push(key)
      this.positions.set(key, position)
    }
    return position
  }
}

function encodeSketches(rows: readonly SketchRow[], { keys, table, cellIds }: EncodeContext): Message {
  return encodeBuckets(rows, {
    isSketch: true,
    seconds: (row) => SKETCH_LEVELS[row.level].seconds,
    keepSeconds: (row) => SKETCH_LEVELS[row.level].keepSeconds,
    closedAfterSeconds: () => CLOSED_AFTER_SECONDS,
    name: (row) => `k${row.level}`,
    keyIndex: (row) => table.indexOf(keys.sketch(row.level, row.start)),
    field: (row) => `${SKETCH_LETTERS[row.kind]}:${row.cell === 'all' ? 'all' : cellIds[row.cell]}`,
    vector: (row) => row.counts,
    lateCalls: () => 0,
    refusedCalls: () => 0,
  })
}

/** Hashes that are kept for ever: lifetime totals and error patterns. */
function encodeHashes(batch: Batch, { keys, table, cellIds }: EncodeContext): Message {
  const hashes: Message[] = []
  const encode = (key: string, rows: Iterable<[field: string, vector: SparseVector]>) => {
    const group = new VectorGroup(false)
    for (const [field, vector] of rows) group.add(field, vector)
    for (const [fields, vectors] of group.slices(MAX_ROWS_PER_COMMAND)) hashes.push([table.indexOf(key), fields, vectors])
  }
  encode(
    keys.totals,
    batch.totals.map((row) => [cellIds[row.cell] as string, row.values]),
  )
  encode(
    keys.errors,
    batch.errors.map((row) => [`${row.type}:${cellIds[row.cell]}`, row.values]),
  )
  return hashes
}

function encodeBoards(batch: Batch, { keys, table }: EncodeContext): Message {
  return batch.boards.flatMap(({ board, start, entries }) => {
    const gained = new Map<string, number>()
    for (const [member, amount] of entries) gained.set(member, (gained.get(member) ?? 0) + amount)
    const all = [...gained]
    const end = start + HOUR_SECONDS
    const encoded: Message[] = []
    for (let i = 0; i < all.length; i += MAX_ROWS_PER_COMMAND) {
      const slice = all.slice(i, i + MAX_ROWS_PER_COMMAND)
      const members = slice.map(([member]) => member)
      const amounts = slice.map(([, amount]) => amount)
      const keyIndex = table.indexOf(keys.board(board, start))
      encoded.push([
        keyIndex,
        end,
        end + BOARD_KEEP_SECONDS + LATE_ALLOWANCE_SECONDS,
        `b:${start}`,
        members,
        amounts,
        end + CLOSED_AFTER_SECONDS,
      ])
    }
    return encoded
  })
}

function encodeCounters(batch: Batch): [names: Message, amounts: Message] {
  const counters: [string, number][] = [['lostCalls', batch.lostCalls ?? 0]]
  for (const name of Object.keys(emptyIntegrity()) as (keyof WriterIntegrity)[]) {
    counters.push([WRITER_COUNTERS[name], batch.integrity[name]])
  }
  const some = counters.filter(([, amount]) => amount > 0)
  return [some.map(([name]) => name), some.map(([, amount]) => amount)]
}

function fixedKeys(keys: TenantKeys, writer: string): string[] {
  return [
    keys.writer(writer),
    keys.backend,
    keys.cells,
    keys.integrity,
    keys.writers,
    keys.late,
    keys.seenUsers,
    keys.seenSessions,
    keys.recent,
  ]
}

export interface EncodedBatch {
  keys: string[]
  /** The rows, packed. */
  message: Buffer
}

export interface BatchEncoding {
  batch: Batch
  keys: TenantKeys
  backend: SeriesBackend
  known: KnownEntries
}

/** A batch as the apply script takes it. Throws a RangeError when a number is not finite. */
export function encodeBatch({ batch, keys, backend, known }: BatchEncoding): EncodedBatch {
  const table = new DeclaredKeys()
  for (const key of fixedKeys(keys, batch.writer)) table.indexOf(key)
  const context: EncodeContext = { keys, table, cellIds: batch.cells.map((cell) => cell.id) }
  const newCells = batch.cells.filter(({ id }) => !known.cells.has(id))
  const message = packMessage([
    newCells.map((cell) => cell.id),
    newCells.map((cell) => JSON.stringify([cell.app, cell.provider, cell.model])),
    ...encodeAudience(batch, known.sessions, context),
    encodeBoards(batch, context),
    encodeHashes(batch, context),
    backend.encode(batch.series, context),
    encodeSketches(batch.sketches, context),
    batch.recent.map(({ text }) => text),
    ...encodeCounters(batch),
  ])
  return { keys: table.keys, message }
}
