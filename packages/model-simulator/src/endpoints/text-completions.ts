/** POST /v1/completions */
import type { Answer, Frame } from '../answer.ts'
import { overrideUsage } from '../answer.ts'
import { invalidRequest, serverError } from '../api-error.ts'
import { countPromptTokens } from '../count-tokens.ts'
import type { Exchange } from '../exchange.ts'
import { optionalBoolean, optionalNumber, optionalObject, refuseUnknown, requireField, requireModel } from '../fields.ts'
import { meetFault } from '../meet-fault.ts'
import { planAnswer } from '../plan-answer.ts'
import { freeText, textPieces } from './chat-content.ts'

/** OpenAI's default for this endpoint. */
const MAX_TOKENS = 16

export function answerTextCompletion(exchange: Exchange, body: Record<string, unknown>): Answer {
  const model = exchange.useModel(requireModel(body), ['completion'])
  refuseUnknown(body, exchange.simulation.refuseParameters)
  const prompt = requireField(body, 'prompt')
  const isStream = optionalBoolean(body, 'stream')
  const streamOptions = optionalObject(body, 'stream_options')
  if (streamOptions && !isStream) {
    throw invalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options')
  }
  const limit = optionalNumber(body, 'max_tokens', { least: 1, most: model.contextTokens, isWhole: true }) ?? MAX_TOKENS
  meetFault(exchange, model, isStream)

  const plan = planAnswer(exchange, model, { inputTokens: countPromptTokens(prompt), maxOutputTokens: limit })
  const reason = exchange.fault === 'content_filter' ? 'content_filter' : plan.isCapped ? 'length' : 'stop'
  const counts = {
    prompt_tokens: plan.inputTokens,
    completion_tokens: plan.outputTokens,
    total_tokens: plan.inputTokens + plan.outputTokens,
  }
  const usage = overrideUsage(counts, exchange.controls.usage)
  const base = {
    id: `cmpl-${exchange.random.id(29)}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: model.answeredAs,
  }
  const choice = (text: string, finish_reason: string | null) => [{ text, index: 0, logprobs: null, finish_reason }]
  if (!isStream) {
    const text = freeText(plan, plan.textStart, plan.visibleTokens)
    return { kind: 'json', plan, body: JSON.stringify({ ...base, choices: choice(text, reason), usage }) }
  }

  const asksUsage = streamOptions ? optionalBoolean(streamOptions, 'include_usage') : false
  const empty = asksUsage ? { usage: null } : {}
  const event = (fields: object): string => `data: ${JSON.stringify({ ...base, ...fields })}\n\n`
  const frames: Frame[] = textPieces(plan, plan.textStart, plan.visibleTokens).map((piece) => ({
    text: event({ choices: choice(piece.text, null), ...empty }),
    tokens: piece.tokens,
  }))
  frames.push({ text: event({ choices: choice('', reason), ...empty }), tokens: 0 })
  const sendsUsage = asksUsage && usage !== undefined
  if (sendsUsage) frames.push({ text: event({ choices: [], usage }), tokens: 0 })
  frames.push({ text: 'data: [DONE]\n\n', tokens: 0 })
  const error = `data: ${JSON.stringify({ error: serverError() })}\n\n`
  return { kind: 'stream', plan, frames, sendsUsage, failure: { error, failed: error } }
}
