/**
 * Server CPU and latency of questions about series, on plain Redis, on RedisTimeSeries, and as TS.MRANGE over series to which every event was added by
 * hand; and the memory of a day of series. A day of 40 cells with data in every bucket; readers without a cache. The series by hand hold one sample
 * per event, four events per cell and bucket.
 */
import {
  applyBatch,
  CODE,
  emptyContents,
  openReader,
  publishSeries,
  type RedisClient,
  type SeriesRow,
  TIERS,
  type Tier,
  toCell,
} from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { median, seededRandom } from './measure/statistics.ts'

const CELLS = Array.from({ length: Number(process.env.BENCH_CELLS ?? 40) }, (_, i) => toCell('bench', 'openai', `model-${i}`))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)
const EVENTS_PER_BUCKET = 4
const HOUR = 3600
const DAY = 24 * HOUR
const CODES = [CODE.callsOk, CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd, CODE.durationMs, CODE.firstTokenMs, CODE.generationMs]
const now = Math.floor(Date.now() / 1000)
const startOf = (tier: Tier, at: number) => Math.floor(at / TIERS[tier].seconds) * TIERS[tier].seconds

/** Hours older than a day cannot be written: the range of 30 days is read all the same. */
function* rowsOfDay(): Generator<SeriesRow[]> {
  const random = seededRandom(1)
  for (const [tier, from] of [
    ['10s', now - 23 * HOUR],
    ['1m', now - 23 * HOUR],
    ['1h', now - 23 * HOUR],
  ] as [Tier, number][]) {
    for (let start = startOf(tier, from); start <= now; start += TIERS[tier].seconds) {
      yield CELLS.map((_, cell) => {
        const scale = TIERS[tier].seconds * (1 + random())
        return { tier, start, cell, values: CODES.flatMap((code) => [code, Math.round(scale * (code + 1) * (10 + 20 * random()))]) }
      })
    }
  }
}

async function fill(redis: Redis): Promise<void> {
  let sequence = 0
  for (const series of rowsOfDay()) {
    const result = await applyBatch(redis, { ...emptyContents('default', 'bench'), sequence: ++sequence, cells: CELLS, series })
    if (result.status !== 'applied') throw new Error(result.status)
  }
  await publishSeries(redis, 'default', { all: true })
}

async function fillByHand(redis: Redis): Promise<void> {
  const random = seededRandom(1)
  for (const { id, model } of CELLS) {
    await redis.call(
      'TS.CREATE',
      `hand:${id}`,
      'RETENTION',
      DAY * 1000,
      'DUPLICATE_POLICY',
      'SUM',
      'LABELS',
      'metric',
      'tokens',
      'model',
      model,
    )
    const step = (10 / EVENTS_PER_BUCKET) * 1000
    for (let at = (now - 23 * HOUR) * 1000; at < now * 1000; ) {
      const pipeline = redis.pipeline()
      for (let i = 0; i < 2000 && at < now * 1000; i++, at += step) pipeline.call('TS.ADD', `hand:${id}`, at, Math.round(500 * random()))
      await pipeline.exec()
    }
  }
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number((await redis.info('memory')).match(/used_memory:(\d+)/)?.[1])
}

interface Measured {
  cpuMs: number
  latencyMs: number
}

async function measure(server: RedisServer, question: () => Promise<unknown>): Promise<Measured> {
  await question()
  const before = await server.cpuSeconds()
  const latencies: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const begin = performance.now()
    await question()
    latencies.push(performance.now() - begin)
  }
  return { cpuMs: (((await server.cpuSeconds()) - before) / ROUNDS) * 1000, latencyMs: median(latencies) }
}

function questionsTo(redis: RedisClient): Record<string, () => Promise<unknown>> {
  const reader = openReader(redis, { tenant: 'default', cacheBytes: 0 })
  const one = new Set([CELLS[0]?.id as string])
  return {
    'one series, a day at 10 s': () => reader.metric('10s', [CODE.inputTokens], now - DAY, now, one),
    'a metric of all cells, a day at 1 min': () => reader.metric('1m', [CODE.inputTokens], now - DAY, now),
    'a metric of all cells, 30 d at 1 h': () => reader.metric('1h', [CODE.inputTokens], now - 30 * DAY, now),
    'everything of the last 5 min': () => reader.buckets('10s', now - 300, now),
  }
}

function questionsByHand(redis: Redis): Record<string, () => Promise<unknown>> {
  const range = (seconds: number) => [(now - seconds) * 1000, now * 1000] as const
  const grouped = (seconds: number, bucketMs: number) => () =>
    redis.call('TS.MRANGE', ...range(seconds), 'AGGREGATION', 'sum', bucketMs, 'FILTER', 'metric=tokens')
  return {
    'one series, a day at 10 s': () => redis.call('TS.RANGE', `hand:${CELLS[0]?.id}`, ...range(DAY), 'AGGREGATION', 'sum', 10_000),
    'a metric of all cells, a day at 1 min': grouped(DAY, 60_000),
    'a metric of all cells, 30 d at 1 h': grouped(30 * DAY, 3_600_000),
    'everything of the last 5 min': grouped(300, 10_000),
  }
}

printMachine()
const results: Record<string, Measured[]> = {}
const memory: string[][] = []
for (const [name, kind] of [
  ['plain', 'redis'],
  ['module', 'redis+timeseries'],
  ['by hand', 'redis+timeseries'],
] as const) {
  const server = await startRedis({ kind, config: { 'hash-max-listpack-entries': 512 } })
  const redis = new Redis(server.url)
  const empty = await usedMemory(redis)
  await (name === 'by hand' ? fillByHand(redis) : fill(redis))
  const bytes = (await usedMemory(redis)) - empty
  const series = CELLS.length * (name === 'by hand' ? 1 : CODES.length)
  memory.push([name, (bytes / 1e6).toFixed(1), (bytes / series / 1000).toFixed(1)])
  for (const [question, ask] of Object.entries(name === 'by hand' ? questionsByHand(redis) : questionsTo(redis))) {
    results[question] = [...(results[question] ?? []), await measure(server, ask)]
  }
  redis.disconnect()
  await server.stop()
}
printTable(
  ['question', 'plain: server ms', 'latency ms', 'module: server ms', 'latency ms', 'by hand: server ms', 'latency ms'],
  Object.entries(results).map(([question, measured]) => [
    question,
    ...measured.flatMap(({ cpuMs, latencyMs }) => [cpuMs.toFixed(2), latencyMs.toFixed(1)]),
  ]),
)
printTable(['a day of series, three tiers (by hand: of events)', 'MB', 'kB per series-day'], memory)
const cpuOf = (question: string, column: number) => results[question]?.[column]?.cpuMs ?? Number.NaN
printGoal(
  'a day of one series costs less on the module than on plain Redis',
  cpuOf('one series, a day at 10 s', 1) <= cpuOf('one series, a day at 10 s', 0),
)
printGoal(
  'a metric of all cells costs less on the module than on plain Redis',
  cpuOf('a metric of all cells, a day at 1 min', 1) <= cpuOf('a metric of all cells, a day at 1 min', 0),
)
