import { tenantKeys } from '@aiwatch/store'
import { hasTimeSeries, type RedisServer, startRedis } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Collector, startCollector } from '../src/index.ts'
import { getJson, QUIET } from './run-collector.ts'

describeOnEachRedis('GET /health', (kind) => {
  let server: RedisServer
  let redis: Redis
  let collector: Collector
  const check = async () =>
    (await getJson<{ checks: { redis: Record<string, unknown> } }>(`${collector.analyticsUrl}/health`)).body.checks.redis
  beforeAll(async () => {
    server = await startRedis({ kind })
    redis = new Redis(server.url)
    collector = await startCollector({ ...QUIET, redisUrl: server.url })
  })
  afterAll(async () => {
    await collector.close()
    redis.disconnect()
    await server.stop()
  })

  it('says what the server is and can', async () => {
    expect(await check()).toMatchObject({
      status: 'up',
      kind: kind === 'valkey' ? 'valkey' : hasTimeSeries(kind) ? 'stack' : 'redis',
      timeseries: hasTimeSeries(kind) ? 'module' : 'plain',
      version: expect.stringMatching(kind === 'valkey' ? /^valkey \d+\.\d+/ : /^\d+\.\d+/),
    })
  })

  it('says in what form the data of its tenant is kept, whatever the server can', async () => {
    for (const name of ['plain', 'module']) {
      await redis.set(tenantKeys('default').backend, name)
      expect(await check()).toMatchObject({ timeseries: name })
    }
  })
})
