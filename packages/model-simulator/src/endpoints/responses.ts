/** POST /v1/responses */
import { type Answer, overrideUsage } from '../answer.ts'
import { countPromptTokens, tokensOfCharacters } from '../count-tokens.ts'
import type { Exchange } from '../exchange.ts'
import { refuseUnknown, requireModel } from '../fields.ts'
import { meetFault } from '../meet-fault.ts'
import type { ModelProfile } from '../models.ts'
import { type AnswerPlan, planAnswer } from '../plan-answer.ts'
import { charactersOf, type FixedContent, fixedContent, freeText } from './chat-content.ts'
import { type ResponsesRequest, readResponsesRequest } from './responses-request.ts'
import { streamResponse } from './responses-stream.ts'

export interface ResponsesAnswer {
  plan: AnswerPlan
  request: ResponsesRequest
  content: FixedContent | undefined
  /** The text of a message, whole. */
  text: string
  /** Output items as they are when done. */
  items: OutputItem[]
  usage: object | undefined
  /** The response object in a state. */
  snapshot(status: 'in_progress' | 'completed' | 'incomplete' | 'failed', output: OutputItem[]): Record<string, unknown>
  endStatus: 'completed' | 'incomplete'
}

export type OutputItem = { id: string; type: string } & Record<string, unknown>

export function answerResponses(exchange: Exchange, body: Record<string, unknown>): Answer {
  const model = exchange.useModel(requireModel(body), ['chat', 'reasoning'])
  refuseUnknown(body, exchange.simulation.refuseParameters)
  const request = readResponsesRequest(body)
  meetFault(exchange, model, request.isStream)

  const content = fixedContent(request, exchange.fault === 'refusal')
  const toolTokens = body['tools'] === undefined ? 0 : tokensOfCharacters(JSON.stringify(body['tools']).length)
  const plan = planAnswer(exchange, model, {
    inputTokens: countPromptTokens(request.instructions, request.input) + toolTokens,
    maxOutputTokens: request.maxOutputTokens,
    effort: request.effort,
    fixedCharacters: charactersOf(content),
  })
  const answer = buildAnswer(exchange, { body, model, request, content, plan })
  if (request.isStream) return streamResponse(answer, exchange.random)
  return { kind: 'json', plan, body: JSON.stringify(answer.snapshot(answer.endStatus, answer.items)) }
}

interface Parts {
  body: Record<string, unknown>
  model: ModelProfile
  request: ResponsesRequest
  content: FixedContent | undefined
  plan: AnswerPlan
}

function buildAnswer(exchange: Exchange, { body, model, request, content, plan }: Parts): ResponsesAnswer {
  const isFiltered = exchange.fault === 'content_filter'
  const endStatus = isFiltered || plan.isCapped ? 'incomplete' : 'completed'
  const text = content && content.kind !== 'calls' ? (content.texts[0] ?? '') : freeText(plan, plan.textStart, plan.visibleTokens)
  const items = outputItems(exchange, { content, text, request, isReasoning: plan.reasoningTokens > 0, status: endStatus })
  const usage = overrideUsage(responsesUsage(plan), exchange.controls.usage)
  const id = `resp_${exchange.random.id(48)}`
  const created = Math.floor(Date.now() / 1000)
  return {
    plan,
    request,
    content,
    text,
    items,
    usage,
    endStatus,
    snapshot: (status, output) => ({
      id,
      object: 'response',
      created_at: created,
      status,
      background: false,
      error: status === 'failed' ? { code: 'server_error', message: 'The model failed to generate a response.' } : null,
      incomplete_details: status === 'incomplete' ? { reason: isFiltered ? 'content_filter' : 'max_output_tokens' } : null,
      instructions: request.instructions,
      max_output_tokens: request.maxOutputTokens ?? null,
      metadata: body['metadata'] ?? {},
      model: model.answeredAs,
      output,
      parallel_tool_calls: body['parallel_tool_calls'] !== false,
      previous_response_id: body['previous_response_id'] ?? null,
      reasoning: { effort: request.effort ?? null, summary: null },
      service_tier: status === 'in_progress' ? 'auto' : 'default',
      store: body['store'] !== false,
      temperature: body['temperature'] ?? 1,
      text: body['text'] ?? { format: { type: 'text' } },
      tool_choice: body['tool_choice'] ?? 'auto',
      tools: body['tools'] ?? [],
      top_p: body['top_p'] ?? 1,
      truncation: 'disabled',
      usage: status === 'completed' || status === 'incomplete' ? usage : null,
      user: body['user'] ?? null,
    }),
  }
}

function outputItems(
  exchange: Exchange,
  answer: { content: FixedContent | undefined; text: string; request: ResponsesRequest; isReasoning: boolean; status: string },
): OutputItem[] {
  const { content, text, request, isReasoning, status } = answer
  const items: OutputItem[] = isReasoning ? [{ id: `rs_${exchange.random.id(48)}`, type: 'reasoning', summary: [] }] : []
  if (content?.kind === 'calls') {
    for (const [index, call] of request.calls.entries()) {
      const ids = { id: `fc_${exchange.random.id(48)}`, call_id: `call_${exchange.random.id(24)}` }
      items.push({ ...ids, type: 'function_call', status, name: call.name, arguments: content.texts[index] })
    }
    return items
  }
  const part =
    content?.kind === 'refusal' ? { type: 'refusal', refusal: text } : { type: 'output_text', text, annotations: [], logprobs: [] }
  items.push({ id: `msg_${exchange.random.id(48)}`, type: 'message', status, role: 'assistant', content: [part] })
  return items
}

function responsesUsage(plan: AnswerPlan): object {
  return {
    input_tokens: plan.inputTokens,
    input_tokens_details: { cached_tokens: plan.cachedTokens },
    output_tokens: plan.outputTokens,
    output_tokens_details: { reasoning_tokens: plan.reasoningTokens },
    total_tokens: plan.inputTokens + plan.outputTokens,
  }
}
