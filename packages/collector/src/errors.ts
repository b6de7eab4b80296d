/** What can be wrong with a question, or with the way to its answer. The HTTP side gives each kind its status. */
export type ErrorKind = 'invalid' | 'unknown_key' | 'too_large' | 'redis_away'

export class QuestionError extends Error {
  override name = 'QuestionError'
  readonly kind: ErrorKind
  /** The part of the question that is wrong. */
  readonly field: string | undefined

  constructor(kind: ErrorKind, message: string, field?: string) {
    super(message)
    this.kind = kind
    this.field = field
  }
}

/** The question itself is wrong; `field` names the part. */
export function invalid(field: string, message: string): QuestionError {
  return new QuestionError('invalid', message, field)
}

export function unknownKey(key: string, reason: string): QuestionError {
  return new QuestionError('unknown_key', `unknown key ${JSON.stringify(shorten(key))}: ${reason}`, 'key')
}

export function redisAway(reason: string): QuestionError {
  return new QuestionError('redis_away', `Redis does not answer: ${reason}`)
}

/** A request that is refused for a reason which is not in its question. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

/** Text that a caller sent, as much of it as an error message should repeat. */
export function shorten(text: string, characters = 200): string {
  return text.length <= characters ? text : `${text.slice(0, characters)}…`
}
