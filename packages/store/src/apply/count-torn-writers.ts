import { tenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'

/** Writers looked at in one round trip. */
const WRITERS_PER_TRIP = 1000

/**
 * Writers of the last 48 h whose last batch was applied in part, because a cut append-only file was replayed, and who have not been told
 * (they are gone, or have not written since). Writers that have been told are counted in `integrity.tornWriters`.
 */
export async function countTornWriters(redis: RedisClient, tenant: string): Promise<number> {
  const keys = tenantKeys(tenant)
  let torn = 0
  for (let from = 0; ; from += WRITERS_PER_TRIP) {
    const writers = await redis.zrange(keys.writers, from, from + WRITERS_PER_TRIP - 1)
    const guards = await Promise.all(writers.map((writer) => redis.hmget(keys.writer(writer), 'first', 'last')))
    for (const [first, last] of guards) if ((first ?? '0') !== (last ?? '0')) torn++
    if (writers.length < WRITERS_PER_TRIP) return torn
  }
}
