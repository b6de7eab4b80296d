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

export interface CallSink {
  /** Takes a call that ended. Never throws; does no I/O. */
  record(call: CapturedCall): void
  /** A provider's reply had usage that could not be read, or fields that nobody knows. */
  unparsed(detail: string): void
  /** Something inside AIWatch went wrong: reported to `onError` once per kind, never thrown. */
  failed(error: unknown): void
}
