/** What went wrong with a call, of low cardinality so that it can label a series. */
export const ERROR_TYPES = [
  'rate_limit',
  'timeout',
  'auth',
  'invalid_request',
  'context_length',
  'content_filter',
  'not_found',
  'overloaded',
  'server_error',
  'network',
  'unknown',
] as const
export type ErrorType = (typeof ERROR_TYPES)[number]

/** How a call ended. `aborted` means that the caller left: it is not an error. */
export const OUTCOMES = ['ok', 'aborted', ...ERROR_TYPES] as const
export type Outcome = (typeof OUTCOMES)[number]

/** True for every outcome but `ok` and `aborted`. */
export function isError(outcome: Outcome): outcome is ErrorType {
  return outcome !== 'ok' && outcome !== 'aborted'
}

/**
 * Where a usage count comes from.
 * `reported`: the provider sent it unasked. `requested`: it sent it because we asked for it.
 * `estimated`: it sent none, the answer arrived whole. `partial`: it sent none, the answer was left or cut.
 * `none`: only error replies arrived; all counts are 0.
 */
export type UsageSource = 'reported' | 'requested' | 'estimated' | 'partial' | 'none'

/** Tokens of one call. Details are subsets of their total, never additions to it. */
export interface Usage {
  /** All input tokens, cached ones included. */
  inputTokens: number
  /** The part of the input that the provider read from its prompt cache. */
  cacheReadTokens: number
  /** The part of the input that the provider wrote to its prompt cache (5-minute and 1-hour entries together). */
  cacheWriteTokens: number
  /** The part of `cacheWriteTokens` kept for one hour, where the provider splits it. */
  cacheWrite1hTokens?: number
  /** All output tokens, reasoning included. */
  outputTokens: number
  /** The part of the output spent on reasoning. */
  reasoningTokens: number
  /** Subsets of input and output by modality: an axis of its own, never subtracted from the cache axis. */
  inputAudioTokens?: number
  inputImageTokens?: number
  outputAudioTokens?: number
  outputImageTokens?: number
  source: UsageSource
}

/** OpenTelemetry's `gen_ai.operation.name`, and four that it has no name for. */
export type Operation =
  | 'chat'
  | 'text_completion'
  | 'embeddings'
  | 'generate_content'
  | 'image'
  | 'audio'
  | 'rerank'
  | 'realtime'
  | (string & {})

/** One request to a model as the caller meant it. The client's own retries are attempts of one call. */
export interface Call {
  /** Random, unique per call. */
  id: string
  /** When the caller asked, in milliseconds since the epoch. The call counts in the bucket of its end. */
  startedAt: number
  app: string
  provider: string
  /** As the provider named it in its answer; as asked when no answer named one. */
  model: string
  requestModel: string
  operation: Operation
  stream: boolean
  /** Who asked. Absent: the call counts in no user figure. */
  user?: string
  session?: string
  tags: Record<string, string>
  usage: Usage
  /** Integer nano-USD; null when the price of the model is not known. */
  costNanoUsd: number | null
  /** What the same call would have cost more without the provider's prompt cache, in nano-USD. */
  cacheSavedNanoUsd: number
  /** From the request to the end of the answer in milliseconds, retries and back-off included. */
  durationMs: number
  /** From the request to the first content, in milliseconds. Streams only. */
  timeToFirstTokenMs?: number
  /** Mean time between output tokens after the first, in milliseconds. Streams only. */
  timePerOutputTokenMs?: number
  outcome: Outcome
  /** HTTP exchanges, 1 without retries. */
  attempts: number
  /** Tokens and nano-USD of attempts whose answer the caller never got. */
  wastedTokens: number
  wastedNanoUsd: number
  /** Measured by the provider, where it says so; milliseconds. */
  queueMs?: number
  prefillMs?: number
  decodeMs?: number
  /** HTTP status of the last attempt, where there was one. */
  httpStatus?: number
}

/** When the call ended: the instant that decides its time bucket. */
export function endedAt(call: Call): number {
  return call.startedAt + call.durationMs
}
