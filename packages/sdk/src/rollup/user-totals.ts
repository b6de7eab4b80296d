/** What users used per cell, and what they gained per hour: of all users in two sets of flat lists, of which a user holds the beginnings. */
import { bucketStart, type Call, CODE, isError, type SparseVector } from '@aiwatch/store'
import type { HourlyGain } from './hourly-gains.ts'
import { RowLists } from './row-lists.ts'

/** Calls and errors share one number, errors times this: a drain comes long before there are 2^27 calls. */
const ERROR = 2 ** 27
const TOKENS_AND_COST = [CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd] as const
const OUTCOMES_COLUMN = 3

/** Where the lists of a user begin; 0: nowhere yet. */
export interface UserLists {
  cells: number
  hours: number
}

// Rows are neither spread nor sliced: with twenty thousand of them a drain would hold up the program for a tenth of a second.
export class UserTotals {
  /** By number of the cell: input tokens, output tokens, cost, and calls and errors together. */
  private readonly cells = new RowLists()
  /** By index in `starts`: tokens, calls, cost. */
  private readonly hours = new RowLists()
  /** Starts of hours in seconds since the epoch. Nearly always there is one. */
  private readonly starts: number[] = []

  get bytes(): number {
    return this.cells.bytes + this.hours.bytes
  }

  add(user: UserLists, cellNumber: number, call: Call, endedMs: number): void {
    const { inputTokens, outputTokens } = call.usage
    const cost = call.costNanoUsd ?? 0
    const cell = this.cells.rowOf(user.cells, cellNumber)
    user.cells ||= cell
    this.cells.increase(cell, inputTokens, outputTokens, cost, isError(call.outcome) ? 1 + ERROR : 1)
    const hour = this.hours.rowOf(user.hours, this.hourIndex(bucketStart(endedMs, 3600)))
    user.hours ||= hour
    this.hours.increase(hour, inputTokens + outputTokens, 1, cost, 0)
  }

  /** Adds all that `other` has of a user to `into`. Returns how many calls that were. */
  merge(into: UserLists, other: UserTotals, user: UserLists): number {
    let calls = 0
    for (const row of other.cells.list(user.cells)) {
      const target = this.cells.rowOf(into.cells, other.cells.keyOf(row))
      into.cells ||= target
      addRow(this.cells, target, other.cells, row)
      calls += other.cells.value(row, OUTCOMES_COLUMN) % ERROR
    }
    for (const row of other.hours.list(user.hours)) {
      const target = this.hours.rowOf(into.hours, this.hourIndex(other.starts[other.hours.keyOf(row)] as number))
      into.hours ||= target
      addRow(this.hours, target, other.hours, row)
    }
    return calls
  }

  /** The vector of each cell. */
  eachCell(user: UserLists, take: (cellNumber: number, values: SparseVector) => void): void {
    const { cells } = this
    for (const row of cells.list(user.cells)) {
      const values = toVector((column) => cells.value(row, column))
      take(cells.keyOf(row), values)
    }
  }

  /** All cells together. */
  sum(user: UserLists): SparseVector {
    const { cells } = this
    const sum = [0, 0, 0, 0]
    for (const row of cells.list(user.cells)) {
      for (let column = 0; column < sum.length; column++) sum[column] = (sum[column] as number) + cells.value(row, column)
    }
    return toVector((column) => sum[column] as number)
  }

  gains(user: UserLists): HourlyGain[] {
    const { hours } = this
    const gains: HourlyGain[] = []
    for (const row of hours.list(user.hours)) {
      const start = this.starts[hours.keyOf(row)] as number
      gains.push({ start, tokens: hours.value(row, 0), calls: hours.value(row, 1), costNanoUsd: hours.value(row, 2) })
    }
    return gains
  }

  private hourIndex(start: number): number {
    const at = this.starts.lastIndexOf(start)
    return at >= 0 ? at : this.starts.push(start) - 1
  }
}

function addRow(into: RowLists, target: number, from: RowLists, row: number): void {
  into.increase(target, from.value(row, 0), from.value(row, 1), from.value(row, 2), from.value(row, 3))
}

function toVector(value: (column: number) => number): SparseVector {
  const vector: SparseVector = []
  for (let column = 0; column < TOKENS_AND_COST.length; column++) {
    if (value(column) !== 0) vector.push(TOKENS_AND_COST[column] as number, value(column))
  }
  const outcomes = value(OUTCOMES_COLUMN)
  if (outcomes !== 0) vector.push(CODE.calls, outcomes % ERROR)
  if (outcomes >= ERROR) vector.push(CODE.errors, Math.floor(outcomes / ERROR))
  return vector
}
