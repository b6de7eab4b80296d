/** Totals of one user per cell, in one flat array of numbers: a thousand users of twenty models each take a megabyte so, not five. */
import { CODE, type SparseVector, type Usage } from '@aiwatch/store'

/** A row: number of the cell, input tokens, output tokens, cost, and calls and errors together. */
const STRIDE = 5
const BYTES_PER_NUMBER = 8
/** Calls and errors share one number, errors times this: a drain comes long before there are 2^27 calls. */
const ERROR = 2 ** 27

// Rows are neither spread nor sliced: with twenty thousand of them a drain would hold up the program for a tenth of a second.
export class UserTotals {
  private readonly numbers: number[] = []

  get bytes(): number {
    return this.numbers.length * BYTES_PER_NUMBER
  }

  add(cellNumber: number, usage: Usage, costNanoUsd: number, failed: boolean): void {
    const { numbers } = this
    const at = this.rowOf(cellNumber)
    numbers[at + 1] = (numbers[at + 1] as number) + usage.inputTokens
    numbers[at + 2] = (numbers[at + 2] as number) + usage.outputTokens
    numbers[at + 3] = (numbers[at + 3] as number) + costNanoUsd
    numbers[at + 4] = (numbers[at + 4] as number) + (failed ? 1 + ERROR : 1)
  }

  /** Adds all of it to `into`. Returns how many calls that were. */
  merge(into: UserTotals): number {
    const { numbers } = this
    let calls = 0
    for (let at = 0; at < numbers.length; at += STRIDE) {
      const target = into.rowOf(numbers[at] as number)
      for (let slot = 1; slot < STRIDE; slot++) {
        into.numbers[target + slot] = (into.numbers[target + slot] as number) + (numbers[at + slot] as number)
      }
      calls += (numbers[at + 4] as number) % ERROR
    }
    return calls
  }

  /** The vector of each cell. */
  cells(take: (cellNumber: number, values: SparseVector) => void): void {
    const { numbers } = this
    for (let at = 0; at < numbers.length; at += STRIDE) take(numbers[at] as number, toVector(numbers, at))
  }

  /** All cells together. */
  sum(): SparseVector {
    const { numbers } = this
    const sum = [0, 0, 0, 0, 0]
    for (let at = 0; at < numbers.length; at += STRIDE) {
      for (let slot = 1; slot < STRIDE; slot++) sum[slot] = (sum[slot] as number) + (numbers[at + slot] as number)
    }
    return toVector(sum, 0)
  }

  /** Where the row of a cell begins. A user calls few models: looking through them is faster than a map, and smaller. */
  private rowOf(cellNumber: number): number {
    const { numbers } = this
    for (let at = 0; at < numbers.length; at += STRIDE) if (numbers[at] === cellNumber) return at
    const at = numbers.length
    numbers.push(cellNumber, 0, 0, 0, 0)
    return at
  }
}

const TOKENS_AND_COST = [CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd] as const

function toVector(numbers: readonly number[], at: number): SparseVector {
  const vector: SparseVector = []
  for (let slot = 0; slot < TOKENS_AND_COST.length; slot++) {
    const value = numbers[at + 1 + slot] as number
    if (value !== 0) vector.push(TOKENS_AND_COST[slot] as number, value)
  }
  const outcomes = numbers[at + 4] as number
  if (outcomes !== 0) vector.push(CODE.calls, outcomes % ERROR)
  if (outcomes >= ERROR) vector.push(CODE.errors, Math.floor(outcomes / ERROR))
  return vector
}
