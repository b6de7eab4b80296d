/**
 * Server CPU per event of what the SDK writes, against the commands that one would send by hand, at several rates: both in the
 * same seconds, each on a server of its own, append-only file fsynced every second. The SDK flushes each second and writes everything there
 * is to write: three tiers of sums, four levels of sketches, totals, users, boards, recent calls. By hand, per event: four HINCRBY (calls, input,
 * output, errors), one HINCRBY into a sketch, ZADD of last seen, ZINCRBY of the board, XADD of the call; pipelined once a second.
 */
import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { createWorkload, type WorkloadCall } from './measure/workload.ts'

const RATES = (process.env.BENCH_RATES ?? '1,10,30,100,1000,10000').split(',').map(Number)
/** Whole slow cadences of the SDK, so that each window has its share of them. */
const WARM_UP_SECONDS = 10
const WINDOW_SECONDS = Number(process.env.BENCH_SECONDS ?? 20)

function writeByHand(pipeline: ReturnType<Redis['pipeline']>, call: WorkloadCall, now: number): void {
  const minute = Math.floor(now / 60_000)
  const series = `naive:${call.model}:${minute}`
  pipeline.hincrby(series, 'calls', 1)
  pipeline.hincrby(series, 'input', call.inputTokens)
  pipeline.hincrby(series, 'output', call.outputTokens)
  pipeline.hincrby(series, 'errors', call.isError ? 1 : 0)
  pipeline.hincrby(`naive:sketch:${minute}`, String(Math.ceil(Math.log(call.durationMs) / 0.04)), 1)
  pipeline.zadd('naive:seen', now, call.user)
  pipeline.zincrby(`naive:board:${Math.floor(now / 3_600_000)}`, call.inputTokens + call.outputTokens, call.user)
  const text = JSON.stringify({ model: call.model, user: call.user, in: call.inputTokens, out: call.outputTokens, ms: call.durationMs })
  pipeline.xadd('naive:recent', 'MAXLEN', '~', 10_000, '*', 'c', text)
}

async function appendOnlyBytes(server: RedisServer): Promise<number> {
  const folder = join(server.dir, 'appendonlydir')
  const files = await readdir(folder)
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

async function measureRate(rate: number) {
  // No rewrite in the middle: its child's CPU is not ours to compare.
  const options = { appendonly: true, config: { 'auto-aof-rewrite-percentage': 0 } }
  // A server uses CPU when nothing is asked of it, too (its timer): the third one tells how much, in the same seconds.
  const [ours, naive, idle] = await Promise.all([startRedis(options), startRedis(options), startRedis(options)])
  const watch = new AIWatch({ redis: ours.url, app: 'bench' })
  const byHand = new Redis(naive.url)
  const next = createWorkload()
  let events = 0

  const runSecond = async () => {
    const pipeline = byHand.pipeline()
    const now = Date.now()
    for (let i = 0; i < rate; i++) {
      const call = next()
      events++
      watch.record({
        provider: 'openai',
        model: call.model,
        user: call.user,
        session: call.session,
        stream: true,
        usage: { inputTokens: call.inputTokens, outputTokens: call.outputTokens, cacheReadTokens: call.cacheReadTokens },
        startedAt: now - call.durationMs,
        durationMs: call.durationMs,
        timeToFirstTokenMs: call.timeToFirstTokenMs,
        costNanoUsd: call.costNanoUsd,
        outcome: call.isError ? 'server_error' : 'ok',
      })
      writeByHand(pipeline, call, now)
    }
    await pipeline.exec()
  }
  const runSeconds = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      const start = Date.now()
      await runSecond()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1000 - (Date.now() - start))))
    }
  }

  await runSeconds(WARM_UP_SECONDS)
  const before = { ours: await ours.cpuSeconds(), naive: await naive.cpuSeconds(), idle: await idle.cpuSeconds(), events }
  const bytesBefore = { ours: await appendOnlyBytes(ours), naive: await appendOnlyBytes(naive) }
  await runSeconds(WINDOW_SECONDS)
  const counted = events - before.events
  const idleSeconds = (await idle.cpuSeconds()) - before.idle
  const result = {
    rate,
    oursUs: ((await ours.cpuSeconds()) - before.ours - idleSeconds) / counted / 1e-6,
    naiveUs: ((await naive.cpuSeconds()) - before.naive - idleSeconds) / counted / 1e-6,
    oursBytes: ((await appendOnlyBytes(ours)) - bytesBefore.ours) / counted,
    naiveBytes: ((await appendOnlyBytes(naive)) - bytesBefore.naive) / counted,
  }
  await watch.close()
  byHand.disconnect()
  await Promise.all([ours.stop(), naive.stop(), idle.stop()])
  return result
}

printMachine()
const results: Awaited<ReturnType<typeof measureRate>>[] = []
for (const rate of RATES) results.push(await measureRate(rate))
printTable(
  ['events per flush', 'ours, µs/event', 'by hand, µs/event', 'by hand ÷ ours', 'ours, AOF B/event', 'by hand, AOF B/event'],
  results.map((row) => [
    row.rate,
    row.oursUs.toFixed(2),
    row.naiveUs.toFixed(2),
    (row.naiveUs / row.oursUs).toFixed(2),
    row.oursBytes.toFixed(0),
    row.naiveBytes.toFixed(0),
  ]),
)
const ratioAt = (rate: number) => results.filter((row) => row.rate === rate).map((row) => row.naiveUs / row.oursUs)[0]
const goals: [number, number, string][] = [
  [10, 1 / 1.5, 'at 10 events: ≤ 1.5 × by hand'],
  [30, 1, 'from 30 events on: cheaper'],
  [1000, 4, 'at 1,000 events: ≥ 4 × cheaper'],
  [1000, 20, 'further: ≥ 20 × cheaper'],
  [10_000, 15, 'at 10,000 events: ≥ 15 × cheaper'],
  [10_000, 100, 'further: ≥ 100 × cheaper'],
]
for (const [rate, least, text] of goals) {
  const ratio = ratioAt(rate)
  if (ratio !== undefined) printGoal(text, ratio >= least)
}
