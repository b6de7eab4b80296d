/**
 * What the read API answers under load, with 1 million calls recorded in the hour before: requests a second and processor time of the server for
 * a request at 1, 64 and 256 connections, beside an express route that returns a constant of the same size; what Redis is asked meanwhile; and how
 * long an answer takes that is computed anew.
 */
import { startRedis } from '@aiwatch/test-servers'
import autocannon from 'autocannon'
import { Redis } from 'ioredis'
import { fillHour } from './measure/fill-store.ts'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { type SpawnedServer, spawnCollector, spawnConstant } from './measure/spawn-server.ts'
import { median } from './measure/statistics.ts'

const CALLS = Number(process.env.BENCH_CALLS ?? 1_000_000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 4)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const CONNECTIONS = [1, 64, 256]
const UNCACHED_REQUESTS = 300
/** A collector that has just started compiles its code and reads closed buckets for the first time. */
const WARM_UP_REQUESTS = 50
const CACHED_GOAL = 0.7
const UNCACHED_GOAL_MS = 10

interface Target {
  name: string
  path: string
  /** JSON of a POST. */
  body?: string
}

const QUERY = { metric: 'tokens', group_by: ['model'], start_time: 'now-1h', end_time: 'now', aggregation: 'rate', bucket_duration: '1m' }
const TARGETS: Target[] = [
  { name: 'GET /analytics', path: '/analytics' },
  { name: 'GET /v1/overview', path: '/v1/overview' },
  { name: 'POST /v1/query', path: '/v1/query', body: JSON.stringify(QUERY) },
]

const percent = (share: number) => `${(share * 100).toFixed(0)} %`

const requestOf = ({ body }: Target) =>
  body === undefined ? {} : { method: 'POST' as const, body, headers: { 'content-type': 'application/json' } }

/** Requests a second, and the server's microseconds for one. */
async function load(server: SpawnedServer, path: string, target: Target, connections: number): Promise<{ rate: number; cpu: number }> {
  const url = `${server.url}${path}`
  const before = await server.cpuMicroseconds()
  const result = await autocannon({ url, connections, duration: SECONDS, ...requestOf(target) })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} answers were no 200, ${result.errors} requests failed`)
  const requests = result.requests.total
  return { rate: requests / result.duration, cpu: ((await server.cpuMicroseconds()) - before) / requests }
}

/** Calls of commands other than INFO since the server started. */
async function commandsOf(redis: Redis): Promise<number> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
  return [...lines].reduce((sum, [, name, calls]) => (name === 'info' ? sum : sum + Number(calls)), 0)
}

async function measureLoad(target: Target, collector: SpawnedServer, redis: Redis) {
  const first = await fetch(`${collector.url}${target.path}`, {
    ...requestOf(target),
    headers: { 'accept-encoding': 'identity', 'content-type': 'application/json' },
  })
  const bytes = (await first.arrayBuffer()).byteLength
  const constant = await spawnConstant(bytes)
  // Code is compiled while it is first used.
  for (const [server, path] of [
    [constant, '/'],
    [collector, target.path],
  ] as const) {
    await load(server, path, target, CONNECTIONS[1] as number)
  }
  const rows = []
  for (const connections of CONNECTIONS) {
    const rounds: Record<'rate' | 'rateShare' | 'cpu' | 'base' | 'cpuShare', number>[] = []
    let commands = 0
    // In turns, so that what else the machine does meets both.
    for (let round = 0; round < ROUNDS; round++) {
      const base = await load(constant, '/', target, connections)
      const before = await commandsOf(redis)
      const own = await load(collector, target.path, target, connections)
      commands += (await commandsOf(redis)) - before
      rounds.push({ ...own, base: base.cpu, rateShare: own.rate / base.rate, cpuShare: base.cpu / own.cpu })
    }
    const medianOf = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]))
    rows.push({
      target,
      bytes,
      connections,
      rate: medianOf('rate'),
      rateShare: medianOf('rateShare'),
      cpu: medianOf('cpu'),
      base: medianOf('base'),
      cpuShare: medianOf('cpuShare'),
      commands: commands / SECONDS / ROUNDS,
    })
  }
  await constant.stop()
  return rows
}

/** In milliseconds, one request after the other, each computed anew. */
async function measureUncached(target: Target, collector: SpawnedServer): Promise<{ target: Target; p50: number; p99: number }> {
  const latencies: number[] = []
  for (let i = 0; i < WARM_UP_REQUESTS + UNCACHED_REQUESTS; i++) {
    const start = performance.now()
    const response = await fetch(`${collector.url}${target.path}`, requestOf(target))
    await response.arrayBuffer()
    if (i >= WARM_UP_REQUESTS) latencies.push(performance.now() - start)
  }
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] as number
  return { target, p50: at(0.5), p99: at(0.99) }
}

printMachine()
const server = await startRedis()
const redis = new Redis(server.url)
console.log(`${await fillHour(redis, { calls: CALLS, endMs: Date.now() })} calls recorded`)

const collector = await spawnCollector(server.url)
const rows = []
for (const target of TARGETS) rows.push(...(await measureLoad(target, collector, redis)))
await collector.stop()
printTable(
  ['route', 'bytes', 'connections', 'requests/s', 'of a constant', 'CPU, µs', 'constant, µs', 'of a constant', 'Redis commands/s'],
  rows.map(({ target, bytes, connections, rate, rateShare, cpu, base, cpuShare, commands }) => [
    target.name,
    bytes,
    connections,
    rate.toFixed(0),
    percent(rateShare),
    cpu.toFixed(1),
    base.toFixed(1),
    percent(cpuShare),
    commands.toFixed(0),
  ]),
)

const uncachedCollector = await spawnCollector(server.url, 0)
const uncached = []
for (const target of TARGETS) uncached.push(await measureUncached(target, uncachedCollector))
await uncachedCollector.stop()
console.log()
printTable(
  ['route, computed anew', 'p50, ms', 'p99, ms'],
  uncached.map(({ target, p50, p99 }) => [target.name, p50.toFixed(1), p99.toFixed(1)]),
)
printGoal(
  `cached answers come at ${CACHED_GOAL * 100} % of the rate of a constant or more, and for so much of its processor time`,
  rows.every(({ rateShare, cpuShare }) => rateShare >= CACHED_GOAL && cpuShare >= CACHED_GOAL),
)
printGoal(
  `p99 of an answer computed anew is at most ${UNCACHED_GOAL_MS} ms`,
  uncached.every(({ p99 }) => p99 <= UNCACHED_GOAL_MS),
)
redis.disconnect()
await server.stop()
