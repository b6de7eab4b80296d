/** Request headers by which a caller asks for an exact answer. All are optional. */
import type { IncomingHttpHeaders } from 'node:http'
import { invalidRequest } from './api-error.ts'
import { FAULTS, type Fault, isFault } from './faults.ts'

export interface Controls {
  /** `x-simulate-input-tokens`: prompt tokens to report, whatever the prompt is. */
  inputTokens?: number
  /** `x-simulate-output-tokens`: completion tokens to make, over all choices, reasoning included. */
  outputTokens?: number
  /** `x-simulate-cached-tokens`: part of the input read from the cache. */
  cachedTokens?: number
  /** `x-simulate-cache-write-tokens`: part of the input written to the cache, and of that the part kept for an hour. Messages only. */
  cacheWriteTokens?: number
  /** `x-simulate-cache-write-1h-tokens` */
  cacheWrite1hTokens?: number
  /** `x-simulate-reasoning-tokens`: part of the output spent on reasoning. */
  reasoningTokens?: number
  /** `x-simulate-chunk-tokens`: tokens per streamed chunk. Default 1. */
  chunkTokens?: number
  /** `x-simulate-latency-ms`: time from request to end of answer; a stream has its first content after a quarter. Not divided by the speed. */
  latencyMs?: number
  /** `x-simulate-error`: a name of `FAULTS`, or `none` to be spared random faults. */
  fault?: Fault | 'none'
  /** `x-simulate-fail-attempts`: only the first so many attempts meet the fault (counted by the client's x-stainless-retry-count). */
  failAttempts?: number
  /** `x-simulate-retry-after-ms`: what a 429 or 503 says. */
  retryAfterMs?: number
  /** `x-simulate-usage`: JSON whose fields replace those of the usage that is sent; `null` leaves the usage out. */
  usage?: Record<string, unknown> | null
  /** `x-simulate-seed`: makes this answer independent of the order of requests. */
  seed?: number
}

const NUMBERS = [
  ['x-simulate-input-tokens', 'inputTokens'],
  ['x-simulate-output-tokens', 'outputTokens'],
  ['x-simulate-cached-tokens', 'cachedTokens'],
  ['x-simulate-cache-write-tokens', 'cacheWriteTokens'],
  ['x-simulate-cache-write-1h-tokens', 'cacheWrite1hTokens'],
  ['x-simulate-reasoning-tokens', 'reasoningTokens'],
  ['x-simulate-chunk-tokens', 'chunkTokens'],
  ['x-simulate-latency-ms', 'latencyMs'],
  ['x-simulate-fail-attempts', 'failAttempts'],
  ['x-simulate-retry-after-ms', 'retryAfterMs'],
  ['x-simulate-seed', 'seed'],
] as const

/** An answer is built whole in memory. */
const MAX_OUTPUT_TOKENS = 2_000_000
/** Longest delay that a timer keeps, about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1

const RANGES: Partial<Record<keyof Controls, { least?: number; most?: number }>> = {
  chunkTokens: { least: 1 },
  outputTokens: { most: MAX_OUTPUT_TOKENS },
  latencyMs: { most: MAX_TIMER_MS },
}

/** Throws an ApiError (400) whose `param` is the header that is wrong. */
export function readControls(headers: IncomingHttpHeaders): Controls {
  const controls: Controls = {}
  for (const [header, field] of NUMBERS) {
    const text = headers[header]
    if (typeof text === 'string') controls[field] = wholeNumber(header, text, RANGES[field])
  }
  const fault = headers['x-simulate-error']
  if (typeof fault === 'string') {
    if (fault !== 'none' && !isFault(fault)) {
      throw invalidRequest(`Header x-simulate-error must be none or one of ${FAULTS.join(', ')}; got "${fault}".`, 'x-simulate-error')
    }
    controls.fault = fault
  }
  const usage = headers['x-simulate-usage']
  if (typeof usage === 'string') controls.usage = usageOverride(usage)
  return controls
}

function wholeNumber(
  header: string,
  text: string,
  { least = 0, most = Number.MAX_SAFE_INTEGER }: { least?: number; most?: number } = {},
): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least || value > most || text.trim() === '') {
    throw invalidRequest(`Header ${header} must be a whole number from ${least} to ${most}; got "${text}".`, header)
  }
  return value
}

function usageOverride(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return value as Record<string, unknown> | null
  } catch {
    // Falls through to the same answer as for a value of the wrong type.
  }
  throw invalidRequest('Header x-simulate-usage must be a JSON object or null.', 'x-simulate-usage')
}
