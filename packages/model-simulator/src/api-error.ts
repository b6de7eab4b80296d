/** Errors in OpenAI's shape: `{ error: { message, type, param, code } }`. */
export class ApiError extends Error {
  readonly status: number
  readonly type: string
  readonly param: string | null
  readonly code: string | null
  readonly headers: Record<string, string>

  constructor(status: number, fields: { message: string; type: string; param?: string; code?: string; headers?: Record<string, string> }) {
    super(fields.message)
    this.status = status
    this.type = fields.type
    this.param = fields.param ?? null
    this.code = fields.code ?? null
    this.headers = fields.headers ?? {}
  }

  toJSON(): object {
    return { message: this.message, type: this.type, param: this.param, code: this.code }
  }
}

export function invalidRequest(message: string, param?: string, code?: string): ApiError {
  return new ApiError(400, { message, type: 'invalid_request_error', param, code })
}

export function missingKey(): ApiError {
  const message = "You didn't provide an API key. Send it in the header Authorization, as in: Authorization: Bearer YOUR_KEY."
  return new ApiError(401, { message, type: 'invalid_request_error' })
}

export function wrongKey(key: string): ApiError {
  const message = `Incorrect API key provided: ${key.slice(0, 8)}***.`
  return new ApiError(401, { message, type: 'invalid_request_error', code: 'invalid_api_key' })
}

export function unknownModel(model: string): ApiError {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`
  return new ApiError(404, { message, type: 'invalid_request_error', code: 'model_not_found' })
}

export function unknownUrl(method: string, path: string): ApiError {
  return new ApiError(404, { message: `Invalid URL (${method} ${path})`, type: 'invalid_request_error' })
}

export function contextLengthExceeded(limit: number, tokens: number): ApiError {
  const message = `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`
  return invalidRequest(message, 'messages', 'context_length_exceeded')
}

export function rateLimited(model: string, retryAfterMs: number): ApiError {
  return new ApiError(429, {
    message: `Rate limit reached for ${model} on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in ${retryAfterMs}ms.`,
    type: 'requests',
    code: 'rate_limit_exceeded',
    headers: {
      'retry-after': String(Math.ceil(retryAfterMs / 1000)),
      'retry-after-ms': String(retryAfterMs),
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': `${retryAfterMs}ms`,
    },
  })
}

export function quotaExceeded(): ApiError {
  const message = 'You exceeded your current quota, please check your plan and billing details.'
  return new ApiError(429, { message, type: 'insufficient_quota', code: 'insufficient_quota' })
}

export function serverError(): ApiError {
  const message = 'The server had an error while processing your request. Sorry about that!'
  return new ApiError(500, { message, type: 'server_error' })
}

export function overloaded(retryAfterMs: number): ApiError {
  return new ApiError(503, {
    message: 'The engine is currently overloaded, please try again later.',
    type: 'service_unavailable',
    code: 'overloaded',
    headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1000)), 'retry-after-ms': String(retryAfterMs) },
  })
}
