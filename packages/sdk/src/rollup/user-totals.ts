/** Totals of one user per cell, in one flat array of numbers: a thousand users of twenty models each take a megabyte so, not five. */
import { CODE, type SparseVector, type Usage } from '@aiwatch/store'

/** A row: number of the cell, input tokens, output tokens, cost, and calls and errors together. */
const STRIDE = 5
const BYTES_PER_NUMBER = 8
/** Calls and errors share one number, errors times this: a drain comes long before there are 2^27 calls. */
const ERROR = 2 ** 27

export class UserTotals {
  private readonly numbers: number[] = []

  get bytes(): number {
    return this.numbers.length * BYTES_PER_NUMBER
  }

  add(cellNumber: number, usage: Usage, costNanoUsd: number, failed: boolean): void {
    this.addRow(cellNumber, usage.inputTokens, usage.outputTokens, costNanoUsd, failed ? 1 + ERROR : 1)
  }

  /** Adds all of it to `into`. Returns how many calls that were. */
  merge(into: UserTotals): number {
    const { numbers } = this
    let calls = 0
    for (let at = 0; at < numbers.length; at += STRIDE) {
      const [cell, input, output, cost, outcomes] = numbers.slice(at, at + STRIDE) as Row
      into.addRow(cell, input, output, cost, outcomes)
      calls += outcomes % ERROR
    }
    return calls
  }

  *cells(): Iterable<[cellNumber: number, values: SparseVector]> {
    for (let at = 0; at < this.numbers.length; at += STRIDE) {
      const row = this.numbers.slice(at, at + STRIDE) as Row
      yield [row[0], toVector(row)]
    }
  }

  /** All cells together. */
  sum(): SparseVector {
    const sum: Row = [0, 0, 0, 0, 0]
    for (const [index, value] of this.numbers.entries()) sum[index % STRIDE] = (sum[index % STRIDE] as number) + value
    return toVector(sum)
  }

  /** A user calls few models: looking through them is faster than a map, and smaller. */
  private addRow(...row: Row): void {
    const { numbers } = this
    for (let at = 0; at < numbers.length; at += STRIDE) {
      if (numbers[at] !== row[0]) continue
      for (let slot = 1; slot < STRIDE; slot++) numbers[at + slot] = (numbers[at + slot] as number) + (row[slot] as number)
      return
    }
    numbers.push(...row)
  }
}

type Row = [cellNumber: number, inputTokens: number, outputTokens: number, costNanoUsd: number, outcomes: number]

function toVector([, inputTokens, outputTokens, costNanoUsd, outcomes]: Row): SparseVector {
  const vector: SparseVector = []
  const push = (code: number, value: number) => {
    if (value !== 0) vector.push(code, value)
  }
  push(CODE.inputTokens, inputTokens)
  push(CODE.outputTokens, outputTokens)
  push(CODE.costNanoUsd, costNanoUsd)
  push(CODE.calls, outcomes % ERROR)
  push(CODE.errors, Math.floor(outcomes / ERROR))
  return vector
}
