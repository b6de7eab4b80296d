/** The seam between roll-up (which makes rows) and flush (which numbers and sends them). */
import type { BatchRows } from '@aiwatch/store'

/**
 * How much is taken out, each with all of the one before. `fast`: rows of 10 s. `slow`: coarser rows, totals, latency, errors, recent calls, and
 * who was seen for the first time in a while. `users`: users with their days, all who were seen, and the boards of users and tags. `all`: the
 * latency sketches of hours and days.
 */
export type DrainLevel = 'fast' | 'slow' | 'users' | 'all'

/** Where the flusher takes rows from. */
export interface RowSource {
  /** The rows that came together since they were last taken; null when there are none. Each row is given out once. */
  drain(level: DrainLevel): BatchRows | null
  /** Whether anything waits for a drain of `all`. */
  readonly hasRows: boolean
  /** Calls recorded since the last drain. */
  readonly callsSinceDrain: number
  /** Counts batches sent again because no answer came. */
  noteResent(batches: number): void
  /** Counts calls of a batch that no store will take. */
  noteDropped(calls: number): void
}
