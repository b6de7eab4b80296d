import type { ErrorRequestHandler, RequestHandler } from 'express'
import { QuestionError, RefusedError } from '../errors.ts'
import type { Log } from '../log.ts'
import { STATUS_OF_ERROR } from './status-of-error.ts'

export interface ErrorBody {
  error: string
  field?: string
}

export function toErrorBody(error: QuestionError): ErrorBody {
  return error.field === undefined ? { error: error.message } : { error: error.message, field: error.field }
}

/** What body-parser throws: `type` is its name for the case. */
interface BodyError {
  type?: string
  status?: number
  limit?: number
}

function describeBodyError({ type, limit }: BodyError): { status: number; body: ErrorBody } | undefined {
  switch (type) {
    case 'entity.parse.failed':
      return { status: 400, body: { error: 'the body is not valid JSON', field: 'body' } }
    case 'entity.too.large':
      return { status: 413, body: { error: `the body must be at most ${limit} bytes`, field: 'body' } }
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return { status: 415, body: { error: 'the body must be JSON in UTF-8', field: 'body' } }
    case 'request.aborted':
    case 'request.size.invalid':
      return { status: 400, body: { error: 'the body did not arrive whole', field: 'body' } }
    default:
      return undefined
  }
}

/** The one place where errors become replies. */
export function handleErrors(log: Log): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    if (error instanceof QuestionError) return void response.status(STATUS_OF_ERROR[error.kind]).json(toErrorBody(error))
    if (error instanceof RefusedError) return void response.status(error.status).set(error.headers).json({ error: error.message })
    const known = describeBodyError(error as BodyError)
    if (known) return void response.status(known.status).json(known.body)
    const status = (error as BodyError)?.status
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return void response.status(status).json({ error: (error as Error).message })
    }
    log.error('request failed', { method: request.method, path: request.path, error: (error as Error)?.stack ?? String(error) })
    response.status(500).json({ error: 'internal error; the log of the collector says more' })
  }
}

/** Routes by path, so that a known path with another method is told apart from an unknown one. */
export function handleUnknown(routes: Record<string, string>): RequestHandler {
  return (request, response) => {
    const method = routes[request.path]
    if (method)
      return void response
        .status(405)
        .set('allow', method)
        .json({ error: `${request.path} takes ${method}, not ${request.method}` })
    response.status(404).json({ error: `no such route: ${request.method} ${request.path.slice(0, 200)}; GET / lists the routes` })
  }
}
