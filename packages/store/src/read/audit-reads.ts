/** What only an audit of a tenant reads: whole sets, page by page. Nothing that is polled may use these. */
import type { Board } from '../batch.ts'
import { tenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'

const PAGE = 1000

/** Keys of the users seen in the last 25 h, in pages; a user may come twice. Users seen while it runs may be missing. */
export async function* scanSeenUsers(redis: RedisClient, tenant: string): AsyncGenerator<string[]> {
  const key = tenantKeys(tenant).seenUsers
  for (let cursor = '0'; ; ) {
    const [next, entries] = await redis.zscan(key, cursor, 'COUNT', PAGE)
    yield entries.filter((_, i) => i % 2 === 0)
    if (next === '0') return
    cursor = next
  }
}

/** Sum over all members of the board of a closed hour (start in seconds since the epoch). */
export async function sumBoard(
  redis: RedisClient,
  { tenant, board, start }: { tenant: string; board: Board; start: number },
): Promise<number> {
  const key = tenantKeys(tenant).board(board, start)
  let sum = 0
  for (let from = 0; ; from += PAGE) {
    const entries = await redis.zrange(key, from, from + PAGE - 1, 'WITHSCORES')
    for (let i = 1; i < entries.length; i += 2) sum += Number(entries[i])
    if (entries.length < PAGE * 2) return sum
  }
}

/**
 * When each of these hours was last written late, by the server's clock in milliseconds; undefined where that was not within the last 25 h. Hours
 * are starts in seconds since the epoch.
 */
export async function readLateHours(redis: RedisClient, tenant: string, hours: readonly number[]): Promise<(number | undefined)[]> {
  if (hours.length === 0) return []
  const scores = await redis.zmscore(tenantKeys(tenant).late, ...hours.map((hour) => `1h:${hour}`))
  return scores.map((score) => (score === null ? undefined : Number(score)))
}
