/** The values of the sampled metrics that come from the tenant's calls, as of the start of a slot. */
import type { StoreReader } from '@aiwatch/store'
import { readRecent } from './read-recent.ts'
import { ACTIVE_WINDOWS_MS } from './windows.ts'

/** Value by name of the metric, defined as in `/analytics`. `reader` must take the slot's start for the present time. */
export async function measureSlot(reader: StoreReader, slotMs: number): Promise<Map<string, number>> {
  const [recent, active] = await Promise.all([readRecent(reader, slotMs), reader.active(ACTIVE_WINDOWS_MS)])
  return new Map([
    ['tokens:input_rate', recent.inputPerMinute],
    ['tokens:output_rate', recent.outputPerMinute],
    ['users:active_5m', active.users[0] ?? 0],
    ['users:active_1h', active.users[2] ?? 0],
    ['response_time:p95', recent.p95Seconds],
    ['response_time:p99', recent.p99Seconds],
    ['error_rate', recent.errorRate],
  ])
}
