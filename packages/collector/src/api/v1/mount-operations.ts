/** Gives each operation of the contract its route. */
import express, { type IRouter, type Request, type RequestHandler, type Response } from 'express'
import type { z } from 'zod'
import { OPERATIONS, type Operation, type OperationName } from '../../contract/index.ts'
import type { Log } from '../../log.ts'
import type { Authorise, Caller } from '../authorise.ts'
import { AnswerCache } from './answer-cache.ts'
import { type AskedWindow, parseRequest } from './parse-asked.ts'
import { RefusedError, sendError } from './problem.ts'
import { sendAnswer } from './send-answer.ts'

export interface Asked<Name extends OperationName> {
  caller: Caller
  nowMs: number
  /** The path parameter; empty where there is none. */
  id: string
  query: z.output<(typeof OPERATIONS)[Name]['query']>
  /** From the query's `from` and `to`, where it has them. */
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
  serveStream(request: Request, response: Response, asked: Asked<'stream'>): Promise<void>
  log: Log
  maxBodyBytes: number
  /** How long an answer is shared, in milliseconds. */
  cacheMs: number
}

function canonicalQuery(request: Request): string {
  const from = request.originalUrl.indexOf('?')
  return from < 0
    ? ''
    : [...new URLSearchParams(request.originalUrl.slice(from))]
        .map((pair) => pair.join('='))
        .sort()
        .join('&')
}

export function mountOperations(app: IRouter, { answers, authorise, serveStream, log, maxBodyBytes, cacheMs }: MountOptions): void {
  const cache = new AnswerCache(cacheMs)
  const parseBody = express.json({ limit: maxBodyBytes, type: () => true, strict: false })
  const methods = new Map<string, string[]>()

  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][]) {
    const answer = name === 'stream' ? undefined : (answers[name] as (asked: unknown) => Promise<unknown>)
    const path = operation.path.replace('{id}', ':id')
    methods.set(path, [...(methods.get(path) ?? []), operation.method])
    const handler: RequestHandler = async (request, response) => {
      try {
        const caller = await authorise(request, operation.role)
        const nowMs = Date.now()
        const parsed = parseRequest(operation, request, nowMs)
        if (!answer) return await serveStream(request, response, { caller, nowMs, ...parsed } as Asked<'stream'>)
        const key = [caller.tenant, caller.role, operation.method, request.path, canonicalQuery(request), JSON.stringify(parsed.body)].join(
          '\n',
        )
        const compute = () => answer({ caller, nowMs, ...parsed })
        await sendAnswer(request, response, await cache.get(key, compute))
      } catch (error) {
        if (!response.headersSent) sendError(response, error, log)
        else response.destroy()
      }
    }
    if (operation.method === 'GET') app.get(path, handler)
    else if (operation.method === 'POST') app.post(path, parseBody, handler)
    else app.delete(path, handler)
  }

  for (const [path, allowed] of methods) {
    app.all(path, (request: Request, response: Response) => {
      const allow = allowed.join(', ')
      sendError(response, new RefusedError(405, `${request.path} takes ${allow}, not ${request.method}`, { allow }), log)
    })
  }
  app.all('/v1/{*rest}', (request: Request, response: Response) => {
    sendError(response, new RefusedError(404, `no such route: ${request.path.slice(0, 200)}; GET /openapi.json lists them`), log)
  })
}
