/** Errors of /v1 as RFC 9457 problem documents. */
import type { Response } from 'express'
import type { Problem } from '../../contract/index.ts'
import { QuestionError, RefusedError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { STATUS_OF_ERROR } from '../status-of-error.ts'

const PROBLEM_TYPE = 'application/problem+json'

const TITLES: Record<number, string> = {
  400: 'The request is not valid',
  401: 'An API key is needed',
  403: 'The API key may not do this',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'No such form of the answer',
  413: 'The body is too large',
  415: 'The body is not JSON',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Redis does not answer',
}

/** Names of the kinds under which the reference describes them. */
const KINDS: Record<number, string> = {
  400: 'invalid-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  413: 'too-large',
  415: 'unsupported-media-type',
  429: 'too-many-requests',
  500: 'internal',
  503: 'redis-away',
}

/** For the reference. */
export const PROBLEM_KINDS = Object.entries(KINDS).map(([status, name]) => ({
  status: Number(status),
  name,
  title: TITLES[Number(status)] as string,
}))

function toProblem(status: number, detail: string, field?: string): Problem {
  const type = `/docs#problem-${KINDS[status] ?? 'internal'}`
  return { type, title: TITLES[status] ?? 'Error', status, detail, ...(field === undefined ? {} : { field }) }
}

/** What body-parser throws: `type` is its name for the case. */
interface HttpError {
  status?: number
  type?: string
  message?: string
}

/** What the error means to the caller; what nobody foresaw goes to the log, and only its kind to the caller. */
export function describeError(error: unknown, path: string, log: Log): Problem {
  if (error instanceof QuestionError) return toProblem(STATUS_OF_ERROR[error.kind], error.message, error.field)
  if (error instanceof RefusedError) return toProblem(error.status, error.message)
  const { status, type, message } = error as HttpError
  if (status !== undefined && status >= 400 && status < 500) {
    const detail = type === 'entity.parse.failed' ? 'the body is not valid JSON' : (message ?? 'the request cannot be read')
    return toProblem(status, detail, type ? 'body' : undefined)
  }
  log.error('request failed', { path, error: (error as Error)?.stack ?? String(error) })
  return toProblem(500, 'the log of the collector says more')
}

export function sendError(response: Response, error: unknown, log: Log): void {
  const problem = describeError(error, response.req.path, log)
  if (error instanceof RefusedError) response.set(error.headers)
  response.status(problem.status).set('cache-control', 'no-store').type(PROBLEM_TYPE).send(JSON.stringify(problem))
}
