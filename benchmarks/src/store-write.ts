/**
 * Server CPU per event of what the SDK writes, on plain Redis and on one with RedisTimeSeries (publication included), against the commands that one
 * would send by hand, at several rates: all in the same seconds, each on a server of its own, append-only file fsynced every second. Where a flush has
 * few events there are several programs (`BENCH_PROGRAMS` says how many). The SDK flushes each second and writes everything there is to write: three
 * tiers of sums, four levels of sketches, totals, users, boards, recent calls. By hand, per event: four HINCRBY (calls, input, output, errors), one
 * HINCRBY into a sketch, ZADD of last seen, ZINCRBY of the board, XADD of the call; pipelined once a second.
 */
import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AIWatch, type RecordInput } from '@aiwatch/sdk'
import { type RedisKind, type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { printMachine } from './measure/machine.ts'
import { printGoal, printTable } from './measure/print-table.ts'
import { type ScriptTimes, timeScripts } from './measure/time-scripts.ts'
import { createWorkload, type WorkloadCall } from './measure/workload.ts'

const RATES = (process.env.BENCH_RATES ?? '1,10,30,100,1000,10000').split(',').map(Number)
const WARM_UP_SECONDS = 10
/** As long as the slowest cadence of the SDK, and begun between two of its flushes, so that each window has one. */
const WINDOW_SECONDS = Number(process.env.BENCH_SECONDS ?? 60)
/** The first two make what later ones find; a flush of all coarser rows comes after ten. */
const SCRIPT_SECONDS = 14

/** Of all programs together. */
const LEAST_EVENTS_PER_SECOND = 3000
const MAX_PROGRAMS = 200

/**
 * A server that has slept finds nothing in the processor's caches, and whatever it is asked then takes it several times as long. Few events per flush
 * are measured as they come to a Redis that has something to do, a twentieth of its time: from many programs.
 */
const programsAt = (rate: number) =>
  Number(process.env.BENCH_PROGRAMS ?? Math.max(1, Math.min(MAX_PROGRAMS, Math.round(LEAST_EVENTS_PER_SECOND / rate))))

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

function toInput(call: WorkloadCall, now: number): RecordInput {
  return {
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
  }
}

/** What one program does: the SDK on plain Redis and on the module, and the commands by hand. */
interface Program {
  watches: AIWatch[]
  byHand: Redis
}

async function measureRate(rate: number) {
  // No rewrite in the middle: its child's CPU is not ours to compare.
  const options = { appendonly: true, config: { 'auto-aof-rewrite-percentage': 0 } }
  // A server uses CPU when nothing is asked of it, too (its timer): the last one tells how much, in the same seconds.
  const kinds: RedisKind[] = ['redis', 'redis+timeseries', 'redis', 'redis']
  const servers = await Promise.all(kinds.map((kind) => startRedis({ ...options, kind })))
  const [plain, module, naive] = servers as [RedisServer, RedisServer, RedisServer]
  const count = programsAt(rate)
  const programs = Array.from(
    { length: count },
    (): Program => ({
      watches: [plain, module].map((server) => new AIWatch({ redis: server.url, app: 'bench' })),
      byHand: new Redis(naive.url),
    }),
  )
  const next = createWorkload()
  let events = 0

  const callAll = ({ watches, byHand }: Program) => {
    const pipeline = byHand.pipeline()
    const now = Date.now()
    for (let i = 0; i < rate; i++) {
      const call = next()
      events++
      const input = toInput(call, now)
      for (const watch of watches) watch.record(input)
      writeByHand(pipeline, call, now)
    }
    return pipeline.exec()
  }
  /** One program after the other, a second for all of them. */
  const inTurns = async (act: (program: Program) => Promise<unknown>) => {
    const start = Date.now()
    for (const [i, program] of programs.entries()) {
      await act(program)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, ((i + 1) * 1000) / count - (Date.now() - start))))
    }
  }
  const runSeconds = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) await inTurns(callAll)
  }

  await runSeconds(WARM_UP_SECONDS / 2)
  // All cells and series are made, and all cadences begin anew, each program's at another moment.
  await inTurns(({ watches }) => Promise.all(watches.map((watch) => watch.flush())))
  await runSeconds(WARM_UP_SECONDS / 2)
  const read = async () => ({
    cpu: await Promise.all(servers.map((server) => server.cpuSeconds())),
    bytes: await Promise.all(servers.map(appendOnlyBytes)),
    events,
  })
  const before = await read()
  await runSeconds(WINDOW_SECONDS)
  const after = await read()
  const counted = after.events - before.events
  const spent = servers.map((_, i) => (after.cpu[i] as number) - (before.cpu[i] as number))
  const perEvent = servers.map((_, i) => ({
    us: ((spent[i] as number) - (spent[3] as number)) / counted / 1e-6,
    bytes: ((after.bytes[i] as number) - (before.bytes[i] as number)) / counted,
  }))
  await Promise.all(programs.flatMap(({ watches }) => watches.map((watch) => watch.close())))
  for (const { byHand } of programs) byHand.disconnect()
  await Promise.all(servers.map((server) => server.stop()))
  const [onPlain, onModule, hand] = perEvent as [PerEvent, PerEvent, PerEvent]
  const scripts = await timeScripts(() => Array.from({ length: rate }, () => toInput(next(), Date.now())), SCRIPT_SECONDS)
  return { rate, programs: count, plain: onPlain, module: onModule, hand, scripts }
}

