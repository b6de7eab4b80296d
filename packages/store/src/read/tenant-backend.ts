import type { TenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'
import { type BackendName, isBackendName } from '../series/resolve-backend.ts'
import { connectionEpoch } from './connection-epoch.ts'
import type { RoundTrips } from './round-trips.ts'

/** How a tenant's series are kept, as far as its reader knows. Asked again with every question that depends on it: a name is cheap, a wrong form is empty. */
export class TenantBackend {
  private readonly redis: RedisClient
  private readonly key: string
  private readonly trips: RoundTrips
  private held: { epoch: number; name: BackendName } | undefined

  constructor(redis: RedisClient, keys: TenantKeys, trips: RoundTrips) {
    this.redis = redis
    this.key = keys.backend
    this.trips = trips
  }

  /** Undefined while it was not asked, and after a reconnection: another server may answer. */
  get known(): BackendName | undefined {
    return this.held?.epoch === connectionEpoch(this.redis) ? this.held.name : undefined
  }

  /** Undefined when nothing was written yet. */
  async ask(): Promise<BackendName | undefined> {
    const epoch = connectionEpoch(this.redis)
    const reply = await this.trips.ask('GET', [this.key])
    const name = Buffer.isBuffer(reply) ? reply.toString('latin1') : undefined
    this.held = isBackendName(name) ? { epoch, name } : undefined
    return this.held?.name
  }
}
