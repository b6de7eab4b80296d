/**
 * Lists of rows of four numbers, each row under a small integer, all lists in a few typed arrays: thousands of short lists take a fraction of the
 * memory of objects, and nothing is copied when they grow.
 */

const COLUMNS = 4
const ROWS_PER_CHUNK = 256
const CHUNK_BITS = 8
/** Two numbers of four bytes and four of eight per row, and what two typed arrays take beside it. */
const CHUNK_BYTES = ROWS_PER_CHUNK * (8 + COLUMNS * 8) + 400

interface Chunk {
  /** Of each row: its key, and the row after it in its list; 0: none. */
  links: Uint32Array
  values: Float64Array
}

export class RowLists {
  private readonly chunks: Chunk[] = []
  /** Rows are counted from 1. */
  private last = 0

  get bytes(): number {
    return this.chunks.length * CHUNK_BYTES
  }

  /**
   * The row of `key` in the list that begins with row `head`; made at its end where there is none. With a `head` of 0 it is the first row of a new
   * list.
   */
  rowOf(head: number, key: number): number {
    let before = 0
    for (let row = head; row !== 0; row = this.after(row)) {
      if (this.keyOf(row) === key) return row
      before = row
    }
    const row = this.add(key)
    if (before !== 0) this.chunkOf(before).links[linkAt(before) + 1] = row
    return row
  }

  /** The rows of the list that begins with `head`, first first. */
  *list(head: number): Iterable<number> {
    for (let row = head; row !== 0; row = this.after(row)) yield row
  }

  keyOf(row: number): number {
    return this.chunkOf(row).links[linkAt(row)] as number
  }

  /** `column`: 0 to 3. */
  value(row: number, column: number): number {
    return this.chunkOf(row).values[valueAt(row) + column] as number
  }

  increase(row: number, a: number, b: number, c: number, d: number): void {
    const { values } = this.chunkOf(row)
    const at = valueAt(row)
    values[at] = (values[at] as number) + a
    values[at + 1] = (values[at + 1] as number) + b
    values[at + 2] = (values[at + 2] as number) + c
    values[at + 3] = (values[at + 3] as number) + d
  }

  /** 0 when the row is the last of its list. */
  private after(row: number): number {
    return this.chunkOf(row).links[linkAt(row) + 1] as number
  }

  private add(key: number): number {
    const row = ++this.last
    if (row >> CHUNK_BITS >= this.chunks.length) {
      this.chunks.push({ links: new Uint32Array(ROWS_PER_CHUNK * 2), values: new Float64Array(ROWS_PER_CHUNK * COLUMNS) })
    }
    this.chunkOf(row).links[linkAt(row)] = key
    return row
  }

  private chunkOf(row: number): Chunk {
    return this.chunks[row >> CHUNK_BITS] as Chunk
  }
}

const linkAt = (row: number) => (row & (ROWS_PER_CHUNK - 1)) * 2
const valueAt = (row: number) => (row & (ROWS_PER_CHUNK - 1)) * COLUMNS
