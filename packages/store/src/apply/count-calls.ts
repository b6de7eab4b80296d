import { CODE, type SparseVector } from '../series-catalogue.ts'

/** Calls of all outcomes in the sums of a cell. */
export function countCalls(values: SparseVector): number {
  let calls = 0
  for (let i = 0; i + 1 < values.length && (values[i] as number) < CODE.inputTokens; i += 2) calls += values[i + 1] as number
  return calls
}
