/** Gives each operation of the contract its route. */
import express, { type ErrorRequestHandler, type IRouter, type Request, type RequestHandler, type Response } from 'express'
import type { z } from 'zod'
import { OPERATIONS, type Operation, type OperationName } from '../../contract/index.ts'
import { RefusedError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Authorise, Caller } from '../authorise.ts'
import { AnswerCache } from './answer-cache.ts'
import { type AskedWindow, parseRequest } from './parse-asked.ts'
import { sendError } from './problem.ts'
import { sendAnswer } from './send-answer.ts'

export interface Asked<Name extends OperationName> {
  caller: Caller
  nowMs: number
  /** The path parameter; empty where there is none. */
  id: string
  query: z.output<(typeof OPERATIONS)[Name]['query']>
  /** Checked by who answers where the contract only describes it. */
  body: unknown
  /** From the query's `from` and `to`. */
  window: AskedWindow
}

/** An answer for each operation. Throws a QuestionError for what cannot be answered. */
export type Answers = {
  [Name in Exclude<OperationName, 'stream'>]: (asked: Asked<Name>) => Promise<z.output<(typeof OPERATIONS)[Name]['reply']>>
}

export interface MountOptions {
  answers: Answers
  authorise: Authorise
  /** Answers `GET /v1/stream`, which has no end. */
  serveStream(request: Request, response: Response, asked: Asked<'stream'>): void
  log: Log
  maxBodyBytes: number
  /** How long an answer is shared, in milliseconds. */
  cacheMs: number
}

const pathOf = ({ path }: Operation) => path.replace('{id}', ':id')

/** The same for every order of the parameters. */
function canonicalQuery(request: Request): string {
  const from = request.originalUrl.indexOf('?')
  if (from < 0) return ''
  const parameters = new URLSearchParams(request.originalUrl.slice(from))
  parameters.sort()
  return parameters.toString()
}

function answerOperation(name: OperationName, options: MountOptions, cache: AnswerCache): RequestHandler {
  const operation: Operation = OPERATIONS[name]
  const answer = name === 'stream' ? undefined : (options.answers[name] as (asked: unknown) => Promise<unknown>)
  return async (request, response) => {
    const caller = response.locals['caller'] as Caller
    const nowMs = Date.now()
    const parsed = parseRequest(operation, request, nowMs)
    if (!answer) return options.serveStream(request, response, { caller, nowMs, ...parsed } as Asked<'stream'>)
    const key = JSON.stringify([caller.tenant, name, parsed.id, canonicalQuery(request), parsed.body])
    await sendAnswer(request, response, await cache.get(key, () => answer({ caller, nowMs, ...parsed })))
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
  const { authorise, log, maxBodyBytes, cacheMs } = options
  const cache = new AnswerCache(cacheMs)
  const parseBody = express.json({ limit: maxBodyBytes, type: () => true, strict: false })

  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][]) {
    const permit: RequestHandler = async (request, response, next) => {
      response.locals['caller'] = await authorise(request, operation.role)
      next()
    }
    const answer = answerOperation(name, options, cache)
    if (operation.method === 'GET') app.get(pathOf(operation), permit, answer)
    else if (operation.method === 'POST') app.post(pathOf(operation), permit, parseBody, answer)
    else app.delete(pathOf(operation), permit, answer)
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
