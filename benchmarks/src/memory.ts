/**
 * Memory: the host's heap that the SDK holds for 1,000 users × 20 models between two flushes while Redis is away, and Redis after a
 * tenant's first hour, with what that grows to in a month computed from the sizes of its keys.
 */
import { AIWatch } from '@aiwatch/sdk'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { fillHour } from './measure/fill-store.ts'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'

const USERS = 1000
const MODELS = 20
const CALLS_PER_HOUR = Number(process.env.BENCH_CALLS ?? 1_000_000)
const MEGABYTE = 1e6

function heapBytes(): number {
  const collect = globalThis.gc
  if (!collect) throw new Error('run with --expose-gc')
  for (let i = 0; i < 4; i++) collect()
  // The contents of typed arrays lie beside the heap.
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function measureHeap() {
  const beforePrices = heapBytes()
  const library = await import('@pydantic/genai-prices')
  const prices = heapBytes() - beforePrices
  // Nothing listens there: all that is recorded is held.
  const watch = new AIWatch({ redis: 'redis://127.0.0.1:1', app: 'bench', flushIntervalMs: 60_000, onError: () => {} })
  watch.record({ provider: 'openai', model: 'warm', user: 'warm', costNanoUsd: 1 })
  // The price table comes with the first call; calls wait for it.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const before = heapBytes()
  for (let user = 0; user < USERS; user++) {
    for (let model = 0; model < MODELS; model++) {
      watch.record({
        provider: 'openai',
        model: `model-${model}`,
        user: `user-${user}`,
        session: `session-${user}`,
        usage: { inputTokens: 100 + user, outputTokens: 50 + model },
        durationMs: 500 + ((user * 37 + model * 101) % 9000),
        costNanoUsd: 1000,
      })
    }
  }
  const held = heapBytes() - before
  const told = watch.stats().bytesHeld
  await watch.close({ timeoutMs: 0 })
  return { prices, held, told, library: Object.keys(library).length }
}

/** Families of keys, and how many times what one hour leaves is there after a month of such hours. */
const FAMILIES: { name: string; pattern: RegExp; times: number }[] = [
  { name: 'series 10 s', pattern: /:s:10s:/, times: 25 },
  { name: 'series 1 min', pattern: /:s:1m:/, times: 7 * 24 + 1 },
  { name: 'series 1 h', pattern: /:s:1h:/, times: 720 },
  { name: 'sketches 10 s', pattern: /:k:10s:/, times: 1 },
  { name: 'sketches 1 min', pattern: /:k:1m:/, times: 7 },
  { name: 'sketches 1 h', pattern: /:k:1h:/, times: 720 },
  { name: 'sketches 1 d', pattern: /:k:1d:/, times: 30 },
  { name: 'boards', pattern: /:b:/, times: 7 * 24 + 1 },
  { name: 'users of a day', pattern: /:uu:/, times: 30 },
  { name: 'users', pattern: /:u:/, times: 1 },
]

async function measureRedis() {
  const redis = await startRedis()
  const connection = new Redis(redis.url)
  // Within one hour of the clock, so that hourly keys are those of one hour.
  const endMs = Math.floor(Date.now() / 3_600_000) * 3_600_000
  await fillHour(connection, { calls: CALLS_PER_HOUR, endMs, models: MODELS, users: USERS })
  const usedMemory = Number(/used_memory:(\d+)/.exec(await connection.info('memory'))?.[1])
  const families = new Map<string, { keys: number; bytes: number }>()
  for (const key of await connection.keys('*')) {
    const family = FAMILIES.find(({ pattern }) => pattern.test(key))?.name ?? 'everything else'
    const entry = families.get(family) ?? { keys: 0, bytes: 0 }
    entry.keys++
    entry.bytes += Number(await connection.call('MEMORY', 'USAGE', key, 'SAMPLES', '0'))
    families.set(family, entry)
  }
  connection.disconnect()
  await redis.stop()
  return { usedMemory, families }
}

printMachine()
const heap = await measureHeap()
console.log(
  `\nheap held for ${USERS} users × ${MODELS} models: ${(heap.held / MEGABYTE).toFixed(2)} MB (stats() says ${(heap.told / MEGABYTE).toFixed(2)} MB)`,
)
console.log(`price table, once per process: ${(heap.prices / MEGABYTE).toFixed(2)} MB`)

const { usedMemory, families } = await measureRedis()
let month = 0
const rows = [...families].map(([name, { keys, bytes }]) => {
  const steady = bytes * (FAMILIES.find((family) => family.name === name)?.times ?? 1)
  month += steady
  return [name, keys, (bytes / MEGABYTE).toFixed(2), (steady / MEGABYTE).toFixed(1)]
})
console.log(`\nRedis after a first hour of ${CALLS_PER_HOUR} calls: ${(usedMemory / MEGABYTE).toFixed(2)} MB`)
printTable(['keys', 'count', 'MB after an hour', 'MB after a month of such hours'], rows)
console.log(`steady state of a month, every hour like this one: ${(month / MEGABYTE).toFixed(0)} MB`)
printGoal('heap ≤ 2 MB', heap.held <= 2 * MEGABYTE)
printGoal('Redis after the first hour ≤ 6 MB', usedMemory <= 6 * MEGABYTE)
