/** Puts rows together and numbers the cells that they name. */
import { type BatchRows, type Cell, emptyIntegrity, emptyRows, type WriterIntegrity } from '@aiwatch/store'
import type { CellEntry } from './cell-registry.ts'

let lastBatchId = 0

export class RowsBuilder {
  readonly rows: BatchRows
  private readonly id = ++lastBatchId
  private readonly cells: Cell[] = []

  constructor(integrity: WriterIntegrity = emptyIntegrity()) {
    this.rows = { ...emptyRows(), cells: this.cells, integrity }
  }

  /** Index of the cell in this batch. */
  cellIndex(entry: CellEntry): number {
    if (entry.batchId !== this.id) {
      entry.batchId = this.id
      entry.batchIndex = this.cells.length
      this.cells.push(entry.cell)
    }
    return entry.batchIndex
  }

  /** A batch that would change nothing is not sent. */
  get isEmpty(): boolean {
    const { integrity, ...lists } = this.rows
    return Object.values(lists).every((list) => list.length === 0) && Object.values(integrity).every((count) => count === 0)
  }
}
