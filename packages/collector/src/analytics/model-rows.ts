import { type BucketRows, bucketStart, type Cell, CODE, SKETCH_LEVELS, type StoreReader, type Sums } from '@aiwatch/store'
import { percentilesSeconds } from './read-recent.ts'
import { byModel, countCalls, errorRate, modelOf, sumBuckets } from './sums.ts'
import { bucketsWithOpen, closedBuckets, RATE_BUCKETS, RECENT_BUCKETS } from './windows.ts'

/** Since the beginning. */
export interface ModelUsage {
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
  /** Seconds, over the minutes that the last 5 minutes touch; 0 without calls, and for models beyond the twenty busiest. */
  response_time_p50: number
  response_time_p95: number
  response_time_p99: number
}

export interface ModelSources {
  daySums: Map<string, Sums>
  cells: Map<string, Cell>
  buckets: readonly BucketRows[]
  latencyByModel: Map<string, Map<number, number>>
}

const MODELS_WITH_LATENCY = 20
const MAX_MODELS = 50
const MINUTE = SKETCH_LEVELS['1m'].seconds
const NANO = 1e9

/** Usage by model since the beginning, most calls first. */
export function modelUsage(totals: Map<string, Sums>, cells: Map<string, Cell>): Record<string, ModelUsage> {
  const rows: [model: string, usage: ModelUsage][] = []
  for (const [model, sums] of byModel(totals, cells)) {
    const calls = countCalls(sums)
    const seconds = (sums.get(CODE.durationMs) ?? 0) / 1000
    const outputTokens = sums.get(CODE.outputTokens) ?? 0
    rows.push([
      model,
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

/** Latency counters of the busiest models. The finest level that is kept per model is the minute. */
export async function readModelLatency(
  reader: StoreReader,
  cells: Map<string, Cell>,
  buckets: readonly BucketRows[],
  nowMs: number,
): Promise<Map<string, Map<number, number>>> {
  const window = bucketsWithOpen(nowMs, RECENT_BUCKETS)
  const from = bucketStart(window.from * 1000, MINUTE)
  const cellsOfModel = new Map<string, Set<string>>()
  const callsOfModel = new Map<string, number>()
  for (const [id, sums] of sumBuckets(buckets, window)) {
    const model = modelOf(cells, id)
    const ids = cellsOfModel.get(model)
    if (ids) ids.add(id)
    else cellsOfModel.set(model, new Set([id]))
    callsOfModel.set(model, (callsOfModel.get(model) ?? 0) + countCalls(sums))
  }
  const busiest = [...cellsOfModel].sort((a, b) => (callsOfModel.get(b[0]) ?? 0) - (callsOfModel.get(a[0]) ?? 0))
  const answers = await Promise.all(
    busiest
      .slice(0, MODELS_WITH_LATENCY)
      .map(async ([model, ids]) => [model, await reader.sketch('1m', 'latency', from, window.to, ids)] as const),
  )
  return new Map(answers)
}

/** Models of the last 24 h, most calls first. */
export function describeModels({ daySums, cells, buckets, latencyByModel }: ModelSources, nowMs: number): ModelRow[] {
  const recent = byModel(sumBuckets(buckets, bucketsWithOpen(nowMs, RECENT_BUCKETS)), cells)
  const rateWindow = closedBuckets(nowMs, RATE_BUCKETS)
  const rated = byModel(sumBuckets(buckets, rateWindow), cells)
  const none: Sums = new Map()
  const rows: ModelRow[] = []
  for (const [model, sums] of byModel(daySums, cells)) {
    const lately = recent.get(model) ?? none
    const [p50, p95, p99] = percentilesSeconds(latencyByModel.get(model) ?? new Map())
    rows.push({
      model,
      calls_24h: countCalls(sums),
      input_tokens_24h: sums.get(CODE.inputTokens) ?? 0,
      output_tokens_24h: sums.get(CODE.outputTokens) ?? 0,
      cost_usd_24h: (sums.get(CODE.costNanoUsd) ?? 0) / NANO,
      unpriced_calls_24h: sums.get(CODE.unpricedCalls) ?? 0,
      calls_5m: countCalls(lately),
      calls_per_second: countCalls(rated.get(model) ?? none) / (rateWindow.to - rateWindow.from),
      error_rate: errorRate(lately),
      response_time_p50: p50,
      response_time_p95: p95,
      response_time_p99: p99,
    })
  }
  return rows.sort((a, b) => b.calls_24h - a.calls_24h || a.model.localeCompare(b.model)).slice(0, MAX_MODELS)
}
