/**
 * Publishes the series of every tenant that are due and that nobody has published: a writer publishes as it writes, and one that was killed leaves
 * the rest to this. Any number of collectors may do so side by side. Tenants on plain Redis never have anything due.
 */
import { listTenants, publishSeries, tenantKeys } from '@aiwatch/store'
import type { Log } from '../log.ts'
import type { RedisConnection } from '../redis/redis-connection.ts'

const PUBLISH_EVERY_MS = 2000
/** Tenants asked in one round trip. */
const TENANTS_PER_TRIP = 500
/** Steps of about 2 ms of the server's time per tenant and round: a backlog must not take the time in which an answer is expected. */
const STEPS_PER_ROUND = 50

export interface PublisherOptions {
  connection: RedisConnection
  log: Log
  /** Milliseconds between two rounds. Default 2000. */
  everyMs?: number
}

export interface PublisherCheck {
  status: 'up' | 'down' | 'starting'
  error?: string
}

async function findUnpublished({ redis }: RedisConnection, tenants: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (let from = 0; from < tenants.length; from += TENANTS_PER_TRIP) {
    const some = tenants.slice(from, from + TENANTS_PER_TRIP)
    const sizes = await Promise.all(some.map((tenant) => redis.zcard(tenantKeys(tenant).unpublished)))
    found.push(...some.filter((_, i) => (sizes[i] as number) > 0))
  }
  return found
}

/** One round; returns the number of values written. The trouble of one tenant does not keep the others: it is thrown at the end. */
export async function publishDue({ connection }: PublisherOptions): Promise<number> {
  const tenants = await connection.ask(async () => findUnpublished(connection, await listTenants(connection.redis)))
  let values = 0
  let trouble: unknown
  for (const tenant of tenants) {
    try {
      values += (await connection.ask(() => publishSeries(connection.redis, tenant, { maxRuns: STEPS_PER_ROUND }))).values
    } catch (error) {
      trouble ??= error
    }
  }
  if (trouble !== undefined) throw trouble
  return values
}

export interface Publisher {
  check(): PublisherCheck
  stop(): void
}

/** Publishes every two seconds until it is stopped; a round that fails is told once, and tried again. */
export function startPublisher(options: PublisherOptions): Publisher {
  let state: PublisherCheck = { status: 'starting' }
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const run = async () => {
    const reason = options.connection.trouble()
    if (reason === undefined) await attempt()
    else state = { status: 'down', error: reason }
    if (!stopped) plan()
  }
  const attempt = async () => {
    try {
      await publishDue(options)
      state = { status: 'up' }
    } catch (error) {
      const reason = (error as Error).message
      if (state.error !== reason && !stopped) options.log.error('publishing series failed', { error: reason })
      state = { status: 'down', error: reason }
    }
  }
  const plan = () => {
    timer = setTimeout(() => void run(), options.everyMs ?? PUBLISH_EVERY_MS)
    timer.unref()
  }
  plan()
  return {
    check: () => state,
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
