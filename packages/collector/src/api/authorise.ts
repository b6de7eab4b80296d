/** Who may ask what. Without any key the collector answers everyone who reaches loopback, and nobody who comes from elsewhere. */
import type { IncomingMessage } from 'node:http'
import { type ApiKeys, readApiKeys } from '@aiwatch/store'
import type { Role } from '../contract/index.ts'
import { RefusedError } from '../errors.ts'
import type { RedisConnection } from '../redis/redis-connection.ts'

export interface Caller {
  tenant: string
  role: Role
}

/** Throws a RefusedError when the request may not be answered, or a `redis_away` error when that cannot be known. */
export type Authorise = (request: IncomingMessage, role: Role) => Promise<Caller>

/** Who asks, where that is known without reading anything; undefined also where the request may not be answered at all. */
export type AuthoriseNow = (request: IncomingMessage) => Caller | undefined

/** A key that was made or revoked counts after this long at the latest; from half of it on the keys are read anew, while requests go on. */
const KEEP_MS = 2000
const REFRESH_MS = KEEP_MS / 2
/** While Redis is away the keys that were known go on counting. */
const KEEP_WHILE_AWAY_MS = 15 * 60_000

/** What a key of each role may do. */
const MAY: Record<Role, readonly Role[]> = { ingest: ['ingest'], read: ['read'], admin: ['ingest', 'read', 'admin'] }

export const mayAsk = (has: Role, needs: Role): boolean => MAY[has].includes(needs)

const BEARER = /^Bearer +(\S+) *$/i

function tokenOf(request: IncomingMessage): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1]
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="aiwatch"' }
const unauthorised = (message: string) => new RefusedError(401, message, CHALLENGE)

export interface KnownKeys {
  /** The keys as they are now; throws a `redis_away` error when that cannot be known. */
  current(): Promise<ApiKeys>
  /** The same where nothing has to be read for it. */
  known(): ApiKeys | undefined
}

export function createKnownKeys(connection: RedisConnection, now: () => number = performance.now.bind(performance)): KnownKeys {
  let known: { keys: ApiKeys; readAtMs: number } | undefined
  let reading: Promise<ApiKeys> | undefined

  const read = async (): Promise<ApiKeys> => {
    const askedMs = now()
    const keys = await connection.ask(() => readApiKeys(connection.redis))
    known = { keys, readAtMs: askedMs }
    return keys
  }
  const refresh = (): Promise<ApiKeys> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
  const ageMs = () => (known ? now() - known.readAtMs : Number.POSITIVE_INFINITY)
  const fresh = () => (ageMs() < REFRESH_MS ? known?.keys : undefined)
  return {
    known: fresh,
    async current() {
      const keys = fresh()
      if (keys) return keys
      const refreshed = refresh()
      if (known && ageMs() < KEEP_MS) {
        refreshed.catch(() => {})
        return known.keys
      }
      try {
        return await refreshed
      } catch (error) {
        if (known && ageMs() < KEEP_WHILE_AWAY_MS) return known.keys
        throw error
      }
    },
  }
}

export interface AuthoriseOptions {
  keys: KnownKeys
  /** Whose data is answered while there is no key. */
  defaultTenant: string
  /** Whether only this machine can reach the ports: without a key nobody else is answered. */
  isLoopback: boolean
}

export function createAuthorise({ keys, defaultTenant, isLoopback }: AuthoriseOptions): {
  authorise: Authorise
  authoriseNow: AuthoriseNow
} {
  const findCaller = (request: IncomingMessage, known: ApiKeys): Caller | RefusedError => {
    if (known.size === 0) {
      if (isLoopback) return { tenant: defaultTenant, role: 'admin' }
      return unauthorised('there is no API key any more: make one with "aiwatch keys create --role read"')
    }
    const token = tokenOf(request)
    if (token === undefined) return unauthorised('give an API key as "Authorization: Bearer aiw_…"')
    const key = known.find(token)
    return key ? { tenant: key.tenant, role: key.role } : unauthorised('this API key is not known, or was revoked')
  }
  return {
    async authorise(request, role) {
      const caller = findCaller(request, await keys.current())
      if (caller instanceof RefusedError) throw caller
      if (mayAsk(caller.role, role)) return caller
      throw new RefusedError(403, `this needs a key of role ${role}; the one given has role ${caller.role}`)
    },
    authoriseNow(request) {
      const known = keys.known()
      const caller = known && findCaller(request, known)
      return caller instanceof RefusedError ? undefined : caller
    },
  }
}
