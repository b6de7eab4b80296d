import { mergeCounters, mergeVectors } from '../merge-vectors.ts'
import type { SparseVector } from '../series-catalogue.ts'

/** Rows of one hash: a field at most once, because the script reads all fields before it writes any. */
export class VectorGroup {
  readonly fields: string[] = []
  readonly vectors: SparseVector[] = []
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

  /** Fields and vectors in slices that fit one command. */
  *slices(rows: number): Generator<[fields: string[], vectors: SparseVector[]]> {
    for (let i = 0; i < this.fields.length; i += rows) yield [this.fields.slice(i, i + rows), this.vectors.slice(i, i + rows)]
  }
}
