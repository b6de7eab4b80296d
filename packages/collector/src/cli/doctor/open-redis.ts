/** A connection for looking only: nothing is tried twice, and a server that loads its data answers as far as it does. */
import { toStoreError } from '@aiwatch/store'
import { Redis } from 'ioredis'
import { parseInfo, type ServerInfo, toServerInfo } from '../../redis/read-server-info.ts'

const TIMEOUT_MS = 3000

export interface LookedAtRedis {
  redis: Redis
  /** The fields of INFO, and what the collector makes of them. */
  fields: Map<string, string>
  server: ServerInfo
}

/** Rejects with a StoreError that says what to do. */
export async function openRedis(url: string): Promise<LookedAtRedis> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    connectionName: 'aiwatch-doctor',
  })
  let first: Error | undefined
  redis.on('error', (error: Error & { errors?: Error[] }) => {
    first ??= error.errors?.[0] ?? error
  })
  try {
    await redis.connect()
    const info = await redis.info()
    return { redis, fields: parseInfo(info), server: toServerInfo(info) }
  } catch (error) {
    redis.disconnect()
    throw toStoreError(first ?? error)
  }
}
