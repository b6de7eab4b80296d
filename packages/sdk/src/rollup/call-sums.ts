/** What one call adds to the sums of its cell. The slot in the array is the code of the catalogue. */
import { type Call, CODE, callsCode, type SparseVector, SUM_CODES } from '@aiwatch/store'

export type Sums = Float64Array

export function newSums(): Sums {
  return new Float64Array(SUM_CODES)
}

const isEstimate = (source: Call['usage']['source']) => source === 'estimated' || source === 'partial'

function add(sums: Sums, code: number, value: number): void {
  sums[code] = (sums[code] as number) + value
}

/** Time in which the output was made: all of the call, or after its first token where it streamed. */
function generationMs(call: Call): number {
  if (call.usage.outputTokens <= 0) return 0
  return Math.max(0, call.durationMs - (call.timeToFirstTokenMs ?? 0))
}

export function addCall(sums: Sums, call: Call): void {
  const { usage } = call
  add(sums, CODE.durationMs, call.durationMs)
  if (call.attempts > 1) add(sums, CODE.wastedAttempts, call.attempts - 1)
  if (usage.source !== 'none') addUsage(sums, call)
  if (call.costNanoUsd !== null) add(sums, CODE.costNanoUsd, call.costNanoUsd)
  if (call.wastedTokens > 0) add(sums, CODE.wastedTokens, call.wastedTokens)
  if (call.wastedNanoUsd > 0) add(sums, CODE.wastedNanoUsd, call.wastedNanoUsd)
  if (call.timeToFirstTokenMs !== undefined) add(sums, CODE.firstTokenMs, call.timeToFirstTokenMs)
  if (call.queueMs !== undefined) add(sums, CODE.queueMs, call.queueMs)
  if (call.prefillMs !== undefined) add(sums, CODE.prefillMs, call.prefillMs)
  if (call.decodeMs !== undefined) add(sums, CODE.decodeMs, call.decodeMs)
  // Last: a call that could not be added is not counted.
  add(sums, callsCode(call.outcome), 1)
}

function addUsage(sums: Sums, call: Call): void {
  const { usage } = call
  add(sums, CODE.inputTokens, usage.inputTokens)
  add(sums, CODE.outputTokens, usage.outputTokens)
  if (usage.cacheReadTokens > 0) add(sums, CODE.cacheReadTokens, usage.cacheReadTokens)
  if (usage.cacheWriteTokens > 0) add(sums, CODE.cacheWriteTokens, usage.cacheWriteTokens)
  if (usage.reasoningTokens > 0) add(sums, CODE.reasoningTokens, usage.reasoningTokens)
  if (isEstimate(usage.source)) {
    add(sums, CODE.estimatedInputTokens, usage.inputTokens)
    add(sums, CODE.estimatedOutputTokens, usage.outputTokens)
  }
  if (call.cacheSavedNanoUsd > 0) add(sums, CODE.cacheSavedNanoUsd, call.cacheSavedNanoUsd)
  if (call.costNanoUsd === null) add(sums, CODE.unpricedCalls, 1)
  add(sums, CODE.generationMs, generationMs(call))
}

/** Sums of milliseconds have three decimals, so that adding in another order gives the same number. */
export function roundMilliseconds(sums: Sums): void {
  for (let code: number = CODE.durationMs; code <= CODE.decodeMs; code++) sums[code] = Math.round((sums[code] as number) * 1000) / 1000
}

export function mergeSums(into: Sums, from: Sums): void {
  for (let code = 0; code < from.length; code++) into[code] = (into[code] as number) + (from[code] as number)
}

/** The codes whose value is not 0. */
export function toSparse(values: ArrayLike<number>, firstCode = 0): SparseVector {
  const sparse: SparseVector = []
  for (let code = 0; code < values.length; code++) {
    const value = values[code] as number
    if (value !== 0) sparse.push(code + firstCode, value)
  }
  return sparse
}
