import { applyBatch, CODE, emptyContents, tenantKeys, toCell } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { publishDue, startPublisher } from '../src/jobs/publisher.ts'
import { createLog } from '../src/log.ts'
import { openRedisConnection, type RedisConnection } from '../src/redis/redis-connection.ts'

const CELL = toCell('app', 'vendor', 'model')
const log = createLog('silent')

describeOnEachRedis('the publisher', ['redis', 'stack'], (kind) => {
  let server: RedisServer
  let redis: Redis
  let connection: RedisConnection
  beforeAll(async () => {
    server = await startRedis({ kind })
    redis = new Redis(server.url)
    connection = openRedisConnection(server.url, 5000)
    await connection.settled(5000)
  })
  afterAll(async () => {
    connection.close()
    redis.disconnect()
    await server.stop()
  })

  /** A writer that was killed before it could publish. */
  async function writeUnpublished(tenant: string): Promise<string> {
    const start = Math.floor(Date.now() / 10_000) * 10
    const series = [{ tier: '10s' as const, start, cell: 0, values: [CODE.callsOk, 3] }]
    const result = await applyBatch(redis, { ...emptyContents(tenant, 'killed'), sequence: 1, cells: [CELL], series })
    expect(result).toMatchObject({ status: 'applied', refusedOperations: 0 })
    const { unpublished } = tenantKeys(tenant)
    if ((await redis.exists(unpublished)) === 1) await redis.zadd(unpublished, 1, `10s:${start}`)
    return tenantKeys(tenant).timeSeries('10s', CODE.callsOk, CELL.id)
  }

  test('publishes what is due of every tenant once, and has nothing to do on plain Redis', async () => {
    const series = [await writeUnpublished('one'), await writeUnpublished('two')]
    const isModule = kind === 'stack'
    const written = await Promise.all([publishDue({ connection, log }), publishDue({ connection, log })])
    expect((written[0] ?? 0) + (written[1] ?? 0)).toBe(isModule ? 2 : 0)
    expect(await redis.exists(...series)).toBe(isModule ? 2 : 0)
    expect(await publishDue({ connection, log })).toBe(0)
  })

  test('goes on until it is stopped', async () => {
    const publisher = startPublisher({ connection, log, everyMs: 10 })
    await writeUnpublished('three')
    for (let i = 0; i < 500 && (publisher.check().status !== 'up' || (await redis.exists(tenantKeys('three').unpublished)) === 1); i++)
      await new Promise((done) => setTimeout(done, 10))
    publisher.stop()
    expect(publisher.check()).toEqual({ status: 'up' })
    expect(await redis.exists(tenantKeys('three').unpublished)).toBe(0)
  })
})
