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
    for (const name of hasTimeSeries(kind) ? ['plain', 'module'] : ['plain']) {
      await redis.set(tenantKeys('default').backend, name)
      expect(await check()).toMatchObject({ timeseries: name })
    }
  })

  it.skipIf(hasTimeSeries(kind))('is 503 where the data of its tenant is on the module and the server does not have it', async () => {
    await redis.set(tenantKeys('other').backend, 'module')
    const other = await startCollector({ ...QUIET, redisUrl: server.url, tenant: 'other' })
    try {
      const { status, body } = await getJson<{ checks: { redis: unknown } }>(`${other.analyticsUrl}/health`)
      expect(status).toBe(503)
      expect(body.checks.redis).toEqual({ status: 'down', error: expect.stringMatching(/tenant other are kept in RedisTimeSeries/) })
      // Hours older than two days are read from series alone; the newer ones can be read anywhere.
      const query = await fetch(`${other.analyticsUrl}/v1/overview?from=now-7d`)
      expect([query.status, await query.text()]).toEqual([503, expect.stringContaining('RedisTimeSeries')])
    } finally {
      await other.close()
    }
  })
})
