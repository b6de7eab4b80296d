/** Figures of a window from its sums and sketches. */
import { CODE, callsCode, mergeSketches, type SketchCounters, type Sums, sketchQuantiles } from '@aiwatch/store'
import type { Figures } from '../../contract/index.ts'
import { usdOf } from '../money.ts'
import { countCalls, countErrors, errorRate } from '../sums.ts'

/** What was measured in a window; milliseconds. */
export interface Sketches {
  latency: SketchCounters
  firstToken: SketchCounters
  perOutputToken: SketchCounters
}

/** In seconds; nulls when nothing was counted. */
export function quantilesSeconds(counters: SketchCounters, quantiles: readonly number[]): (number | null)[] {
  const found = sketchQuantiles(counters, quantiles)
  return quantiles.map((_, i) => (found ? (found[i] as number) / 1000 : null))
}

/** What was measured of each cell: sketches that are not merged yet. */
export type CellSketches = Map<string, Record<keyof Sketches, SketchCounters[]>>

/** Of these cells together. */
export function sketchesOf(cells: readonly string[], byCell: CellSketches): Sketches {
  const merge = (name: keyof Sketches) => mergeSketches(cells.flatMap((cell) => byCell.get(cell)?.[name] ?? []))
  return { latency: merge('latency'), firstToken: merge('firstToken'), perOutputToken: merge('perOutputToken') }
}

export function toFigures(sums: Sums, sketches: Sketches, windowSeconds: number): Figures {
  const value = (code: number) => sums.get(code) ?? 0
  const calls = countCalls(sums)
  const [p50 = null, p95 = null, p99 = null] = quantilesSeconds(sketches.latency, [0.5, 0.95, 0.99])
  const [first50 = null, first95 = null, first99 = null] = quantilesSeconds(sketches.firstToken, [0.5, 0.95, 0.99])
  const [perToken = null] = quantilesSeconds(sketches.perOutputToken, [0.5])
  const generationSeconds = value(CODE.generationMs) / 1000
  return {
    calls,
    calls_per_second: calls / windowSeconds,
    errors: countErrors(sums),
    aborted_calls: value(callsCode('aborted')),
    error_rate: errorRate(sums),
    input_tokens: value(CODE.inputTokens),
    output_tokens: value(CODE.outputTokens),
    cache_read_tokens: value(CODE.cacheReadTokens),
    cache_write_tokens: value(CODE.cacheWriteTokens),
    reasoning_tokens: value(CODE.reasoningTokens),
    estimated_input_tokens: value(CODE.estimatedInputTokens),
    estimated_output_tokens: value(CODE.estimatedOutputTokens),
    input_tokens_per_second: value(CODE.inputTokens) / windowSeconds,
    output_tokens_per_second: value(CODE.outputTokens) / windowSeconds,
    generation_tokens_per_second: generationSeconds > 0 ? value(CODE.outputTokens) / generationSeconds : 0,
    cost_usd: usdOf(sums, CODE.costNanoUsd),
    unpriced_calls: value(CODE.unpricedCalls),
    cache_saved_usd: usdOf(sums, CODE.cacheSavedNanoUsd),
    wasted_usd: usdOf(sums, CODE.wastedNanoUsd),
    wasted_tokens: value(CODE.wastedTokens),
    wasted_attempts: value(CODE.wastedAttempts),
    latency_mean_seconds: calls > 0 ? value(CODE.durationMs) / 1000 / calls : null,
    latency_p50_seconds: p50,
    latency_p95_seconds: p95,
    latency_p99_seconds: p99,
    first_token_p50_seconds: first50,
    first_token_p95_seconds: first95,
    first_token_p99_seconds: first99,
    per_output_token_p50_seconds: perToken,
  }
}
