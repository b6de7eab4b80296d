/** POST /v1/messages and /v1/messages/count_tokens: Anthropic's API. */
import { type Answer, overrideUsage } from '../answer.ts'
import { countPromptTokens, tokensOfCharacters } from '../count-tokens.ts'
import type { Exchange } from '../exchange.ts'
import { requireModel } from '../fields.ts'
import { meetFault } from '../meet-fault.ts'
import { type AnswerPlan, planAnswer } from '../plan-answer.ts'
import { charactersOf, type FixedContent, fixedContent, fixedPieces, freeText, type Piece, shareOf, textPieces } from './chat-content.ts'
import { type MessagesRequest, readMessages, readMessagesRequest } from './messages-request.ts'
import { streamMessage } from './messages-stream.ts'

/** A part of an answer: how it begins, what is streamed of it, and as it is in a whole answer. */
export interface MessageBlock {
  start: Record<string, unknown>
  deltas: { fields: object; tokens: number }[]
  whole: Record<string, unknown>
}

export interface MessageAnswer {
  plan: AnswerPlan
  /** The message without content, as it begins. */
  head: Record<string, unknown>
  blocks: MessageBlock[]
  stopReason: string
  /** Undefined: left out. */
  usage: Record<string, unknown> | undefined
}

export function answerMessage(exchange: Exchange, body: Record<string, unknown>): Answer {
  const model = exchange.useModel(requireModel(body), ['chat', 'reasoning'])
  const request = readMessagesRequest(body)
  meetFault(exchange, model, request.isStream)

  const content = fixedContent(request, exchange.fault === 'refusal')
  const planned = planAnswer(exchange, model, {
    inputTokens: countInput(body),
    maxOutputTokens: request.maxOutputTokens,
    thinks: request.thinks,
    fixedCharacters: charactersOf(content),
  })
  const blocks = makeBlocks(exchange, planned, request, content)
  // Thinking is streamed like text.
  const plan = { ...planned, visibleTokens: planned.outputTokens }
  const answer: MessageAnswer = {
    plan,
    head: { id: `msg_${exchange.random.id(24)}`, type: 'message', role: 'assistant', model: model.answeredAs },
    blocks,
    stopReason: stopReason(exchange, plan, content),
    usage: overrideUsage(messageUsage(plan), exchange.controls.usage) as Record<string, unknown> | undefined,
  }
  if (request.isStream) return streamMessage(answer)
  const whole = { ...answer.head, content: blocks.map((block) => block.whole), stop_reason: answer.stopReason, stop_sequence: null }
  return { kind: 'json', plan, body: JSON.stringify({ ...whole, usage: answer.usage }) }
}

/** What a request would count, without an answer. */
export function countMessageTokens(exchange: Exchange, body: Record<string, unknown>): object {
  exchange.useModel(requireModel(body), ['chat', 'reasoning'])
  readMessages(body)
  return { input_tokens: countInput(body) }
}

function countInput(body: Record<string, unknown>): number {
  const toolTokens = body['tools'] === undefined ? 0 : tokensOfCharacters(JSON.stringify(body['tools']).length)
  return countPromptTokens(body['system'], body['messages']) + toolTokens
}

function stopReason(exchange: Exchange, plan: AnswerPlan, content: FixedContent | undefined): string {
  // What the filter stops is called a refusal here.
  if (exchange.fault === 'content_filter') return 'refusal'
  if (plan.isCapped) return 'max_tokens'
  return content?.kind === 'calls' ? 'tool_use' : 'end_turn'
}

/** `input_tokens` leaves out what the cache read and wrote. */
function messageUsage(plan: AnswerPlan): Record<string, unknown> {
  return {
    input_tokens: plan.inputTokens - plan.cachedTokens - plan.cacheWriteTokens,
    cache_creation_input_tokens: plan.cacheWriteTokens,
    cache_read_input_tokens: plan.cachedTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: plan.cacheWriteTokens - plan.cacheWrite1hTokens,
      ephemeral_1h_input_tokens: plan.cacheWrite1hTokens,
    },
    output_tokens: plan.outputTokens,
    output_tokens_details: plan.reasoningTokens > 0 ? { thinking_tokens: plan.reasoningTokens } : null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: 'not_available',
  }
}

function makeBlocks(exchange: Exchange, plan: AnswerPlan, request: MessagesRequest, content: FixedContent | undefined): MessageBlock[] {
  const blocks = plan.reasoningTokens > 0 ? [thinkingBlock(exchange, plan)] : []
  if (content?.kind === 'calls') {
    const { texts } = content
    for (const [index, text] of texts.entries()) {
      const start = { type: 'tool_use', id: `toolu_${exchange.random.id(24)}`, name: request.calls[index]?.name }
      const pieces = fixedPieces(plan, text, shareOf(plan.visibleTokens, texts.length, index))
      // The first delta of a tool call is empty.
      const deltas = [{ text: '', tokens: 0 }, ...pieces].map(asDelta('input_json_delta', 'partial_json'))
      blocks.push({ start: { ...start, input: {} }, deltas, whole: { ...start, input: JSON.parse(text) } })
    }
    return blocks
  }
  const text = content?.texts[0] ?? freeText(plan, plan.textStart, plan.visibleTokens)
  const pieces = content ? fixedPieces(plan, text, plan.visibleTokens) : textPieces(plan, plan.textStart, plan.visibleTokens)
  blocks.push({ start: { type: 'text', text: '' }, deltas: pieces.map(asDelta('text_delta', 'text')), whole: { type: 'text', text } })
  return blocks
}

/** Where in the endless text thinking begins: not where the answer does. */
const THINKING_OFFSET = 53

function thinkingBlock(exchange: Exchange, plan: AnswerPlan): MessageBlock {
  const pieces = textPieces(plan, plan.textStart + THINKING_OFFSET, plan.reasoningTokens)
  const signature = exchange.random.id(96)
  return {
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas: [...pieces.map(asDelta('thinking_delta', 'thinking')), { fields: { type: 'signature_delta', signature }, tokens: 0 }],
    whole: { type: 'thinking', thinking: pieces.map((piece) => piece.text).join(''), signature },
  }
}

function asDelta(type: string, field: string) {
  return ({ text, tokens }: Piece) => ({ fields: { type, [field]: text }, tokens })
}
