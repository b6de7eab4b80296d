/** Executes paced requests, many at once, with whatever client the caller has. */
import type { PlannedRequest } from './planned-request.ts'

export interface DriveOptions {
  /** Makes the call. A rejection is handed to `onError` and nothing else. */
  execute(planned: PlannedRequest): Promise<void>
  onError?(error: unknown, planned: PlannedRequest): void
  /** Calls open at the same time; beyond it the crowd waits. Default 256. */
  maxOpen?: number
}

/** Resolves when the sequence has ended and every call is over. */
export async function driveCrowd(
  requests: AsyncIterable<PlannedRequest>,
  { execute, onError, maxOpen = 256 }: DriveOptions,
): Promise<void> {
  const open = new Set<Promise<void>>()
  for await (const planned of requests) {
    const call = execute(planned)
      .catch((error: unknown) => onError?.(error, planned))
      .finally(() => open.delete(call))
    open.add(call)
    if (open.size >= maxOpen) await Promise.race(open)
  }
  await Promise.all(open)
}
