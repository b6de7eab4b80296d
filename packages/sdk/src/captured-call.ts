/** The seam between capture (which sees calls) and the rest (which prices, sums and sends them). */
import type { Call, Usage } from '@aiwatch/store'

/** A call that ended, as capture saw it; not yet priced. */
export interface CapturedCall extends Omit<Call, 'app' | 'costNanoUsd' | 'cacheSavedNanoUsd' | 'wastedTokens' | 'wastedNanoUsd'> {
  /** Overrides the app of the options. */
  app?: string
  /** What attempts used whose answer the caller never got. */
  wastedUsage?: Usage
  /** Cost in nano-USD that the provider or the caller measured; goes before the computed one. */
  measuredCostNanoUsd?: number
}

/**
 * A call that ended. What it used may not have been read from its answer yet: that can be done later, for many calls at a time.
 */
export interface EndedCall {
  /** Heap that it holds until it is read, estimated, in bytes. */
  readonly heldBytes: number
  /** Once. */
  read(): CapturedCall
}

/** Rough heap of a call, in bytes. */
export const CALL_BYTES = 800

/** A call of which everything is known. */
export function alreadyRead(call: CapturedCall): EndedCall {
  return { heldBytes: CALL_BYTES, read: () => call }
}

export interface CallSink {
  /** Takes a call that ended. Never throws; does no I/O. */
  record(call: EndedCall): void
  /** A provider's reply had usage that could not be read, or fields that nobody knows. */
  unparsed(detail: string): void
  /** Something inside AIWatch went wrong: reported to `onError` once per kind, never thrown. */
  failed(error: unknown): void
}
