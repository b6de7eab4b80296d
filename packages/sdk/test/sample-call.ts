import type { Call, Usage } from '@aiwatch/store'
import type { CapturedCall } from '../src/captured-call.ts'

export function sampleUsage(usage: Partial<Usage> = {}): Usage {
  return { inputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 20, reasoningTokens: 0, source: 'reported', ...usage }
}

let count = 0

export function sampleCapturedCall(call: Partial<CapturedCall> = {}): CapturedCall {
  return {
    id: `call-${++count}`,
    startedAt: Date.now(),
    provider: 'openai',
    model: 'gpt-4o',
    requestModel: call.model ?? 'gpt-4o',
    operation: 'chat',
    stream: false,
    tags: {},
    usage: sampleUsage(),
    durationMs: 100,
    outcome: 'ok',
    attempts: 1,
    ...call,
  }
}

export function sampleCall(call: Partial<Call> = {}): Call {
  const { wastedUsage: _, measuredCostNanoUsd: __, ...captured } = sampleCapturedCall()
  return { ...captured, app: 'shop', costNanoUsd: 450_000, cacheSavedNanoUsd: 0, wastedTokens: 0, wastedNanoUsd: 0, ...call }
}
