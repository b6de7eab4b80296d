/**
 * Every number that is kept over time. A metric has one code per value of its split (direction or outcome);
 * codes are stored in Redis: they may be added to, never reused or renumbered.
 */
import { OUTCOMES, type Outcome } from './call.ts'

/** A flat list `code, value, code, value, …`, codes ascending. The only form in which sums travel and are stored. */
export type SparseVector = number[]

export interface Metric {
  name: string
  unit: '{call}' | '{token}' | '{attempt}' | 'nUSD' | 'ms'
  description: string
  /** The label that splits the metric, and its values in code order. */
  split?: { label: 'outcome' | 'direction'; values: readonly string[] }
  /** Code of the first split value, or of the metric itself. */
  code: number
}

export const METRICS = [
  { name: 'calls', unit: '{call}', code: 1, split: { label: 'outcome', values: OUTCOMES }, description: 'Calls that ended.' },
  {
    name: 'tokens',
    unit: '{token}',
    code: 20,
    split: { label: 'direction', values: ['input', 'output'] },
    description: 'Tokens; input includes cached ones, output includes reasoning.',
  },
  { name: 'cache_read_tokens', unit: '{token}', code: 22, description: 'Input read from the prompt cache (part of input).' },
  { name: 'cache_write_tokens', unit: '{token}', code: 23, description: 'Input written to the prompt cache (part of input).' },
  { name: 'reasoning_tokens', unit: '{token}', code: 24, description: 'Output spent on reasoning (part of output).' },
  { name: 'estimated_input_tokens', unit: '{token}', code: 25, description: 'Input that no provider reported (part of input).' },
  { name: 'estimated_output_tokens', unit: '{token}', code: 26, description: 'Output that no provider reported (part of output).' },
  { name: 'cost_nano_usd', unit: 'nUSD', code: 27, description: 'Cost of the calls whose price is known.' },
  { name: 'cache_saved_nano_usd', unit: 'nUSD', code: 28, description: 'What the prompt cache saved.' },
  { name: 'wasted_nano_usd', unit: 'nUSD', code: 29, description: 'Cost of attempts whose answer nobody got.' },
  { name: 'wasted_tokens', unit: '{token}', code: 30, description: 'Tokens of attempts whose answer nobody got.' },
  { name: 'wasted_attempts', unit: '{attempt}', code: 31, description: 'HTTP exchanges beyond the last of their call.' },
  { name: 'unpriced_calls', unit: '{call}', code: 32, description: 'Calls with usage whose model has no known price.' },
  { name: 'duration_ms', unit: 'ms', code: 33, description: 'Time from request to end of answer, summed.' },
  { name: 'first_token_ms', unit: 'ms', code: 34, description: 'Time to first token, summed over streams.' },
  { name: 'generation_ms', unit: 'ms', code: 35, description: 'Time in which the output was made, summed.' },
  { name: 'queue_ms', unit: 'ms', code: 36, description: 'Time in the queue of the provider, where it says so.' },
  { name: 'prefill_ms', unit: 'ms', code: 37, description: 'Time to read the prompt, where the provider says so.' },
  { name: 'decode_ms', unit: 'ms', code: 38, description: 'Time to write the answer, where the provider says so.' },
] as const satisfies readonly Metric[]

export type MetricName = (typeof METRICS)[number]['name']

/** Codes of the sums of a cell lie below this. */
export const SUM_CODES = 40

export const CODE = {
  callsOk: 1,
  inputTokens: 20,
  outputTokens: 21,
  cacheReadTokens: 22,
  cacheWriteTokens: 23,
  reasoningTokens: 24,
  estimatedInputTokens: 25,
  estimatedOutputTokens: 26,
  costNanoUsd: 27,
  cacheSavedNanoUsd: 28,
  wastedNanoUsd: 29,
  wastedTokens: 30,
  wastedAttempts: 31,
  unpricedCalls: 32,
  durationMs: 33,
  firstTokenMs: 34,
  generationMs: 35,
  queueMs: 36,
  prefillMs: 37,
  decodeMs: 38,
  /** In the vectors of users and error patterns, where calls are not split by outcome. */
  calls: 40,
  errors: 41,
  sessions: 42,
  /** First code of the fixed-bucket latency histogram; lifetime totals only. */
  latencyHistogram: 64,
  /** Codes from 100 keep the greatest value, codes from 110 the least; all others add. */
  lastSeenMs: 100,
  firstSeenMs: 110,
} as const

