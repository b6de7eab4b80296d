/** Heap of a batch, estimated in bytes. */
import type { Batch, SparseVector } from '@aiwatch/store'

const ROW = 120
const NUMBER = 8
const MEMBER = 90

function vectors(rows: readonly { values?: SparseVector; counts?: SparseVector }[]): number {
  let bytes = 0
  for (const row of rows) bytes += ROW + NUMBER * ((row.values?.length ?? 0) + (row.counts?.length ?? 0))
  return bytes
}

export function estimateBytes(batch: Batch): number {
  let bytes = ROW + vectors(batch.series) + vectors(batch.totals) + vectors(batch.sketches) + vectors(batch.errors)
  for (const cell of batch.cells) bytes += ROW + 2 * (cell.app.length + cell.provider.length + cell.model.length)
  for (const seen of batch.seen) bytes += ROW + MEMBER * (1 + seen.sessions.length)
  for (const user of batch.users) bytes += 2 * ROW + 2 * user.name.length + user.cells.length * 2 * ROW
  for (const board of batch.boards) bytes += ROW + MEMBER * board.entries.length
  for (const [, users] of batch.days) bytes += ROW + NUMBER * users.length
  for (const { text } of batch.recent) bytes += ROW + text.length
  return bytes
}