interface PerEvent {
  us: number
  bytes: number
}

const describeScripts = ({ median, greatest }: ScriptTimes) => `${median.toFixed(2)}, ${greatest.toFixed(2)}`

printMachine()
const results: Awaited<ReturnType<typeof measureRate>>[] = []
for (const rate of RATES) results.push(await measureRate(rate))
printTable(
  [
    'events per flush',
    'programs',
    'plain, µs',
    'module, µs',
    'by hand, µs',
    'by hand ÷ plain',
    'module ÷ plain',
    'plain, AOF B',
    'module, AOF B',
    'by hand, AOF B',
    'scripts, ms: median, greatest',
    'over 2 ms',
  ],
  results.map((row) => [
    row.rate,
    row.programs,
    row.plain.us.toFixed(2),
    row.module.us.toFixed(2),
    row.hand.us.toFixed(2),
    (row.hand.us / row.plain.us).toFixed(2),
    (row.module.us / row.plain.us).toFixed(2),
    row.plain.bytes.toFixed(0),
    row.module.bytes.toFixed(0),
    row.hand.bytes.toFixed(0),
    describeScripts(row.scripts),
    `${row.scripts.slow} of ${row.scripts.scripts}`,
  ]),
)
const ratioAt = (rate: number) => results.filter((row) => row.rate === rate).map((row) => row.hand.us / row.plain.us)[0]
const goals: [number, number, string][] = [
  [10, 1 / 1.5, 'at 10 events: ≤ 1.5 × by hand'],
  [30, 1, 'from 30 events on: cheaper'],
  [1000, 4, 'at 1,000 events: ≥ 4 × cheaper'],
  [1000, 8, 'further: ≥ 8 × cheaper'],
  [1000, 20, 'further: ≥ 20 × cheaper'],
  [10_000, 15, 'at 10,000 events: ≥ 15 × cheaper'],
  [10_000, 60, 'further: ≥ 60 × cheaper'],
  [10_000, 100, 'further: ≥ 100 × cheaper'],
]
for (const [rate, least, text] of goals) {
  const ratio = ratioAt(rate)
  if (ratio !== undefined) printGoal(text, ratio >= least)
}
printGoal(
  'no script takes the server more than 2 ms',
  results.every((row) => row.scripts.slow === 0),
)
const atThousand = results.find((row) => row.rate === 1000)
if (atThousand) {
  printGoal('at 1,000 events the module takes ≤ 2 × plain', atThousand.module.us <= 2 * atThousand.plain.us)
  printGoal(
    'at 1,000 events the append-only file takes ≤ 50 B per event, plain and module',
    Math.max(atThousand.plain.bytes, atThousand.module.bytes) <= 50,
  )
}
