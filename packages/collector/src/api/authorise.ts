/** Who may ask what. Without any key the collector answers everyone, and listens on loopback only. */
import { type ApiKeys, readApiKeys } from '@aiwatch/store'
import type { Request } from 'express'
import type { Role } from '../contract/index.ts'
import type { RedisConnection } from '../redis/redis-connection.ts'
import { RefusedError } from './v1/problem.ts'

export interface Caller {
  tenant: string
  role: Role
}

/** Throws a RefusedError when the request may not be answered, or a `redis_away` error when that cannot be known. */
export type Authorise = (request: Request, role: Role) => Promise<Caller>

/** A key that was made or revoked counts after this long. */
const KEEP_MS = 2000
/** While Redis is away the keys that were known go on counting. */
const KEEP_WHILE_AWAY_MS = 15 * 60_000

/** What a key of each role may do. */
const MAY: Record<Role, readonly Role[]> = { ingest: ['ingest'], read: ['read'], admin: ['ingest', 'read', 'admin'] }

const BEARER = /^Bearer +(\S+)$/i

function tokenOf(request: Request): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1]
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="aiwatch"' }

export function createAuthorise(
  connection: RedisConnection,
  defaultTenant: string,
  now: () => number = performance.now.bind(performance),
): Authorise {
  let known: { keys: ApiKeys; readAtMs: number } | undefined
  let reading: Promise<ApiKeys> | undefined

  const read = async (): Promise<ApiKeys> => {
    const keys = await connection.ask(() => readApiKeys(connection.redis))
    known = { keys, readAtMs: now() }
    return keys
  }
  const current = async (): Promise<ApiKeys> => {
    if (known && now() - known.readAtMs < KEEP_MS) return known.keys
    reading ??= read().finally(() => {
      reading = undefined
    })
    try {
      return await reading
    } catch (error) {
      if (known && now() - known.readAtMs < KEEP_WHILE_AWAY_MS) return known.keys
      throw error
    }
  }

  return async (request, role) => {
    const keys = await current()
    if (keys.size === 0) return { tenant: defaultTenant, role: 'admin' }
    const token = tokenOf(request)
    if (token === undefined) throw new RefusedError(401, 'give an API key as "Authorization: Bearer aiw_…"', CHALLENGE)
    const key = keys.find(token)
    if (!key) throw new RefusedError(401, 'this API key is not known, or was revoked', CHALLENGE)
    if (!MAY[key.role].includes(role)) throw new RefusedError(403, `this needs a key of role ${role}; the one given has role ${key.role}`)
    return { tenant: key.tenant, role: key.role }
  }
}
