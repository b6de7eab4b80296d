/** What the server says to a batch. Nothing was written unless `status` is `applied`. */
export type ApplyStatus = 'applied' | 'duplicate' | 'gap' | 'torn'

interface Answer {
  /** Sequence that the server has last applied for this writer; it takes `last + 1` next. */
  last: number
  /** The server's clock, in milliseconds since the epoch. */
  serverTimeMs: number
}

export interface Applied extends Answer {
  status: 'applied'
  /** Operations that Redis refused (a key of the wrong type, say) while the rest was applied. Counted in `integrity`. */
  refusedOperations: number
  /** Redis' text for the first refusal. */
  firstRefusal?: string
  /** Calls written to time buckets that had been closed. */
  lateCalls: number
  /** Calls too late for the time buckets: they are in the lifetime totals only. */
  lateRefusedCalls: number
  /** Cells of the batch that count as `other` because the tenant has too many. */
  foldedCells: number
  /** Calls whose time lay ahead of the server's clock and was set back to it. */
  clampedCalls: number
}

/** `last >= sequence`: it was applied before. Drop it. */
export interface Duplicate extends Answer {
  status: 'duplicate'
}

/**
 * `last < sequence - 1`: the server lost what it had acknowledged, or forgot the writer. Send again from `last + 1` in order; what is
 * no longer held is lost: renumber the rest from `last + 1` and give the first of it `lostCalls`.
 */
export interface Gap extends Answer {
  status: 'gap'
}

/**
 * A cut append-only file made the server replay a part of batch `last`: an unknown part of it is in the totals. Counted in `integrity`, once.
 * The guard is repaired: drop the batches up to `last` and go on with `last + 1`.
 */
export interface Torn extends Answer {
  status: 'torn'
}

export type ApplyResult = Applied | Duplicate | Gap | Torn
