/** Makes the calls of recorded traces, at the times at which they were made, many times faster. */
import { setTimeout as sleep } from 'node:timers/promises'
import { OpenCalls } from '@aiwatch/model-simulator'
import type OpenAI from 'openai'
import { sumTrace, type TraceRow, type TraceSums } from './read-trace.ts'

export interface ReplayService {
  /** Name of the app. */
  app: string
  rows: readonly TraceRow[]
  /** Wrapped or not; its server has to understand `x-simulate-input-tokens` and `-output-tokens`. */
  client: OpenAI
}

export interface ReplayOptions {
  /** Replayed side by side, each from its own first row on. */
  services: readonly ReplayService[]
  /** Times faster than recorded. Default 60. */
  speed?: number
  /** Default false. Streams come in chunks of 16 tokens. */
  stream?: boolean
  /** Calls open at the same time. Default 256. */
  concurrency?: number
  /** Default gpt-4o-mini. */
  model?: string
  /** Ends the replay; calls that are open go on to their end. */
  signal?: AbortSignal
  onProgress?(progress: ReplayProgress): void
}

export interface ReplayProgress {
  done: number
  total: number
  /** How far behind its schedule the replay is. */
  behindMs: number
}

export interface ServiceResult {
  app: string
  /** Of the rows that were replayed. */
  asked: TraceSums
  answered: number
  failed: number
  /** Messages of failures, a few. */
  failures: string[]
  /** Sums of the usage that the caller saw; streams show it only to callers that ask. */
  seen: { inputTokens: number; outputTokens: number }
}

export interface ReplayResult {
  services: ServiceResult[]
  seconds: number
  /** The most that a call was late. */
  behindMs: number
}

const CHUNK_TOKENS = '16'
const MAX_FAILURES = 5

/** Resolves when every call is over. Calls that fail are counted, and never reject it. */
export async function replayTrace(options: ReplayOptions): Promise<ReplayResult> {
  const { services, speed = 60, concurrency = 256, signal, onProgress } = options
  if (!(speed > 0)) throw new RangeError(`speed must be more than 0, got ${speed}`)
  const tallies = services.map((service) => newTally(service))
  const schedule = mergeSchedules(services)
  const open = new OpenCalls(concurrency)
  const startedAt = performance.now()
  const progress = { done: 0, total: schedule.length, behindMs: 0 }
  let mostBehindMs = 0
  for (const { offsetMs, service, row } of schedule) {
    const waitMs = startedAt + offsetMs / speed - performance.now()
    if (waitMs > 1) await sleep(waitMs, undefined, { signal }).catch(() => {})
    await open.waitForRoom()
    if (signal?.aborted) break
    progress.behindMs = Math.max(0, performance.now() - startedAt - offsetMs / speed)
    mostBehindMs = Math.max(mostBehindMs, progress.behindMs)
    const call = replayRow(services[service] as ReplayService, row, tallies[service] as Tally, options)
    open.add(
      call.then(() => {
        progress.done++
        onProgress?.(progress)
      }),
    )
  }
  await open.waitForAll()
  const results = tallies.map(({ rows, ...tally }) => ({ ...tally, asked: sumTrace(rows) }))
  return { services: results, seconds: (performance.now() - startedAt) / 1000, behindMs: mostBehindMs }
}

type Tally = Omit<ServiceResult, 'asked'> & { rows: TraceRow[] }

function newTally({ app }: ReplayService): Tally {
  return { app, rows: [], answered: 0, failed: 0, failures: [], seen: { inputTokens: 0, outputTokens: 0 } }
}

function mergeSchedules(services: readonly ReplayService[]): { offsetMs: number; service: number; row: TraceRow }[] {
  const schedule = services.flatMap(({ rows }, service) =>
    rows.map((row) => ({ offsetMs: row.atMs - (rows[0] as TraceRow).atMs, service, row })),
  )
  return schedule.sort((one, other) => one.offsetMs - other.offsetMs)
}

async function replayRow({ client }: ReplayService, row: TraceRow, tally: Tally, options: ReplayOptions): Promise<void> {
  tally.rows.push(row)
  try {
    const usage = await ask(client, row, options)
    tally.answered++
    tally.seen.inputTokens += usage?.prompt_tokens ?? 0
    tally.seen.outputTokens += usage?.completion_tokens ?? 0
  } catch (error) {
    tally.failed++
    if (tally.failures.length < MAX_FAILURES) tally.failures.push(error instanceof Error ? error.message : String(error))
  }
}

async function ask(client: OpenAI, row: TraceRow, { stream, model = 'gpt-4o-mini' }: ReplayOptions) {
  const body = { model, messages: [{ role: 'user' as const, content: 'replayed' }] }
  const headers = { 'x-simulate-input-tokens': String(row.inputTokens), 'x-simulate-output-tokens': String(row.outputTokens) }
  if (!stream) return (await client.chat.completions.create(body, { headers })).usage
  const chunks = await client.chat.completions.create(
    { ...body, stream: true },
    { headers: { ...headers, 'x-simulate-chunk-tokens': CHUNK_TOKENS } },
  )
  let usage: OpenAI.CompletionUsage | undefined
  for await (const chunk of chunks) usage = chunk.usage ?? usage
  return usage
}
