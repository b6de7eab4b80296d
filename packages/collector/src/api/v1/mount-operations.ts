/** Gives each operation of the contract its route. */
import express, { type ErrorRequestHandler, type IRouter, type Request, type RequestHandler, type Response } from 'express'
import { OPERATIONS, type Operation, type OperationName } from '../../contract/index.ts'
import { RefusedError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Authorise, Caller } from '../authorise.ts'
import { AnswerCache } from './answer-cache.ts'
import { answerTogether } from './answer-together.ts'
import { type Answers, type Asked, type AskOperation, createAsk } from './ask-operation.ts'
import { type GivenQuestion, parseQuestion } from './parse-asked.ts'
import { sendError } from './problem.ts'
import type { Replies } from './replies.ts'

export interface MountOptions {
  answers: Answers
  authorise: Authorise
  /** Answers `GET /v1/stream`, which has no end. */
  serveStream(request: Request, response: Response, asked: Asked<'stream'>): void
  log: Log
  maxBodyBytes: number
  /** How long an answer is shared, in milliseconds. */
  cacheMs: number
  replies: Replies
}

const pathOf = ({ path }: Operation) => path.replace('{id}', ':id')

function givenBy(request: Request): GivenQuestion {
  return { id: String(request.params['id'] ?? ''), query: { ...request.query }, body: request.body }
}

function handlerOf(name: OperationName, ask: AskOperation, { serveStream, log, replies }: MountOptions): RequestHandler {
  return async (request, response) => {
    const caller = response.locals['caller'] as Caller
    const given = givenBy(request)
    const nowMs = Date.now()
    if (name === 'stream') {
      return serveStream(request, response, { caller, nowMs, ...parseQuestion(OPERATIONS.stream, given, nowMs) } as Asked<'stream'>)
    }
    const answer = name === 'answers' ? await answerTogether(given, { caller, ask, log }) : await ask(name, caller, given)
    const body = response.locals['body'] as Buffer | undefined
    await replies.send(request, response, answer, { caller, role: OPERATIONS[name].role, ...(body ? { body } : {}) })
  }
}

/** Paths of the contract with what they take. */
function allowedMethods(): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const operation of Object.values(OPERATIONS) as Operation[]) {
    const own = operation.method === 'GET' ? ['GET', 'HEAD'] : [operation.method]
    methods.set(pathOf(operation), [...(methods.get(pathOf(operation)) ?? []), ...own])
  }
  return methods
}

export function mountOperations(app: IRouter, options: MountOptions): void {
  const { answers, authorise, log, maxBodyBytes, cacheMs, replies } = options
  const ask = createAsk(answers, new AnswerCache(cacheMs))
  const parseBody = express.json({
    limit: maxBodyBytes,
    type: () => true,
    strict: false,
    verify: (_request, response, body) => {
      const { locals } = response as Response
      locals['body'] = body
    },
  })
  const sendAgain: RequestHandler = (request, response, next) => {
    const { caller, body } = response.locals
    if (replies.sendAgainTo(caller as Caller, request, response, body as Buffer | undefined) === undefined) next()
  }

  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][]) {
    const permit: RequestHandler = async (request, response, next) => {
      response.locals['caller'] = await authorise(request, operation.role)
      next()
    }
    const handler = handlerOf(name, ask, options)
    if (operation.method === 'GET') app.get(pathOf(operation), permit, handler)
    else if (operation.method === 'POST') app.post(pathOf(operation), permit, parseBody, sendAgain, handler)
    else app.delete(pathOf(operation), permit, handler)
  }

  for (const [path, allowed] of allowedMethods()) {
    app.all(path, (request: Request) => {
      const allow = allowed.join(', ')
      throw new RefusedError(405, `${request.path} takes ${allow}, not ${request.method}`, { allow })
    })
  }
  app.all('/v1/{*rest}', (request: Request) => {
    throw new RefusedError(404, `no such route: ${request.path.slice(0, 200)}; GET /openapi.json lists them`)
  })
  const answerError: ErrorRequestHandler = (error, _request, response: Response, _next) => {
    if (response.headersSent) response.destroy()
    else sendError(response, error, log)
  }
  app.use('/v1', answerError)
}
