import { assertTenant } from '../identity.ts'
import { TENANTS_KEY } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'

/** Names of the tenants that have data, sorted. Names that are not a tenant's are left out. */
export async function listTenants(redis: RedisClient): Promise<string[]> {
  const names = await redis.zrange(TENANTS_KEY, 0, -1)
  return names.filter(isTenant).sort()
}

function isTenant(name: string): boolean {
  try {
    assertTenant(name)
    return true
  } catch {
    return false
  }
}
