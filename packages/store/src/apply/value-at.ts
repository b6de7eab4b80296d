import type { SparseVector } from '../series-catalogue.ts'

/** Value of a code; 0 when the vector does not have it. */
export function valueAt(vector: SparseVector, code: number): number {
  for (let i = vector.length - 2; i >= 0 && (vector[i] as number) >= code; i -= 2) if (vector[i] === code) return vector[i + 1] as number
  return 0
}
