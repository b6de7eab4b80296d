import { randomBytes } from 'node:crypto'
import { applyBatch, type Batch, type Cell, emptyContents, toCell } from '@aiwatch/store'
import { type RedisKind, type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'

export interface TestStore {
  server: RedisServer
  redis: Redis
  close(): Promise<void>
}

export async function openTestStore(kind?: RedisKind): Promise<TestStore> {
  const server = await startRedis(kind ? { kind } : {})
  const redis = new Redis(server.url)
  return {
    server,
    redis,
    async close() {
      redis.disconnect()
      await server.stop()
    },
  }
}

export const newTenant = () => `t${randomBytes(6).toString('hex')}`
export const CELLS: Cell[] = ['gpt-4o', 'claude', 'llama'].map((model) => toCell('app', 'vendor', model))

/** Applies batches of one writer, in order. */
export class TestWriter {
  private readonly redis: Redis
  private readonly tenant: string
  private readonly writer = randomBytes(8).toString('hex')
  private sequence = 0

  constructor(redis: Redis, tenant: string) {
    this.redis = redis
    this.tenant = tenant
  }

  async apply(parts: Partial<Batch>): Promise<void> {
    const result = await applyBatch(this.redis, {
      ...emptyContents(this.tenant, this.writer),
      sequence: ++this.sequence,
      cells: CELLS,
      ...parts,
    })
    if (result.status !== 'applied' || result.refusedOperations > 0) throw new Error(`batch: ${JSON.stringify(result)}`)
  }
}
