/** What 1,000 listeners on `GET /v1/stream` cost the collector, while 20 calls a second are recorded: its own share of one core, by `/v1/system`. */
import { type ClientRequest, request } from 'node:http'
import { AIWatch } from '@aiwatch/sdk'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { spawnCollector } from './measure/spawn-server.ts'

const LISTENERS = Number(process.env.BENCH_LISTENERS ?? 1000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 15)
const CALLS_PER_SECOND = 20
const GOAL_SHARE = 0.3

interface Received {
  bytes: number
  live: number
}

function listen(url: string, received: Received): Promise<ClientRequest> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/v1/stream`, { agent: false }, (response) => {
      response.on('error', () => {})
      response.on('data', (chunk: Buffer) => {
        received.bytes += chunk.length
        if (chunk.includes('event: live')) received.live++
      })
      if (response.statusCode === 200) resolve(sent)
      else reject(new Error(`/v1/stream answered ${response.statusCode}`))
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function cpuShare(url: string): Promise<number> {
  const { collector } = (await (await fetch(`${url}/v1/system`)).json()) as { collector: { cpu_share: number } }
  return collector.cpu_share
}

const readings = async (redis: Redis) => Number(/cmdstat_xrevrange:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

printMachine()
const server = await startRedis()
const redis = new Redis(server.url)
const watch = new AIWatch({ redis: server.url, app: 'bench' })
const timer = setInterval(
  () => watch.record({ provider: 'openai', model: 'gpt-4o-mini', durationMs: 300, usage: { inputTokens: 100, outputTokens: 20 } }),
  1000 / CALLS_PER_SECOND,
)
// Shares of processor time are between two readings: they must not be shared answers.
const collector = await spawnCollector(server.url, 0)
const idle = async () => {
  await cpuShare(collector.url)
  await pause(SECONDS * 1000)
  return cpuShare(collector.url)
}
const without = await idle()
const received: Received = { bytes: 0, live: 0 }
const listeners: ClientRequest[] = []
for (let i = 0; i < LISTENERS; i += 50)
  listeners.push(...(await Promise.all(Array.from({ length: Math.min(50, LISTENERS - i) }, () => listen(collector.url, received)))))
await pause(2000)
Object.assign(received, { bytes: 0, live: 0 })
const before = await readings(redis)
const share = await idle()
const read = (await readings(redis)) - before
for (const listener of listeners) listener.destroy()
clearInterval(timer)
await watch.close()
await collector.stop()
redis.disconnect()
await server.stop()
printTable(
  ['listeners', 'live events each, 1/s', 'kB/s in all', 'Redis readings/s', 'core without, %', 'core with, %'],
  [
    [
      LISTENERS,
      (received.live / LISTENERS / SECONDS).toFixed(2),
      (received.bytes / 1000 / SECONDS).toFixed(0),
      (read / SECONDS).toFixed(2),
      (without * 100).toFixed(1),
      (share * 100).toFixed(1),
    ],
  ],
)
printGoal(`${LISTENERS} listeners take under ${GOAL_SHARE * 100} % of a core`, share < GOAL_SHARE)
printGoal('Redis is read once a second', read / SECONDS <= 1.1)
