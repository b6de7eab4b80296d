/** A replay from file to verdict: the calls, and what each party counted of them. */
import { type Simulator, startSimulator } from '@aiwatch/model-simulator'
import type { AIWatch } from '@aiwatch/sdk'
import OpenAI from 'openai'
import { readAppSums, subtractSums } from './app-sums.ts'
import { readTrace, sumTrace, type TraceSums } from './read-trace.ts'
import type { ReplayArguments } from './replay-arguments.ts'
import { type ReplayProgress, type ReplayResult, replayTrace } from './replay-trace.ts'

export interface ReplayRun {
  arguments: ReplayArguments
  watch: AIWatch
  redisUrl: string
  tenant: string
  /** Undefined: a simulator of its own for each file. */
  baseURL: string | undefined
  signal?: AbortSignal
  onProgress?(progress: ReplayProgress): void
}

export interface ServiceReport {
  app: string
  file: TraceSums
  /** Undefined when the calls went elsewhere. */
  simulator: TraceSums | undefined
  /** Undefined when Redis does not answer. */
  redis: TraceSums | undefined
}

export interface ReplayReport {
  services: ServiceReport[]
  result: ReplayResult
  /** Calls that the SDK recorded, and those of them not acknowledged. */
  recorded: number
  unacknowledged: number
  /** Why Redis could not be asked. */
  redisError: string | undefined
}

/** Rejects with a TraceFormatError when a file is wrong, before any call is made. */
export async function runReplay(run: ReplayRun): Promise<ReplayReport> {
  const { watch, arguments: asked } = run
  const traces = await Promise.all(asked.files.map(async ({ path, app }) => ({ app, rows: (await readTrace(path)).slice(0, asked.limit) })))
  const apps = traces.map(({ app }) => app)
  const before = await redisSums(run, apps)
  const recordedBefore = watch.stats().recorded
  const simulators: Simulator[] = []
  try {
    const services = []
    for (const { app, rows } of traces) {
      // One each, so that the ledger of each is of one app.
      if (run.baseURL === undefined) simulators.push(await startSimulator({ speed: asked.speed }))
      const baseURL = run.baseURL ?? `${simulators.at(-1)?.url}/v1`
      const apiKey = process.env['OPENAI_API_KEY'] || 'sk-replay'
      services.push({ app, rows, client: watch.wrap(new OpenAI({ baseURL, apiKey }), { app, provider: 'openai' }) })
    }
    const result = await replayTrace({ ...asked, services, signal: run.signal, onProgress: run.onProgress })
    // What is not acknowledged within the time is reported as a difference.
    await watch.flush({ timeoutMs: 'error' in before ? 2000 : 30_000 }).catch(() => {})
    await Promise.all(simulators.map((simulator) => simulator.idle()))
    const after = await redisSums(run, apps)
    const reports = traces.map(({ app, rows }, index) => ({
      app,
      file: sumTrace(rows),
      simulator: ledgerSums(simulators[index]),
      redis: 'error' in before || 'error' in after ? undefined : subtractSums(after.get(app) as TraceSums, before.get(app) as TraceSums),
    }))
    const { recorded, buffered, dropped } = watch.stats()
    const redisError = 'error' in after ? after.error : 'error' in before ? before.error : undefined
    return { services: reports, result, recorded: recorded - recordedBefore, unacknowledged: buffered + dropped, redisError }
  } finally {
    await Promise.all(simulators.map((simulator) => simulator.close()))
  }
}

async function redisSums(run: ReplayRun, apps: string[]): Promise<Map<string, TraceSums> | { error: string }> {
  try {
    return await readAppSums(run.redisUrl, run.tenant, apps)
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

function ledgerSums(simulator: Simulator | undefined): TraceSums | undefined {
  if (!simulator) return undefined
  const { ok, inputTokens, outputTokens } = simulator.ledger.snapshot().total
  return { requests: ok, inputTokens, outputTokens }
}

/** True when every party that could be asked counted what the files hold. Redis is one that must. */
export function isExact(report: ReplayReport): boolean {
  const asked = report.services.reduce((sum, { file }) => sum + file.requests, 0)
  if (report.redisError !== undefined || report.recorded !== asked || report.unacknowledged !== 0) return false
  return report.services.every(({ file, simulator, redis }) => isSame(redis, file) && (simulator === undefined || isSame(simulator, file)))
}

function isSame(one: TraceSums | undefined, other: TraceSums): boolean {
  return one?.requests === other.requests && one.inputTokens === other.inputTokens && one.outputTokens === other.outputTokens
}
