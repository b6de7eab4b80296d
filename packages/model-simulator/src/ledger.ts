/** What the simulator itself counted: the judge of whoever counts its answers. */
export interface ModelLedger {
  /** HTTP requests: `ok + errors + aborted`, once all are over. */
  requests: number
  ok: number
  /** Every fault, those inside a 200 included; `errorKinds` says which. */
  errors: number
  /** The client left before the end of the answer. */
  aborted: number
  errorKinds: Record<string, number>
  /** Sums over the usage that was sent to the end. */
  inputTokens: number
  outputTokens: number
  cachedTokens: number
  /** Written to the prompt cache. */
  cacheWriteTokens: number
  reasoningTokens: number
  /** Answers without usage: not asked for, cut, or left. `outputTokens` are those whose chunks were sent; input is what usage would have said. */
  unreported: { requests: number; inputTokens: number; outputTokens: number }
}

export interface Tokens {
  inputTokens: number
  outputTokens: number
  cachedTokens: number
  cacheWriteTokens: number
  reasoningTokens: number
}

export interface Booking {
  /** As answered; as asked where no part of an answer that names a model was sent. */
  model: string
  outcome: 'ok' | 'error' | 'aborted'
  errorKind?: string
  /** Usage that was sent whole. */
  reported?: Tokens
  /** Usage that the answer would have had, and the output tokens sent. */
  unreported?: { inputTokens: number; outputTokens: number }
}

export interface LedgerSnapshot {
  /** By model as answered, or as asked where only an error was answered; models that nobody has are together under `unknown`. */
  models: Record<string, ModelLedger>
  total: ModelLedger
}

export class Ledger {
  #models = new Map<string, ModelLedger>()
  #total = emptyLedger()

  book(booking: Booking): void {
    let model = this.#models.get(booking.model)
    if (!model) {
      model = emptyLedger()
      this.#models.set(booking.model, model)
    }
    addBooking(model, booking)
    addBooking(this.#total, booking)
  }

  snapshot(): LedgerSnapshot {
    return structuredClone({ models: Object.fromEntries(this.#models), total: this.#total })
  }

  reset(): void {
    this.#models.clear()
    this.#total = emptyLedger()
  }
}

function emptyLedger(): ModelLedger {
  return {
    requests: 0,
    ok: 0,
    errors: 0,
    aborted: 0,
    errorKinds: {},
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    unreported: { requests: 0, inputTokens: 0, outputTokens: 0 },
  }
}

function addBooking(to: ModelLedger, booking: Booking): void {
  to.requests++
  if (booking.outcome === 'ok') to.ok++
  else if (booking.outcome === 'aborted') to.aborted++
  else {
    to.errors++
    const kind = booking.errorKind ?? 'unknown'
    to.errorKinds[kind] = (to.errorKinds[kind] ?? 0) + 1
  }
  if (booking.reported) {
    to.inputTokens += booking.reported.inputTokens
    to.outputTokens += booking.reported.outputTokens
    to.cachedTokens += booking.reported.cachedTokens
    to.cacheWriteTokens += booking.reported.cacheWriteTokens
    to.reasoningTokens += booking.reported.reasoningTokens
  }
  if (booking.unreported) {
    to.unreported.requests++
    to.unreported.inputTokens += booking.unreported.inputTokens
    to.unreported.outputTokens += booking.unreported.outputTokens
  }
}
