import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { hasTimeSeries, type RedisKind } from './redis-kinds.ts'
import { type RedisServer, startRedis } from './start-redis.ts'

export interface RedisClusterOptions {
  /** Primaries, without replicas. Default 3, which is the least that a cluster takes. */
  nodes?: number
  /** Default `stack`. */
  kind?: RedisKind
  /** More settings of each node, as in redis.conf. */
  config?: Record<string, string | number>
}

export interface RedisCluster {
  readonly nodes: readonly RedisServer[]
  /** `{ host, port }` of each node, as ioredis' `Cluster` takes them. */
  readonly addresses: readonly { host: string; port: number }[]
  /** Tells the module of each node who the others are; to be called again after a node was restarted. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

const SLOTS = 16_384
const READY_TIMEOUT_MS = 30_000

async function startNode(options: RedisClusterOptions): Promise<{ server: RedisServer; busPort: number; client: Redis }> {
  const busPort = await freePort()
  const server = await startRedis({
    kind: options.kind ?? 'stack',
    config: {
      'cluster-enabled': 'yes',
      'cluster-config-file': 'nodes.conf',
      'cluster-node-timeout': 5000,
      // The usual bus port, 10,000 above, may be taken or past the last port.
      'cluster-port': busPort,
      ...options.config,
    },
  })
  return { server, busPort, client: new Redis(server.url) }
}

async function waitUntilReady(clients: Redis[]): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS
  for (;;) {
    const states = await Promise.all(clients.map((client) => client.cluster('INFO') as Promise<string>))
    const areReady = states.every(
      (info) =>
        info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${clients.length}\r`) && /slots_ok:16384/.test(info),
    )
    if (areReady) return
    if (Date.now() > deadline) throw new Error(`the cluster did not get ready:\n${states.join('\n')}`)
    await sleep(50)
  }
}

/** Starts a cluster of primaries on the loopback interface; resolves when every node serves all slots' owners. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const count = options.nodes ?? 3
  const started = await Promise.allSettled(Array.from({ length: count }, () => startNode(options)))
  const nodes = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []))
  const clients = nodes.map(({ client }) => client)
  const end = async () => {
    for (const client of clients) client.disconnect()
    await Promise.all(nodes.map(({ server }) => server.stop()))
  }
  const refresh = async () => {
    if (!hasTimeSeries(options.kind ?? 'stack')) return
    for (const client of clients) await client.call('TIMESERIES.REFRESHCLUSTER')
  }
  try {
    for (const node of started) if (node.status === 'rejected') throw node.reason
    for (const [index, client] of clients.entries()) {
      const first = Math.floor((SLOTS * index) / count)
      const last = Math.floor((SLOTS * (index + 1)) / count) - 1
      await client.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
      const { server, busPort } = nodes[index] as (typeof nodes)[number]
      if (index > 0) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort)
    }
    await waitUntilReady(clients)
    await refresh()
  } catch (error) {
    await end()
    throw error
  }
  return {
    nodes: nodes.map(({ server }) => server),
    addresses: nodes.map(({ server }) => ({ host: '127.0.0.1', port: server.port })),
    refresh,
    stop: end,
  }
}
