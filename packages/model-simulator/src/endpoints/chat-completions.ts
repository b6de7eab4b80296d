/** POST /v1/chat/completions */
import { type Answer, overrideUsage } from '../answer.ts'
import { countPromptTokens, tokensOfCharacters } from '../count-tokens.ts'
import type { Exchange } from '../exchange.ts'
import { refuseUnknown, requireModel } from '../fields.ts'
import { meetFault } from '../meet-fault.ts'
import { type AnswerPlan, planAnswer } from '../plan-answer.ts'
import { charactersOf, type FixedContent, fixedContent, freeText, shareOf } from './chat-content.ts'
import { type ChatRequest, readChatRequest } from './chat-request.ts'
import { streamChat } from './chat-stream.ts'
import { chatUsage, groqUsage } from './chat-usage.ts'

export interface ChatAnswer {
  id: string
  created: number
  modelName: string
  isGroq: boolean
  request: ChatRequest
  plan: AnswerPlan
  content: FixedContent | undefined
  finishReason: string
  usage: object | undefined
  callIds: string[]
}

export function answerChat(exchange: Exchange, body: Record<string, unknown>): Answer {
  const model = exchange.useModel(requireModel(body), ['chat', 'reasoning'])
  refuseUnknown(body, exchange.simulation.refuseParameters)
  const request = readChatRequest(body, model)
  meetFault(exchange, model, request.isStream)

  const content = fixedContent(request, exchange.fault === 'refusal')
  // Definitions of functions are part of the prompt.
  const toolTokens = body['tools'] === undefined ? 0 : tokensOfCharacters(JSON.stringify(body['tools']).length)
  const plan = planAnswer(exchange, model, {
    inputTokens: countPromptTokens(request.messages) + toolTokens,
    maxOutputTokens: request.maxOutputTokens === undefined ? undefined : request.maxOutputTokens * request.choices,
    effort: request.effort,
    fixedCharacters: charactersOf(content),
  })
  const answer: ChatAnswer = {
    id: `chatcmpl-${exchange.random.id(29)}`,
    created: Math.floor(Date.now() / 1000),
    modelName: model.answeredAs,
    request,
    plan,
    content,
    finishReason: finishReason(exchange, plan, content),
    isGroq: model.wire === 'groq',
    usage: overrideUsage(model.wire === 'groq' ? groqUsage(plan) : chatUsage(plan), exchange.controls.usage),
    callIds: request.calls.map(() => `call_${exchange.random.id(24)}`),
  }
  if (request.isStream) return streamChat(answer, exchange.random)
  return { kind: 'json', plan, body: JSON.stringify(wholeChat(answer)) }
}

function finishReason(exchange: Exchange, plan: AnswerPlan, content: FixedContent | undefined): string {
  if (exchange.fault === 'content_filter') return 'content_filter'
  if (plan.isCapped) return 'length'
  return content?.kind === 'calls' ? 'tool_calls' : 'stop'
}

function wholeChat(answer: ChatAnswer): object {
  const choices = Array.from({ length: answer.request.choices }, (_, index) => ({
    index,
    message: wholeMessage(answer, index),
    logprobs: null,
    finish_reason: answer.finishReason,
  }))
  return {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.modelName,
    choices,
    usage: answer.usage,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  }
}

function wholeMessage(answer: ChatAnswer, index: number): object {
  const { content, plan, request } = answer
  const base = { role: 'assistant', content: null, refusal: null, annotations: [] }
  if (content?.kind === 'refusal') return { ...base, refusal: content.texts[0] }
  if (content?.kind === 'json') return { ...base, content: content.texts[0] }
  if (content?.kind === 'calls') {
    const calls = content.texts.map((text, call) => ({
      id: answer.callIds[call],
      type: 'function',
      function: { name: request.calls[call]?.name, arguments: text },
    }))
    return { ...base, tool_calls: calls }
  }
  return { ...base, content: freeText(plan, plan.textStart + index * 97, shareOf(plan.visibleTokens, request.choices, index)) }
}
