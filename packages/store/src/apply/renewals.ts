import type { Batch } from '../batch.ts'
import type { RedisClient } from '../redis-client.ts'

/** Keys that live on are renewed, and tenants and writers entered in their lists, this often. */
const RENEWAL_INTERVAL_MS = 3600 * 1000
/** Writers remembered per connection: a collector sees many. Forgetting one costs a renewal. */
const MAX_WRITERS = 10_000

const renewedAt = new WeakMap<RedisClient, Map<string, number>>()

const keyOf = (batch: Batch) => `${batch.tenant} ${batch.writer}`

/** True for the first batch of a writer on a connection, and hourly from then on. */
export function isRenewalDue(redis: RedisClient, batch: Batch): boolean {
  const last = renewedAt.get(redis)?.get(keyOf(batch))
  return last === undefined || performance.now() - last >= RENEWAL_INTERVAL_MS
}

export function noteRenewal(redis: RedisClient, batch: Batch): void {
  let writers = renewedAt.get(redis)
  if (!writers || writers.size >= MAX_WRITERS) {
    writers = new Map()
    renewedAt.set(redis, writers)
  }
  writers.set(keyOf(batch), performance.now())
}
