import {
  applyBatch,
  CODE,
  connectRedis,
  emptyContents,
  openReader,
  publishSeries,
  type RedisClient,
  tenantKeys,
  toCell,
  writeSample,
} from '@aiwatch/store'
import { type RedisCluster, startRedisCluster, whyMissing } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newTenant } from '../read/open-store.ts'
import { startOf } from './series-model.ts'

const missing = whyMissing('stack')
const CELL = toCell('app', 'vendor', 'model')

describe.skipIf(missing)(`series on a cluster of three${missing ? ` (not here: ${missing})` : ''}`, () => {
  let cluster: RedisCluster
  let redis: RedisClient
  let close: () => void
  beforeAll(async () => {
    cluster = await startRedisCluster({ kind: 'stack' })
    const urls = cluster.addresses.map(({ host, port }) => `redis://${host}:${port}`)
    const connection = connectRedis(urls, { role: 'reader' })
    redis = connection.client
    close = connection.close
  })
  afterAll(async () => {
    close?.()
    await cluster?.stop()
  })

  test('of tenants on different nodes are written, published and read, and TS.MRANGE of any node shows all', async () => {
    const tenants = Array.from({ length: 8 }, newTenant)
    const starts = [startOf('10s', 0), startOf('10s', 5 * 3600)]
    for (const [i, tenant] of tenants.entries()) {
      const series = starts.map((start) => ({ tier: '10s' as const, start, cell: 0, values: [CODE.inputTokens, i + 1] }))
      const batch = { ...emptyContents(tenant, 'writer'), cells: [CELL], series }
      for (const sequence of [1, 2])
        expect(await applyBatch(redis, { ...batch, sequence })).toMatchObject({ status: 'applied', refusedOperations: 0 })
      await publishSeries(redis, tenant, { all: true })
      const reader = openReader(redis, { tenant })
      for (const start of starts) {
        const [bucket] = await reader.buckets('10s', start, start + 10)
        expect(bucket?.cells.get(CELL.id)).toEqual(new Map([[CODE.inputTokens, 2 * (i + 1)]]))
      }
      expect(await reader.backend()).toBe('module')
    }
    const total = tenants.reduce((sum, _, i) => sum + 2 * (i + 1), 0)
    const holders = new Set<number>()
    for (const node of cluster.nodes) {
      const client = new Redis(node.url)
      const filter = ['metric=tokens', 'direction=input', 'tier=10s', `model=${CELL.model}`]
      const groups = (await client.call('TS.MRANGE', '-', '+', 'FILTER', ...filter, 'GROUPBY', 'metric', 'REDUCE', 'sum')) as unknown[][]
      expect(groups.map(([, , samples]) => (samples as [number, string][]).map(([, value]) => Number(value)))).toEqual([[total, total]])
      if ((await client.keys('aiw:*:ts:*')).length > 0) holders.add(node.port)
      client.disconnect()
    }
    expect(holders.size).toBeGreaterThan(1)
    expect(await redis.exists(tenantKeys(tenants[0] as string).unpublished)).toBe(0)
  })

  test('samples of a tenant whose keys are in other slots than the rest are written and read', async () => {
    const slotSeconds = startOf('1m', 0)
    for (const tenant of ['default', newTenant()]) {
      for (const name of ['error_rate', 'cpu:usage', 'tokens:input_rate']) {
        await writeSample(redis, tenant, { name, slotSeconds, value: 0.5, keepSeconds: 86_400 })
        const reader = openReader(redis, { tenant })
        for (let i = 0; i < 2; i++) expect(await reader.latestSample(name)).toEqual({ timestampMs: slotSeconds * 1000, value: 0.5 })
      }
    }
  })
})
