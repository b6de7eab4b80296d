import {
  type BucketRows,
  bucketStart,
  type Cell,
  CODE,
  mergeSketches,
  SKETCH_LEVELS,
  type SketchCounters,
  type SketchKind,
  type StoreReader,
  type Sums,
} from '@aiwatch/store'
import { usdOf } from './money.ts'
import { percentilesSeconds, type RecentFigures } from './read-recent.ts'
import { byModel, byName, countCalls, errorRate, modelOf, sumBuckets } from './sums.ts'
import { bucketsWithOpen, closedBuckets, RATE_BUCKETS, RECENT_BUCKETS } from './windows.ts'

/** Since the beginning. */
export interface Usage {
  /** Calls of every outcome. */
  total_requests: number
  total_input_tokens: number
  total_output_tokens: number
  /** Seconds. */
  avg_response_time: number
  /** Output tokens per second of response time. */
  avg_tokens_per_second: number
}

export interface ModelRow {
  model: string
  calls_24h: number
  input_tokens_24h: number
  output_tokens_24h: number
  cost_usd_24h: number
  /** Calls of the last 24 h whose price is not known. */
  unpriced_calls_24h: number
  calls_5m: number
  /** Over the six newest closed 10 s buckets. */
  calls_per_second: number
  /** 0–1, over the last 5 minutes. */
  error_rate: number
  /** Seconds, over the minutes that the last 5 minutes touch; 0 without calls, and for models beyond the sixty busiest cells. */
  response_time_p50: number
  response_time_p95: number
  response_time_p99: number
  /** Seconds to the first token of streams, over the same minutes; 0 without streams. */
  first_token_p50: number
  first_token_p95: number
  /** Seconds that the provider spent reading prompts, as far as it says so (llama.cpp and Groq do). */
  prefill_seconds_24h: number
  /** Seconds that it spent writing answers, as far as it says so. */
  decode_seconds_24h: number
}

/** Sketches by cell, minute by minute. */
type MinuteSketches = Awaited<ReturnType<StoreReader['cellSketches']>>

export interface ModelSources {
  daySums: Map<string, Sums>
  cells: Map<string, Cell>
  buckets: readonly BucketRows[]
  latencyByCell: MinuteSketches
  firstTokenByCell: MinuteSketches
}

export interface SketchSources {
  reader: StoreReader
  totalsAsked: Promise<Map<string, Sums>>
  recentAsked: Promise<RecentFigures>
  nowMs: number
}

const CELLS_WITH_LATENCY = 60
const MAX_MODELS = 50
const MINUTE = SKETCH_LEVELS['1m'].seconds

/** Usage by model, or by app, since the beginning; most calls first. */
export function usageBy(name: 'app' | 'model', totals: Map<string, Sums>, cells: Map<string, Cell>): Record<string, Usage> {
  const rows: [name: string, usage: Usage][] = []
  for (const [group, sums] of byName(totals, cells, name)) {
    const calls = countCalls(sums)
    const seconds = (sums.get(CODE.durationMs) ?? 0) / 1000
    const outputTokens = sums.get(CODE.outputTokens) ?? 0
    rows.push([
      group,
      {
        total_requests: calls,
        total_input_tokens: sums.get(CODE.inputTokens) ?? 0,
        total_output_tokens: outputTokens,
        avg_response_time: calls > 0 ? seconds / calls : 0,
        avg_tokens_per_second: seconds > 0 ? outputTokens / seconds : 0,
      },
    ])
  }
  // `fromEntries` defines the properties, so a model called `__proto__` is one like any other.
  return Object.fromEntries(rows.sort((a, b) => b[1].total_requests - a[1].total_requests))
}

function busiestCells(buckets: readonly BucketRows[], nowMs: number): string[] {
  const calls = [...sumBuckets(buckets, bucketsWithOpen(nowMs, RECENT_BUCKETS))].map(([id, sums]) => [id, countCalls(sums)] as const)
  return calls.sort((a, b) => b[1] - a[1]).map(([id]) => id)
}

/**
 * What was measured per cell over the minutes that the last 5 minutes touch. The finest level that is kept per cell is the minute.
 * Which cells to ask for is taken from the totals while they are few: the buckets are known later when a new cell has come, and
 * waiting for them would cost a third round trip.
 */
export async function readCellSketches(
  kind: SketchKind,
  { reader, totalsAsked, recentAsked, nowMs }: SketchSources,
): Promise<MinuteSketches> {
  const totals = await totalsAsked
  const ids = totals.size <= CELLS_WITH_LATENCY ? [...totals.keys()] : busiestCells((await recentAsked).buckets, nowMs)
  const { from, to } = bucketsWithOpen(nowMs, RECENT_BUCKETS)
  const firstMinute = bucketStart(from * 1000, MINUTE)
  return reader.cellSketches('1m', kind, firstMinute, to, new Set(ids.slice(0, CELLS_WITH_LATENCY)))
}

function sketchByModel(byCell: MinuteSketches, cells: Map<string, Cell>): Map<string, SketchCounters> {
  const models = new Map<string, SketchCounters[]>()
  for (const [id, minutes] of byCell) {
    const model = modelOf(cells, id)
    const sketches = models.get(model) ?? []
    for (const { counters } of minutes) sketches.push(counters)
    models.set(model, sketches)
  }
  return new Map([...models].map(([model, sketches]) => [model, mergeSketches(sketches)]))
}

/** Models of the last 24 h, most calls first. */
export function describeModels({ daySums, cells, buckets, latencyByCell, firstTokenByCell }: ModelSources, nowMs: number): ModelRow[] {
  const recent = byModel(sumBuckets(buckets, bucketsWithOpen(nowMs, RECENT_BUCKETS)), cells)
  const rateWindow = closedBuckets(nowMs, RATE_BUCKETS)
  const rated = byModel(sumBuckets(buckets, rateWindow), cells)
  const latency = sketchByModel(latencyByCell, cells)
  const firstToken = sketchByModel(firstTokenByCell, cells)
  const none: Sums = new Map()
  const rows: ModelRow[] = []
  for (const [model, sums] of byModel(daySums, cells)) {
    const lately = recent.get(model) ?? none
    const [p50, p95, p99] = percentilesSeconds(latency.get(model) ?? [])
    const [firstTokenP50, firstTokenP95] = percentilesSeconds(firstToken.get(model) ?? [])
    rows.push({
      model,
      calls_24h: countCalls(sums),
      input_tokens_24h: sums.get(CODE.inputTokens) ?? 0,
      output_tokens_24h: sums.get(CODE.outputTokens) ?? 0,
      cost_usd_24h: usdOf(sums, CODE.costNanoUsd),
      unpriced_calls_24h: sums.get(CODE.unpricedCalls) ?? 0,
      calls_5m: countCalls(lately),
      calls_per_second: countCalls(rated.get(model) ?? none) / (rateWindow.to - rateWindow.from),
      error_rate: errorRate(lately),
      response_time_p50: p50,
      response_time_p95: p95,
      response_time_p99: p99,
      first_token_p50: firstTokenP50,
      first_token_p95: firstTokenP95,
      prefill_seconds_24h: (sums.get(CODE.prefillMs) ?? 0) / 1000,
      decode_seconds_24h: (sums.get(CODE.decodeMs) ?? 0) / 1000,
    })
  }
  return rows.sort((a, b) => b.calls_24h - a.calls_24h || a.model.localeCompare(b.model)).slice(0, MAX_MODELS)
}
