/** Decides what an answer will be, before any of it is written: counts, text and times. */
import { contextLengthExceeded } from './api-error.ts'
import { tokensOfCharacters } from './count-tokens.ts'
import type { Exchange } from './exchange.ts'
import type { Tokens } from './ledger.ts'
import type { ModelProfile } from './models.ts'
import { sentenceStart } from './token-text.ts'

export interface AnswerWish {
  /** Counted from the request; a control header goes before it. */
  inputTokens: number
  /** The caller's limit on output, reasoning included. */
  maxOutputTokens?: number
  /** `reasoning_effort`, for models that reason. */
  effort?: string
  /** The caller switched thinking on, in a model that can do without. */
  thinks?: boolean
  /** Characters of an answer that is already decided (JSON, tool arguments, refusal). */
  fixedCharacters?: number
}

export interface AnswerPlan extends Tokens {
  /** The part of `cacheWriteTokens` that is kept for an hour. */
  cacheWrite1hTokens: number
  /** Output that is seen: `outputTokens − reasoningTokens`. */
  visibleTokens: number
  /** The caller's limit cut the answer. */
  isCapped: boolean
  /** Where in the endless text the answer begins. */
  textStart: number
  chunkTokens: number
  /** From the arrival of the request to its first content, and to its end. */
  firstTokenMs: number
  totalMs: number
}

/** OpenAI's cache finds the beginning of a prompt of at least 1,024 tokens, in steps of 128. */
const CACHE_LEAST_TOKENS = 1024
const CACHE_STEP_TOKENS = 128

const EFFORT_SHARE: Record<string, number> = { none: 0, minimal: 0, low: 0.25, medium: 0.5, high: 0.75, xhigh: 0.85 }

/** Throws an ApiError (400, context_length_exceeded) when the counted prompt is longer than the model allows. */
export function planAnswer(exchange: Exchange, model: ModelProfile, wish: AnswerWish): AnswerPlan {
  const { controls, random } = exchange
  const inputTokens = controls.inputTokens ?? wish.inputTokens
  if (controls.inputTokens === undefined && inputTokens > model.contextTokens) throw contextLengthExceeded(model.contextTokens, inputTokens)

  const cacheHit = random.chance(model.cacheHitRate)
  const cacheShare = random.next()
  const canCache = cacheHit && inputTokens >= CACHE_LEAST_TOKENS
  const drawn = canCache ? Math.floor((inputTokens * (0.3 + 0.7 * cacheShare)) / CACHE_STEP_TOKENS) * CACHE_STEP_TOKENS : 0
  const cachedTokens = Math.min(inputTokens, controls.cachedTokens ?? drawn)

  const cacheWriteTokens = Math.min(inputTokens - cachedTokens, controls.cacheWriteTokens ?? 0)
  const output = planOutput(exchange, model, wish)
  return {
    inputTokens,
    cachedTokens,
    cacheWriteTokens,
    cacheWrite1hTokens: Math.min(cacheWriteTokens, controls.cacheWrite1hTokens ?? 0),
    ...output,
    visibleTokens: output.outputTokens - output.reasoningTokens,
    textStart: sentenceStart(random.next()),
    chunkTokens: controls.chunkTokens ?? 1,
    ...planTimes(exchange, model, { ...output, uncachedTokens: inputTokens - cachedTokens }),
  }
}

function planOutput(exchange: Exchange, model: ModelProfile, wish: AnswerWish) {
  const { controls, random } = exchange
  const length = Math.max(1, Math.round(random.logNormal(model.outputTokens, model.outputSigma)))
  const share = model.kind === 'reasoning' || wish.thinks ? (EFFORT_SHARE[wish.effort ?? 'medium'] ?? 0.5) : 0
  const fixed = wish.fixedCharacters === undefined ? undefined : tokensOfCharacters(wish.fixedCharacters)
  const wanted = fixed === undefined ? length : Math.round(fixed / (1 - share))
  const limit = wish.maxOutputTokens ?? Number.POSITIVE_INFINITY
  const outputTokens = model.kind === 'embedding' ? 0 : (controls.outputTokens ?? Math.min(wanted, limit))
  const reasoningTokens = Math.min(outputTokens, controls.reasoningTokens ?? Math.floor(outputTokens * share))
  return { outputTokens, reasoningTokens, isCapped: controls.outputTokens === undefined ? wanted > limit : outputTokens >= limit }
}

function planTimes(
  exchange: Exchange,
  model: ModelProfile,
  answer: { uncachedTokens: number; outputTokens: number; reasoningTokens: number },
): { firstTokenMs: number; totalMs: number } {
  const { controls, random, simulation } = exchange
  const firstMs = random.logNormal(model.firstTokenMs, model.firstTokenSigma)
  const msPerToken = 1000 / random.logNormal(model.tokensPerSecond, model.tokensPerSecondSigma)
  if (controls.latencyMs !== undefined) return { firstTokenMs: controls.latencyMs / 4, totalMs: controls.latencyMs }
  if (simulation.speed === 0) return { firstTokenMs: 0, totalMs: 0 }
  const prefillMs = (answer.uncachedTokens / model.prefillTokensPerSecond) * 1000
  const firstTokenMs = (firstMs + prefillMs + answer.reasoningTokens * msPerToken) / simulation.speed
  return { firstTokenMs, totalMs: firstTokenMs + ((answer.outputTokens - answer.reasoningTokens) * msPerToken) / simulation.speed }
}
