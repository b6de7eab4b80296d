/** From what providers say about an error to one of the few types that are counted. */
import type { ErrorType } from '@aiwatch/store'
import { isObject } from './reading.ts'

const TYPE_OF_CODE: Record<string, ErrorType> = {
  context_length_exceeded: 'context_length',
  prompt_too_long: 'context_length',
  exceed_context_size_error: 'context_length',
  string_above_max_length: 'context_length',
  content_filter: 'content_filter',
  content_policy_violation: 'content_filter',
  moderation_blocked: 'content_filter',
  responsibleaipolicyviolation: 'content_filter',
  image_content_policy_violation: 'content_filter',
  rate_limit_exceeded: 'rate_limit',
  rate_limit_error: 'rate_limit',
  insufficient_quota: 'rate_limit',
  // The bill is not paid, as with OpenAI's quota.
  billing_error: 'rate_limit',
  tokens: 'rate_limit',
  requests: 'rate_limit',
  too_many_requests: 'rate_limit',
  invalid_api_key: 'auth',
  authentication_error: 'auth',
  permission_error: 'auth',
  permission_denied: 'auth',
  unauthorized: 'auth',
  model_not_found: 'not_found',
  not_found_error: 'not_found',
  deploymentnotfound: 'not_found',
  notfounderror: 'not_found',
  overloaded: 'overloaded',
  overloaded_error: 'overloaded',
  engine_overloaded: 'overloaded',
  over_capacity: 'overloaded',
  service_unavailable: 'overloaded',
  server_is_overloaded: 'overloaded',
  slow_down: 'overloaded',
  server_error: 'server_error',
  api_error: 'server_error',
  internal_error: 'server_error',
  internal_server_error: 'server_error',
  internalservererror: 'server_error',
  timeout: 'timeout',
  timeout_error: 'timeout',
  request_timeout: 'timeout',
  deadline_exceeded: 'timeout',
  invalid_request_error: 'invalid_request',
  request_too_large: 'invalid_request',
  badrequesterror: 'invalid_request',
}

/** Servers that say it in prose only (Anthropic, vLLM, llama.cpp, TGI). */
const CONTEXT_LENGTH =
  /(maximum|max) context length|context (window|size|length) (is |was )?(exceeded|of)|exceeds? (the )?(available )?context (size|window|length|limit)|prompt is too long/i

/** Statuses that say less than the type in the body. */
const GENERAL = new Set<ErrorType>(['invalid_request', 'server_error', 'unknown'])

/** Type by HTTP status alone. */
export function classifyStatus(status: number | undefined): ErrorType {
  if (status === undefined) return 'unknown'
  if (status === 401 || status === 403) return 'auth'
  if (status === 404) return 'not_found'
  if (status === 408 || status === 504) return 'timeout'
  if (status === 429) return 'rate_limit'
  if (status === 503 || status === 529) return 'overloaded'
  if (status >= 500) return 'server_error'
  return status >= 400 ? 'invalid_request' : 'unknown'
}

function typeOfCode(code: unknown): ErrorType | undefined {
  if (typeof code === 'number') return code >= 400 && code < 600 ? classifyStatus(code) : undefined
  return typeof code === 'string' ? TYPE_OF_CODE[code.toLowerCase()] : undefined
}

/**
 * Type of an error object as providers send it (`{code, type, message}`, or a plain message). The code says most, then a
 * status that means one thing only, then the type.
 */
export function classifyError(error: unknown, status?: number): ErrorType {
  const message = typeof error === 'string' ? error : isObject(error) && typeof error.message === 'string' ? error.message : ''
  if (typeof error === 'string') {
    const type = typeOfCode(error)
    if (type) return type
  }
  if (isObject(error)) {
    const inner = isObject(error.innererror) ? typeOfCode(error.innererror.code) : undefined
    // Anthropic's code stands in the details.
    const detail = isObject(error.details) ? typeOfCode(error.details.error_code) : undefined
    const type = inner ?? detail ?? typeOfCode(error.code)
    if (type && type !== 'invalid_request') return type
  }
  if (CONTEXT_LENGTH.test(message)) return 'context_length'
  const general = isObject(error) ? (typeOfCode(error.type) ?? typeOfCode(error.code)) : undefined
  const byStatus = classifyStatus(status)
  return GENERAL.has(byStatus) ? (general ?? byStatus) : byStatus
}

const TIMEOUT_CODES = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
])

/** Type of what a fetch or a body threw. `aborted` when the caller left. */
export function classifyThrown(thrown: unknown): ErrorType | 'aborted' {
  if (typeof thrown !== 'object' || thrown === null) return 'unknown'
  const { name, code, cause } = thrown as { name?: unknown; code?: unknown; cause?: { code?: unknown; name?: unknown } }
  if (name === 'AbortError') return 'aborted'
  if (name === 'TimeoutError') return 'timeout'
  const causeCode = cause?.code ?? code
  if (TIMEOUT_CODES.has(String(causeCode))) return 'timeout'
  return 'network'
}
