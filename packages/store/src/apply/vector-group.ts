import { mergeCounters, mergeVectors } from '../merge-vectors.ts'
import type { PackedRow } from '../pack-message.ts'
import type { SparseVector } from '../series-catalogue.ts'

/** Rows of one hash: a field at most once, because the script reads all fields before it writes any. */
export class VectorGroup {
  readonly fields: string[] = []
  private readonly vectors: SparseVector[] = []
  private readonly positions = new Map<string, number>()
  private readonly isSketch: boolean

  constructor(isSketch: boolean) {
    this.isSketch = isSketch
  }

  add(field: string, vector: SparseVector): void {
    const at = this.positions.get(field)
    if (at === undefined) {
      this.positions.set(field, this.fields.length)
      this.fields.push(field)
      this.vectors.push(vector)
      return
    }
    const held = this.vectors[at] as SparseVector
    this.vectors[at] = this.isSketch ? mergeCounters(held, vector) : mergeVectors(held, vector)
  }

  /** The vectors in the form in which they are stored. */
  get packed(): PackedRow[] {
    return this.vectors.map((vector) => (this.isSketch ? { counters: vector } : { vector }))
  }

  /** Fields and packed vectors in slices that fit one command. */
  *slices(rows: number): Generator<[fields: string[], vectors: PackedRow[]]> {
    const { packed } = this
    for (let i = 0; i < this.fields.length; i += rows) yield [this.fields.slice(i, i + rows), packed.slice(i, i + rows)]
  }
}
