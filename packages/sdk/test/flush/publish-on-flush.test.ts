import { AIWatch } from '@aiwatch/sdk'
import { startRedis, TIMESERIES_KINDS } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'

const FILTER = ['tenant=default', 'tier=1h', 'metric=tokens', 'direction=input']

async function inputTokens(redis: Redis): Promise<number> {
  const series = (await redis.call('TS.MRANGE', '-', '+', 'FILTER', ...FILTER)) as [string, unknown, [number, string][]][]
  return series.flatMap(([, , samples]) => samples).reduce((sum, [, value]) => sum + Number(value), 0)
}

describeOnEachRedis('on RedisTimeSeries', TIMESERIES_KINDS, (kind) => {
  test('what flush() and close() acknowledged is in the time series', async () => {
    const server = await startRedis({ kind })
    const redis = new Redis(server.url)
    const watch = new AIWatch({ redis: server.url })
    try {
      watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 10, outputTokens: 5 } })
      await watch.flush()
      expect(await inputTokens(redis)).toBe(10)
      watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 7, outputTokens: 5 } })
      await watch.close()
      expect(await inputTokens(redis)).toBe(17)
      expect(await redis.exists('aiw:{default}:unpublished')).toBe(0)
    } finally {
      await watch.close()
      redis.disconnect()
      await server.stop()
    }
  })

  test('a user who may not write series still counts calls, and flush() resolves', async () => {
    const server = await startRedis({ kind })
    const admin = new Redis(server.url)
    await admin.call('ACL', 'SETUSER', 'writer', 'on', '>secret', '~*', '&*', '+@all', '-ts.madd', '-ts.create')
    const watch = new AIWatch({ redis: server.url.replace('redis://', 'redis://writer:secret@') })
    try {
      watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 10, outputTokens: 5 } })
      await watch.flush()
      expect(watch.stats()).toMatchObject({ recorded: 1, flushed: 1, buffered: 0 })
      expect(await admin.exists('aiw:{default}:unpublished')).toBe(1)
    } finally {
      await watch.close()
      admin.disconnect()
      await server.stop()
    }
  })
})
