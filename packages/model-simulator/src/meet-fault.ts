/** Faults that are answered in place of an answer. */
import {
  ApiError,
  contextLengthExceeded,
  invalidRequest,
  overloaded,
  quotaExceeded,
  rateLimited,
  serverError,
  unknownModel,
  wrongKey,
} from './api-error.ts'
import type { Exchange } from './exchange.ts'
import type { ModelProfile } from './models.ts'

/** What a 429 or 503 asks for at speed 1, in milliseconds. */
const RETRY_AFTER_MS = 1200

/** Throws the ApiError of the exchange's fault, where it is of that sort. */
export function meetFault(exchange: Exchange, model: ModelProfile, isStream: boolean): void {
  const { speed } = exchange.simulation
  const retryAfterMs = exchange.controls.retryAfterMs ?? (speed === 0 ? 1 : Math.ceil(RETRY_AFTER_MS / speed))
  switch (exchange.fault) {
    case '400':
      throw invalidRequest("Invalid value for 'messages': simulated.", 'messages', 'invalid_value')
    case '401':
      throw wrongKey('sk-simul')
    case '404':
      throw unknownModel(model.name)
    case '429':
      throw rateLimited(model.name, retryAfterMs)
    case 'quota':
      throw quotaExceeded()
    case '500':
      throw serverError()
    case '502':
      throw new ApiError(502, { message: 'Bad Gateway', type: 'html' })
    case '503':
      throw overloaded(retryAfterMs)
    case 'context_length':
      throw contextLengthExceeded(model.contextTokens, model.contextTokens + 1)
    case 'stream_error':
    case 'failed':
      if (!isStream) throw serverError()
  }
}
