/**
 * What `/analytics` costs the Redis server and its caller, with 10 thousand, 1 million and 10 million calls recorded in the hour before.
 * Requests one after the other are each computed anew; `first` is a collector that has just started.
 */
import { startCollector } from '@aiwatch/collector'
import { startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { fillHour } from './measure/fill-store.ts'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { median } from './measure/statistics.ts'

const SIZES = (process.env.BENCH_SIZES ?? '10000,1000000,10000000').split(',').map(Number)
const REQUESTS = 200
const PARALLEL = 100

async function fetchAnalytics(url: string): Promise<number> {
  const start = performance.now()
  const response = await fetch(`${url}/analytics`)
  const text = await response.text()
  if (!response.ok) throw new Error(`/analytics answered ${response.status}: ${text}`)
  return performance.now() - start
}

async function measure(calls: number) {
  const redis = await startRedis()
  const connection = new Redis(redis.url)
  const fillStart = performance.now()
  await fillHour(connection, { calls, endMs: Date.now() })
  const fillSeconds = (performance.now() - fillStart) / 1000
  const proxy = await startTcpProxy({ targetPort: redis.port })
  const collector = await startCollector({
    redisUrl: `redis://127.0.0.1:${proxy.port}`,
    analyticsPort: 0,
    timeseriesPort: 0,
    logLevel: 'silent',
  })
  const first = await fetchAnalytics(collector.analyticsUrl)
  const latencies: number[] = []
  const trips: number[] = []
  // One after the other, each is computed anew. CPU is read over all of them: the server's own timer then hardly counts.
  const cpuBefore = await redis.cpuSeconds()
  for (let i = 0; i < REQUESTS; i++) {
    const tripsBefore = proxy.roundTrips()
    latencies.push(await fetchAnalytics(collector.analyticsUrl))
    trips.push(proxy.roundTrips() - tripsBefore)
  }
  const cpu = (((await redis.cpuSeconds()) - cpuBefore) / REQUESTS) * 1e6
  const burst = await Promise.allSettled(Array.from({ length: PARALLEL }, () => fetchAnalytics(collector.analyticsUrl)))
  const failed = burst.filter(({ status }) => status === 'rejected').length
  await collector.close()
  await proxy.close()
  connection.disconnect()
  await redis.stop()
  return { calls, fillSeconds, first, latency: median(latencies), cpu, trips: Math.max(...trips), failed }
}

printMachine()
const results = []
for (const size of SIZES) results.push(await measure(size))
printTable(
  ['calls recorded', 'server CPU, µs', 'latency, ms', 'first answer, ms', 'round trips, most', `failed of ${PARALLEL} parallel`],
  results.map((row) => [row.calls, row.cpu.toFixed(0), row.latency.toFixed(1), row.first.toFixed(1), row.trips, row.failed]),
)
const [, million, tenMillion] = results
if (million && tenMillion) printGoal('10 M ≤ 1.5 × 1 M (server CPU)', tenMillion.cpu <= 1.5 * million.cpu)
printGoal(
  'at most two round trips behind an uncached answer',
  results.every((row) => row.trips <= 2),
)
printGoal(
  '100 parallel requests answered without an error',
  results.every((row) => row.failed === 0),
)
