/** How batches reach a store. */
import type { ApplyResult, Batch, BatchContents } from '@aiwatch/store'

export interface FlushTransport {
  /** Where batches go, for messages; without passwords. */
  readonly target: string
  /** Parts that can each be applied in one step, in the order in which they are to be numbered. */
  split(contents: BatchContents): BatchContents[]
  /**
   * Sends a batch. Rejects when no answer came, or one that says that nothing was applied; it may be sent again then, unchanged.
   * Opens what it needs when first called.
   */
  apply(batch: Batch): Promise<ApplyResult>
  /** Makes what was applied visible in every form in which the store keeps it, where it has such forms. */
  publish?(tenant: string): Promise<void>
  /** Whether the error of an `apply` says that this batch can never be applied. */
  isHopeless(error: unknown): boolean
  /** Gives up what is under way, so that the next `apply` begins anew. */
  reset(): void
  /** Releases everything; nothing is sent afterwards. */
  close(): void
}
