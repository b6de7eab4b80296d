/** Errors in Anthropic's shape: `{ type: 'error', error: { type, message }, request_id }`. */
import type { ApiError } from './api-error.ts'

/** Anthropic's own status for a service that has too much to do. */
const OVERLOADED = 529

const TYPE_OF_STATUS: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  [OVERLOADED]: 'overloaded_error',
}

/** The status that Anthropic answers with where OpenAI answers with this one. */
export function anthropicStatus(status: number): number {
  return status === 503 ? OVERLOADED : status
}

export function anthropicErrorBody(error: ApiError, requestId: string): object {
  const type = TYPE_OF_STATUS[anthropicStatus(error.status)] ?? 'api_error'
  return { type: 'error', error: { type, message: anthropicMessage(error, type) }, request_id: requestId }
}

function anthropicMessage(error: ApiError, type: string): string {
  if (error.code === 'context_length_exceeded') {
    const [limit, tokens] = error.message.match(/\d+(?= tokens)/g) ?? []
    return `prompt is too long: ${tokens} tokens > ${limit} maximum`
  }
  return type === 'overloaded_error' ? 'Overloaded' : error.message
}
