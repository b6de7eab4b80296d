/** Durations and costs that some providers report beside their usage. */
import { isObject, type JsonObject, type Reading } from './reading.ts'

const NANO_USD_PER_USD = 1e9

function readAmount(source: JsonObject, field: string): number | undefined {
  const value = source[field]
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000)

/** Groq: seconds, inside usage. */
export function readGroqTimes(usage: unknown, reading: Reading): void {
  if (!isObject(usage)) return
  reading.queueMs = milliseconds(readAmount(usage, 'queue_time')) ?? reading.queueMs
  reading.prefillMs = milliseconds(readAmount(usage, 'prompt_time')) ?? reading.prefillMs
  reading.decodeMs = milliseconds(readAmount(usage, 'completion_time')) ?? reading.decodeMs
}

/**
 * OpenRouter: `cost` in credits, which are USD. With a key of the caller's own it is only OpenRouter's fee, and the bill of the
 * provider stands beside it.
 */
export function readReportedCost(usage: unknown, reading: Reading): void {
  if (!isObject(usage)) return
  const cost = readAmount(usage, 'cost')
  if (cost === undefined) return
  const upstream =
    usage.is_byok === true && isObject(usage.cost_details) ? readAmount(usage.cost_details, 'upstream_inference_cost') : undefined
  reading.costNanoUsd = Math.round((cost + (upstream ?? 0)) * NANO_USD_PER_USD)
}

/** llama.cpp: milliseconds, and counts that stand in for a missing usage. `prompt_n` leaves out what came from the cache (`cache_n`). */
export function readTimings(timings: unknown, reading: Reading): void {
  if (!isObject(timings)) return
  reading.prefillMs = readAmount(timings, 'prompt_ms') ?? reading.prefillMs
  reading.decodeMs = readAmount(timings, 'predicted_ms') ?? reading.decodeMs
  const prompt = readAmount(timings, 'prompt_n')
  const predicted = readAmount(timings, 'predicted_n')
  if (reading.counts || prompt === undefined || predicted === undefined) return
  const cached = readAmount(timings, 'cache_n') ?? 0
  reading.counts = {
    inputTokens: prompt + cached,
    cacheReadTokens: cached,
    cacheWriteTokens: 0,
    outputTokens: predicted,
    reasoningTokens: 0,
  }
}

/** The cost that a LiteLLM gateway puts in a response header, in nano-USD. */
export function readCostHeader(value: string | null | undefined): number | undefined {
  if (!value) return undefined
  const cost = Number(value)
  return Number.isFinite(cost) && cost >= 0 ? Math.round(cost * NANO_USD_PER_USD) : undefined
}
