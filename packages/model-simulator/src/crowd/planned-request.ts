import type { Fault } from '../faults.ts'
import type { CrowdOperation } from './scenarios.ts'

/** One call that a person of the crowd makes. */
export interface PlannedRequest {
  /** Milliseconds since the epoch. */
  atMs: number
  user: string
  session: string
  /** From 1. */
  turn: number
  app: string
  tags: Record<string, string>
  operation: CrowdOperation
  model: string
  isStream: boolean
  /** Only streams: the program itself asks for usage. */
  asksForUsage: boolean
  inputTokens: number
  outputTokens: number
  cachedTokens: number
  reasoningTokens: number
  /** Only streams: the person leaves after so many chunks with content. */
  leavesAfterChunks?: number
  fault?: Fault
  /** The fault is met by so many attempts; undefined: by all. */
  failAttempts?: number
  /** For `x-simulate-seed`. */
  seed: number
}

/** The control headers by which the simulator answers as planned. */
export function simulateHeaders(planned: PlannedRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'x-simulate-input-tokens': String(planned.inputTokens),
    'x-simulate-output-tokens': String(planned.outputTokens),
    'x-simulate-cached-tokens': String(planned.cachedTokens),
    'x-simulate-reasoning-tokens': String(planned.reasoningTokens),
    'x-simulate-seed': String(planned.seed),
    'x-simulate-error': planned.fault ?? 'none',
  }
  if (planned.failAttempts !== undefined) headers['x-simulate-fail-attempts'] = String(planned.failAttempts)
  return headers
}
