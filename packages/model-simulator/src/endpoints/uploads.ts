/** Endpoints that take multipart forms: POST /v1/images/edits and POST /v1/files. */
import { type Answer, overrideUsage } from '../answer.ts'
import { invalidRequest } from '../api-error.ts'
import { countPromptTokens } from '../count-tokens.ts'
import type { Exchange } from '../exchange.ts'
import { meetFault } from '../meet-fault.ts'
import type { FormPart } from '../multipart.ts'
import { planAnswer } from '../plan-answer.ts'

/** A PNG of one transparent pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
/** What OpenAI counts for an input image of this model at low fidelity. */
const IMAGE_TOKENS = 272

export function answerImageEdit(exchange: Exchange, parts: FormPart[]): Answer {
  const model = exchange.useModel(fieldText(parts, 'model') ?? 'gpt-image-1', ['image'])
  const prompt = fieldText(parts, 'prompt')
  const images = parts.filter((part) => part.name === 'image' || part.name === 'image[]')
  if (prompt === undefined) throw invalidRequest("Missing required parameter: 'prompt'.", 'prompt')
  if (images.length === 0) throw invalidRequest("Missing required parameter: 'image'.", 'image')
  meetFault(exchange, model, false)

  const textTokens = countPromptTokens(prompt)
  const imageTokens = images.length * IMAGE_TOKENS
  const plan = planAnswer(exchange, model, { inputTokens: textTokens + imageTokens })
  const usage = {
    input_tokens: plan.inputTokens,
    input_tokens_details: { image_tokens: imageTokens, text_tokens: Math.max(0, plan.inputTokens - imageTokens) },
    output_tokens: plan.outputTokens,
    total_tokens: plan.inputTokens + plan.outputTokens,
  }
  const data = [{ b64_json: PIXEL }]
  const answer = { created: now(), background: 'opaque', output_format: 'png', quality: 'low', size: '1024x1024', data }
  return { kind: 'json', plan, body: JSON.stringify({ ...answer, usage: overrideUsage(usage, exchange.controls.usage) }) }
}

/** The answer also says which parts came, in their order: a proof that nothing on the way reordered them. */
export function describeFile(exchange: Exchange, parts: FormPart[]): object {
  const file = parts.find((part) => part.name === 'file')
  if (!file) throw invalidRequest("Missing required parameter: 'file'.", 'file')
  const purpose = fieldText(parts, 'purpose')
  if (purpose === undefined) throw invalidRequest("Missing required parameter: 'purpose'.", 'purpose')
  return {
    id: `file-${exchange.random.id(22)}`,
    object: 'file',
    bytes: file.content.length,
    created_at: now(),
    filename: file.filename ?? 'file',
    purpose,
    status: 'processed',
    status_details: null,
    expires_at: null,
    simulated_parts: parts.map((part) => part.name),
  }
}

function fieldText(parts: FormPart[], name: string): string | undefined {
  return parts.find((part) => part.name === name)?.content.toString('utf8')
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}
