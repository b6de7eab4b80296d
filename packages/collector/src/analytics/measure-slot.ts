/** The values of the sampled metrics that come from the tenant's calls, as of the start of a slot. */
import type { StoreReader } from '@aiwatch/store'
import { readActive } from './read-active.ts'
import { readRecent } from './read-recent.ts'

/** Value by name of the metric, defined as in `/analytics`. `reader` must take the slot's start for the present time. */
export async function measureSlot(reader: StoreReader, slotMs: number): Promise<Map<string, number>> {
  const [recent, active] = await Promise.all([readRecent(reader, slotMs), readActive(reader)])
  return new Map([
    ['tokens:input_rate', recent.inputPerMinute],
    ['tokens:output_rate', recent.outputPerMinute],
    ['users:active_5m', active.users['5m']],
    ['users:active_1h', active.users['1h']],
    ['response_time:p95', recent.p95Seconds],
    ['response_time:p99', recent.p99Seconds],
    ['error_rate', recent.errorRate],
  ])
}
