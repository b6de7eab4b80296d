/** Makes a call of what capture saw and what it cost. */
import { type Call, OUTCOMES } from '@aiwatch/store'
import type { CapturedCall } from './captured-call.ts'

interface Price {
  costNanoUsd: number | null
  cacheSavedNanoUsd: number
  wastedNanoUsd: number
}

/** One NaN in a sum would stay there for ever. */
function amount(value: number): number {
  return value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : 0
}

function optionalAmount(value: number | undefined): number | undefined {
  return value !== undefined && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined
}

/** Longest time that a call is believed to have taken, in milliseconds: a week. */
const MAX_DURATION_MS = 7 * 24 * 3600 * 1000

export function toCall(captured: CapturedCall, app: string, price: Price): Call {
  const { wastedUsage, usage } = captured
  return {
    id: captured.id,
    startedAt: Number.isFinite(captured.startedAt) ? captured.startedAt : Date.now(),
    app: captured.app ?? app,
    provider: captured.provider,
    model: captured.model,
    requestModel: captured.requestModel,
    operation: captured.operation,
    stream: captured.stream,
    user: captured.user || undefined,
    session: captured.session || undefined,
    tags: captured.tags,
    usage: {
      ...usage,
      inputTokens: amount(usage.inputTokens),
      cacheReadTokens: amount(usage.cacheReadTokens),
      cacheWriteTokens: amount(usage.cacheWriteTokens),
      outputTokens: amount(usage.outputTokens),
      reasoningTokens: amount(usage.reasoningTokens),
    },
    costNanoUsd: price.costNanoUsd === null ? null : amount(price.costNanoUsd),
    cacheSavedNanoUsd: amount(price.cacheSavedNanoUsd),
    durationMs: Math.min(MAX_DURATION_MS, amount(captured.durationMs)),
    timeToFirstTokenMs: optionalAmount(captured.timeToFirstTokenMs),
    timePerOutputTokenMs: optionalAmount(captured.timePerOutputTokenMs),
    outcome: OUTCOMES.includes(captured.outcome) ? captured.outcome : 'unknown',
    attempts: amount(captured.attempts) || 1,
    wastedTokens: wastedUsage ? amount(wastedUsage.inputTokens) + amount(wastedUsage.outputTokens) : 0,
    wastedNanoUsd: amount(price.wastedNanoUsd),
    queueMs: optionalAmount(captured.queueMs),
    prefillMs: optionalAmount(captured.prefillMs),
    decodeMs: optionalAmount(captured.decodeMs),
    httpStatus: captured.httpStatus,
  }
}
