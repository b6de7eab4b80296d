/** Which endpoint answers a request. */
import type { Answer } from './answer.ts'
import { missingKey, unknownModel, unknownUrl, wrongKey } from './api-error.ts'
import { answerChat } from './endpoints/chat-completions.ts'
import { answerEmbeddings } from './endpoints/embeddings.ts'
import { answerMessage, countMessageTokens } from './endpoints/messages.ts'
import { answerResponses } from './endpoints/responses.ts'
import { answerTextCompletion } from './endpoints/text-completions.ts'
import { answerImageEdit, describeFile } from './endpoints/uploads.ts'
import type { Exchange } from './exchange.ts'
import type { ModelProfile } from './models.ts'
import { parseMultipart } from './multipart.ts'
import { parseJsonBody } from './read-body.ts'
import type { Simulation } from './simulation.ts'

const JSON_ENDPOINTS: Record<string, (exchange: Exchange, body: Record<string, unknown>) => Answer> = {
  '/chat/completions': answerChat,
  '/completions': answerTextCompletion,
  '/responses': answerResponses,
  '/embeddings': answerEmbeddings,
  '/messages': answerMessage,
}

/** Either an answer of a model, which the ledger books, or plain data. */
export type Routed = { answer: Answer } | { data: unknown }

/** Throws the ApiError that is to be answered. */
export function route(exchange: Exchange, body: Buffer): Routed {
  const { request, simulation } = exchange
  const method = request.method ?? 'GET'
  const { path, deployment } = endpointOf((request.url ?? '/').split('?')[0] ?? '/')
  if (path === '/messages' || path.startsWith('/messages/')) exchange.api = 'anthropic'
  checkKey(exchange)
  exchange.applyControls()
  if (method === 'GET' && path === '/models')
    return { data: { object: 'list', data: [...new Set(simulation.models.values())].map(describeModel) } }
  if (method === 'GET' && path.startsWith('/models/')) return { data: describeModel(findModel(simulation, path.slice('/models/'.length))) }
  const answerJson = JSON_ENDPOINTS[path]
  if (method === 'POST' && answerJson) {
    const fields = parseJsonBody(body)
    return { answer: answerJson(exchange, deployment === undefined ? fields : { ...fields, model: deployment }) }
  }
  if (method === 'POST' && path === '/messages/count_tokens') return { data: countMessageTokens(exchange, parseJsonBody(body)) }
  if (method === 'POST' && path === '/images/edits') {
    return { answer: answerImageEdit(exchange, parseMultipart(request.headers['content-type'], body)) }
  }
  if (method === 'POST' && path === '/files') return { data: describeFile(exchange, parseMultipart(request.headers['content-type'], body)) }
  throw unknownUrl(method, path)
}

/** OpenAI's base path is /v1, Azure's /openai/v1 or /openai/deployments/<model>; the rest is the same. */
function endpointOf(path: string): { path: string; deployment?: string } {
  const match = /^(?:\/openai\/deployments\/([^/]+)|\/openai\/v1|\/v1)(\/.*)$/.exec(path)
  if (!match) return { path }
  return { path: match[2] ?? '/', deployment: match[1] === undefined ? undefined : decodeName(match[1]) }
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function checkKey({ request }: Exchange): void {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  const key = bearer ?? request.headers['api-key'] ?? request.headers['x-api-key']
  if (typeof key !== 'string') throw missingKey()
  if (key.startsWith('sk-invalid')) throw wrongKey(key)
}

function findModel(simulation: Simulation, name: string): ModelProfile {
  const model = simulation.models.get(decodeName(name))
  if (!model) throw unknownModel(name)
  return model
}

function describeModel(model: ModelProfile): object {
  return { id: model.name, object: 'model', created: 1_721_172_741, owned_by: 'simulated' }
}
