/** Executes paced requests, many at once, with whatever client the caller has. */
import type { CrowdLedger } from './crowd-ledger.ts'
import { OpenCalls } from './open-calls.ts'
import type { PlannedRequest } from './planned-request.ts'

export interface DriveOptions {
  /** Makes the call. A rejection is handed to `onError` and nothing else. */
  execute(planned: PlannedRequest): Promise<void>
  onError?(error: unknown, planned: PlannedRequest): void
  /** Gets every request that is executed. */
  ledger?: CrowdLedger
  /** Calls open at the same time; beyond it the crowd waits. Default 256. */
  maxOpen?: number
}

/** Resolves when the sequence has ended and every call is over. */
export async function driveCrowd(requests: AsyncIterable<PlannedRequest>, options: DriveOptions): Promise<void> {
  const { execute, onError, ledger, maxOpen = 256 } = options
  const open = new OpenCalls(maxOpen)
  for await (const planned of requests) {
    ledger?.add(planned)
    open.add(execute(planned).catch((error: unknown) => onError?.(error, planned)))
    await open.waitForRoom()
  }
  await open.waitForAll()
}
