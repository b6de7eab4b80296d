import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { describeOnEachRedis } from '../src/describe-on-each-redis.ts'
import { findRedisProgram, hasTimeSeries, startRedis, startRedisCluster, TIMESERIES_KINDS } from '../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describeOnEachRedis('a server of its kind', (kind) => {
  test('is of the version that was found, and has the module or not, after a restart as well', async () => {
    const server = await startRedis({ kind })
    cleanups.push(() => server.stop())
    for (let i = 0; i < 2; i++) {
      const client = new Redis(server.url)
      try {
        expect(await client.info('server')).toContain(`${kind === 'valkey' ? 'valkey' : 'redis'}_version:${findRedisProgram(kind).version}`)
        const add = client.call('TS.ADD', 'a', 1000, 1)
        if (hasTimeSeries(kind)) expect(await add).toBe(1000)
        else await expect(add).rejects.toThrow(/unknown command/)
      } finally {
        client.disconnect()
      }
      await server.restart()
    }
  })
})

describeOnEachRedis('a cluster of three', TIMESERIES_KINDS, (kind) => {
  test('answers TS.MRANGE on any node for the series of all', async () => {
    const cluster = await startRedisCluster({ nodes: 3, kind })
    cleanups.push(() => cluster.stop())
    const clients = cluster.nodes.map((node) => new Redis(node.url))
    cleanups.push(() => {
      for (const client of clients) client.disconnect()
    })
    // Slots 3300, 7365 and 11298 of a, b and c: one on each node.
    for (const key of ['b', 'c', 'a']) {
      const stored = await Promise.allSettled(clients.map((client) => client.call('TS.ADD', key, 1000, 2, 'LABELS', 'of', 'test')))
      expect(stored.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    }
    for (const client of clients) {
      const rows = (await client.call('TS.MRANGE', '-', '+', 'FILTER', 'of=test')) as [string][]
      expect(rows.map(([key]) => key).sort()).toEqual(['a', 'b', 'c'])
    }
  })
})
