/** POST /v1/embeddings */
import type { Answer } from '../answer.ts'
import { overrideUsage } from '../answer.ts'
import { invalidRequest } from '../api-error.ts'
import { countPromptTokens } from '../count-tokens.ts'
import type { Exchange } from '../exchange.ts'
import { optionalNumber, requireField, requireModel, wrongType } from '../fields.ts'
import { meetFault } from '../meet-fault.ts'
import { planAnswer } from '../plan-answer.ts'
import { embeddingVector, type VectorEncoding } from './embedding-vector.ts'

const MAX_INPUTS = 2048

export function answerEmbeddings(exchange: Exchange, body: Record<string, unknown>): Answer {
  const model = exchange.useModel(requireModel(body), ['embedding'])
  const inputs = readInputs(body)
  const encoding = readEncoding(body)
  const dimensions = optionalNumber(body, 'dimensions', { least: 1, most: model.dimensions, isWhole: true }) ?? model.dimensions
  meetFault(exchange, model, false)

  const plan = planAnswer(exchange, model, { inputTokens: inputs.reduce<number>((sum, input) => sum + countPromptTokens(input), 0) })
  const usage = { prompt_tokens: plan.inputTokens, total_tokens: plan.inputTokens }
  const sent = overrideUsage(usage, exchange.controls.usage)
  const data = inputs.map((input, index) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input)
    return `{"object":"embedding","index":${index},"embedding":${embeddingVector(text, dimensions, encoding)}}`
  })
  const tail = sent === undefined ? '' : `,"usage":${JSON.stringify(sent)}`
  const text = `{"object":"list","data":[${data.join(',')}],"model":${JSON.stringify(model.answeredAs)}${tail}}`
  return { kind: 'json', plan, body: text }
}

function readInputs(body: Record<string, unknown>): unknown[] {
  const input = requireField(body, 'input')
  // An array of numbers is one input, given as token ids.
  const inputs = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input]
  if (inputs.length === 0 || inputs.length > MAX_INPUTS) {
    throw invalidRequest(`Invalid 'input': expected 1 to ${MAX_INPUTS} inputs, got ${inputs.length}.`, 'input')
  }
  for (const one of inputs) {
    if (typeof one !== 'string' && !Array.isArray(one)) throw wrongType('input', 'a string or an array', one)
    if (one.length === 0) throw invalidRequest("Invalid 'input': input cannot be an empty string.", 'input')
  }
  return inputs
}

function readEncoding(body: Record<string, unknown>): VectorEncoding {
  const encoding = body['encoding_format'] ?? 'float'
  if (encoding !== 'float' && encoding !== 'base64') {
    throw invalidRequest("Invalid value for 'encoding_format': expected float or base64.", 'encoding_format', 'invalid_value')
  }
  return encoding
}
