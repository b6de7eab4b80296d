/** Batches to a Redis, by the apply script. */
import {
  type ApplyResult,
  applyBatch,
  type Batch,
  type BatchContents,
  type Connection,
  connectRedis,
  publishSeries,
  type RedisClient,
  resolveBackend,
  StoreError,
  splitBatch,
  toStoreError,
} from '@aiwatch/store'
import type { FlushTransport } from './flush-transport.ts'

/** URLs (several: nodes of one cluster), or a client of the program's own, which is never closed. */
export type RedisTarget = string | readonly string[] | RedisClient

function isUrls(target: RedisTarget): target is string | readonly string[] {
  return typeof target === 'string' || Array.isArray(target)
}

function describe(target: RedisTarget): string {
  if (!isUrls(target)) return 'the given Redis client'
  const [first, ...others] = typeof target === 'string' ? [target] : target
  const { host } = new URL(first as string)
  return `Redis at ${host}${others.length > 0 ? ` and ${others.length} more nodes` : ''}`
}

export class RedisTransport implements FlushTransport {
  readonly target: string
  private readonly redis: RedisTarget
  private connection: Connection | undefined
  private lastConnectionError: Error | undefined
  private closed = false

  constructor(redis: RedisTarget) {
    this.redis = redis
    this.target = describe(redis)
  }

  split(contents: BatchContents): BatchContents[] {
    return splitBatch(contents, this.presentClient())
  }

  async apply(batch: Batch): Promise<ApplyResult> {
    const client = await this.readyClient()
    return applyBatch(client, batch)
  }

  async publish(tenant: string): Promise<void> {
    const client = this.presentClient()
    // Without a connection nothing was applied that somebody else would not publish.
    if (client?.status !== 'ready') return
    if ((await resolveBackend(client, tenant)).backend === 'module') await publishSeries(client, tenant, { all: true })
  }

  isHopeless(error: unknown): boolean {
    // A TypeError is ours: the batch could not even be encoded, and will not be next time.
    return error instanceof StoreError && (error.code === 'invalid_batch' || error.cause instanceof TypeError)
  }

  reset(): void {
    this.connection?.close()
    this.connection = undefined
  }

  close(): void {
    this.closed = true
    this.reset()
  }

  private presentClient(): RedisClient | undefined {
    return isUrls(this.redis) ? this.connection?.client : this.redis
  }

  private async readyClient(): Promise<RedisClient> {
    if (this.closed) throw new Error('AIWatch is closed')
    const client = isUrls(this.redis) ? this.open(this.redis) : this.redis
    if (client.status === 'ready') return client
    if (client.status === 'wait') {
      try {
        await client.connect()
        return client
      } catch (error) {
        // ioredis rejects with "Connection is closed"; why it was closed it told its error listeners.
        throw toStoreError(this.lastConnectionError ?? error)
      }
    }
    throw new Error(`${this.target} is not ready: it is ${client.status}`)
  }

  /** A connection that ends is not opened again behind our back: an attempt to flush does that, and there are no timers in between. */
  private open(urls: string | readonly string[]): RedisClient {
    if (this.connection) return this.connection.client
    this.lastConnectionError = undefined
    const onError = (error: Error) => {
      this.lastConnectionError = error
    }
    const connection = connectRedis(urls, { role: 'writer', onError, connectionName: 'aiwatch-sdk', commandTimeoutMs: 0 })
    connection.client.once('close', () => {
      connection.close()
      if (this.connection === connection) this.connection = undefined
    })
    this.connection = connection
    return connection.client
  }
}
