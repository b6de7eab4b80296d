/** The calls that are kept one by one: errors first, the slowest, and a fair sample of the rest. */
import { boundLabel, type Call, isError, OTHER_CELL, toRecentRow } from '@aiwatch/store'
import type { CellEntry } from './cell-registry.ts'
import type { RowsBuilder } from './rows-builder.ts'

/** Together 100 per drain. */
const MAX_ERRORS = 50
const MAX_SLOWEST = 10
const MAX_SAMPLED = 40
/** Heap of one call in bytes, names of usual length; measured. */
const CALL_BYTES = 1400

export class RecentCalls {
  private errors: Call[] = []
  /** Slowest last. */
  private slowest: Call[] = []
  private sampled: Call[] = []
  private candidates = 0
  private readonly random: () => number

  constructor(random: () => number = Math.random) {
    this.random = random
  }

  get bytes(): number {
    return (this.errors.length + this.slowest.length + this.sampled.length) * CALL_BYTES
  }

  get isEmpty(): boolean {
    return this.errors.length + this.slowest.length + this.sampled.length === 0
  }

  add(call: Call): void {
    if (isError(call.outcome) && this.errors.length < MAX_ERRORS) {
      this.errors.push(call)
      return
    }
    const rest = this.keepSlow(call)
    if (rest) this.sample(rest)
  }

  drain(builder: RowsBuilder, entryOf: (call: Call) => CellEntry): void {
    const rows = [...this.errors, ...this.slowest, ...this.sampled].map((call) => {
      const { id } = entryOf(call).cell
      return toRecentRow(boundCall(call), id === OTHER_CELL.id ? null : id)
    })
    builder.rows.recent.push(...rows.sort((a, b) => a.endedMs - b.endedMs))
    this.drop()
  }

  drop(): void {
    this.errors = []
    this.slowest = []
    this.sampled = []
    this.candidates = 0
  }

  /** Keeps the call if it is one of the slowest. Returns the one that is not. */
  private keepSlow(call: Call): Call | undefined {
    const { slowest } = this
    const fastest = slowest[0]
    if (slowest.length >= MAX_SLOWEST && fastest && call.durationMs <= fastest.durationMs) return call
    const at = slowest.findIndex((each) => each.durationMs > call.durationMs)
    slowest.splice(at < 0 ? slowest.length : at, 0, call)
    return slowest.length > MAX_SLOWEST ? slowest.shift() : undefined
  }

  /** Reservoir sampling: each of the candidates is kept with the same chance. */
  private sample(call: Call): void {
    this.candidates++
    if (this.sampled.length < MAX_SAMPLED) {
      this.sampled.push(call)
      return
    }
    const at = Math.floor(this.random() * this.candidates)
    if (at < MAX_SAMPLED) this.sampled[at] = call
  }
}

/** Names may be of any length; what is sent of them is not. */
function boundCall(call: Call): Call {
  const tags: Record<string, string> = {}
  for (const [name, value] of Object.entries(call.tags)) tags[boundLabel(name)] = boundLabel(value)
  return {
    ...call,
    app: boundLabel(call.app),
    provider: boundLabel(call.provider),
    model: boundLabel(call.model),
    requestModel: boundLabel(call.requestModel),
    operation: boundLabel(call.operation),
    ...(call.user === undefined ? {} : { user: boundLabel(call.user) }),
    ...(call.session === undefined ? {} : { session: boundLabel(call.session) }),
    tags,
  }
}
