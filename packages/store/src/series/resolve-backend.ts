/** In which form a tenant's series are kept, and whether a server can serve it. */
import { StoreError, toStoreError } from '../errors.ts'
import { tenantKeys } from '../keys.ts'
import { connectionEpoch } from '../read/connection-epoch.ts'
import type { RedisClient } from '../redis-client.ts'

export type BackendName = 'plain' | 'module'

interface Memory {
  epoch: number
  /** What the server can do. */
  server: BackendName | undefined
  tenants: Map<string, BackendName>
}

/** Tenants remembered per connection; one that is forgotten costs a question. */
const MAX_TENANTS = 10_000
const memories = new WeakMap<RedisClient, Memory>()

function memoryOf(redis: RedisClient): Memory {
  const epoch = connectionEpoch(redis)
  let memory = memories.get(redis)
  // After a reconnection another server may answer.
  if (!memory || memory.epoch !== epoch || memory.tenants.size >= MAX_TENANTS) {
    memory = { epoch, server: undefined, tenants: new Map() }
    memories.set(redis, memory)
  }
  return memory
}

export function isBackendName(text: unknown): text is BackendName {
  return text === 'plain' || text === 'module'
}

/** Every server with the module knows the command, and says of a key that does not exist that it does not. */
function readProbe(error: Error | null): BackendName {
  if (!error || /TSDB/.test(error.message)) return 'module'
  // A user who may not use the module has none.
  if (/unknown command|NOPERM/i.test(error.message)) return 'plain'
  throw error
}

export interface ResolvedBackend {
  /** How the tenant's series are kept, or would be if it began now. */
  backend: BackendName
  /** False for a tenant whose series are on the module when this server does not have it, or refuses it to this user. */
  isServed: boolean
}

/**
 * The form of a tenant's series: the one that it began with, for a new tenant what the server can do best. Asked once per connection. It takes no
 * rights but those of reading series. Rejects with a StoreError when Redis does not answer.
 */
export async function resolveBackend(redis: RedisClient, tenant: string): Promise<ResolvedBackend> {
  const memory = memoryOf(redis)
  const known = memory.tenants.get(tenant)
  if (known && memory.server) return { backend: known, isServed: known === 'plain' || memory.server === 'module' }
  const keys = tenantKeys(tenant)
  try {
    const pipeline = redis.pipeline().get(keys.backend)
    if (!memory.server) pipeline.call('TS.GET', `${keys.backend}:none`)
    const [held, probed] = (await pipeline.exec()) ?? []
    if (held?.[0]) throw held[0]
    memory.server ??= readProbe(probed?.[0] ?? null)
    const backend = isBackendName(held?.[1]) ? held[1] : undefined
    if (backend) memory.tenants.set(tenant, backend)
    return { backend: backend ?? memory.server, isServed: backend !== 'module' || memory.server === 'module' }
  } catch (error) {
    throw toStoreError(error)
  }
}

/** Rejects with a StoreError when this server cannot serve the tenant, or does not answer. */
export async function requireBackend(redis: RedisClient, tenant: string): Promise<BackendName> {
  const { backend, isServed } = await resolveBackend(redis, tenant)
  if (!isServed) throw wrongBackend(tenant, backend, 'plain')
  return backend
}

/**
 * The form of a tenant's series, fixed from now on when the tenant is new. Rejects with a StoreError as `resolveBackend` does, and when this server
 * cannot serve the tenant.
 */
export async function beginBackend(redis: RedisClient, tenant: string): Promise<BackendName> {
  const { tenants } = memoryOf(redis)
  const backend = await requireBackend(redis, tenant)
  if (tenants.has(tenant)) return backend
  const { backend: key } = tenantKeys(tenant)
  try {
    await redis.set(key, backend, 'NX')
    const held = await redis.get(key)
    if (!isBackendName(held)) throw wrongBackend(tenant, String(held), backend)
    noteBackend(redis, tenant, held)
    return held
  } catch (error) {
    throw toStoreError(error)
  }
}

export function wrongBackend(tenant: string, kept: string, written: BackendName): StoreError {
  const isModuleMissing = kept === 'module' && written === 'plain'
  const text = isModuleMissing
    ? `the series of tenant ${tenant} are kept in RedisTimeSeries ("module"), which this Redis does not have or does not let this user use: connect to the Redis that it was begun on, load the module, or give the user its commands`
    : `tenant ${tenant} keeps its series in the form "${kept}", this program writes "${written}": use the version and Redis that it was begun with`
  return new StoreError(text, { code: 'wrong_backend', retryable: false })
}

/** The backend that a write found, or began. */
export function noteBackend(redis: RedisClient, tenant: string, backend: BackendName): void {
  memoryOf(redis).tenants.set(tenant, backend)
}