/** Code of `calls` with this outcome. */
export function callsCode(outcome: Outcome): number {
  return CODE.callsOk + OUTCOMES.indexOf(outcome)
}

/**
 * Upper bounds in seconds of the lifetime latency histogram that `/metrics` shows; one more bucket, the last, is +Inf.
 * They reach past 30 s because slow answers are what people look for.
 */
export const LATENCY_BUCKETS_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300, 600] as const

/** Code of the histogram bucket that a call of this duration falls in. */
export function latencyHistogramCode(durationMs: number): number {
  let bucket = 0
  while (bucket < LATENCY_BUCKETS_SECONDS.length && durationMs > (LATENCY_BUCKETS_SECONDS[bucket] as number) * 1000) bucket++
  return CODE.latencyHistogram + bucket
}

/** Length of a bucket and how long it is kept, in seconds. Each keeps an hour more, for events that arrive late. */
export const TIERS = {
  '10s': { seconds: 10, keepSeconds: 24 * 3600 },
  '1m': { seconds: 60, keepSeconds: 7 * 24 * 3600 },
  '1h': { seconds: 3600, keepSeconds: 400 * 24 * 3600 },
} as const
export type Tier = keyof typeof TIERS

/** Levels at which latency sketches are kept. The 10 s level holds only the latency of all cells together. */
export const SKETCH_LEVELS = {
  '10s': { seconds: 10, keepSeconds: 15 * 60 },
  '1m': { seconds: 60, keepSeconds: 6 * 3600 },
  '1h': { seconds: 3600, keepSeconds: 30 * 24 * 3600 },
  '1d': { seconds: 86_400, keepSeconds: 400 * 24 * 3600 },
} as const
export type SketchLevel = keyof typeof SKETCH_LEVELS

/**
 * A bucket that ended longer ago than this, in whole seconds of the server's clock, is closed: readers may cache it, and a write to it is announced
 * as late. Programs with many calls send all but the 10 s tier every 10 s: closed earlier, each such bucket would be announced and read again.
 */
export const CLOSED_AFTER_SECONDS = 15
/** The same for the series of the 10 s tier, which every program sends each second. */
export const FINE_CLOSED_AFTER_SECONDS = 5
/** From here on after its end all of a bucket has arrived as a rule, and what arrives yet is announced. */
export const SETTLE_SECONDS = CLOSED_AFTER_SECONDS + 1
export const FINE_SETTLE_SECONDS = FINE_CLOSED_AFTER_SECONDS + 1

/** Added to the retention of every time bucket, because an event may be as late as the retention of the finest tier. */
export const LATE_ALLOWANCE_SECONDS = 3600

/** Events later than this are refused in the time buckets and counted; they still enter the lifetime totals. */
export const MAX_LATENESS_SECONDS = 24 * 3600

/** Start, in seconds since the epoch, of the bucket of `seconds` length that holds `timeMs`. */
export function bucketStart(timeMs: number, seconds: number): number {
  return Math.floor(timeMs / 1000 / seconds) * seconds
}

export interface SplitMetric {
  metric: Metric
  /** Value of the split label; undefined for a metric without split. */
  split?: string
}

const byCode = new Map<number, SplitMetric>()
for (const metric of METRICS as readonly Metric[]) {
  if (!metric.split) byCode.set(metric.code, { metric })
  else for (const [offset, split] of metric.split.values.entries()) byCode.set(metric.code + offset, { metric, split })
}

/** The metric and split value that a code stands for; undefined for a code that is not of the catalogue. */
export function metricOfCode(code: number): SplitMetric | undefined {
  return byCode.get(code)
}

/** Codes of a metric, one per split value; one code when `split` is given. Empty when there is no such metric or value. */
export function codesOf(name: string, split?: string): number[] {
  const codes: number[] = []
  for (const [code, entry] of byCode) if (entry.metric.name === name && (split === undefined || entry.split === split)) codes.push(code)
  return codes
}
