import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { QuestionError, RefusedError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { MeasureRequest } from '../metrics/request-metrics.ts'
import type { Authorise, Caller } from './authorise.ts'
import { handleErrors, handleUnknown } from './error-handler.ts'
import type { Replies } from './v1/replies.ts'

export interface Route {
  method: 'GET' | 'POST'
  path: string
  /** One line for the list of routes. */
  summary: string
  /** Answered without an API key. */
  isOpen?: boolean
  /**
   * Answers when it is not known who may ask, because Redis is away since before the keys were read; on loopback only. It tells nothing of a
   * tenant.
   */
  whileAway?(request: Request, response: Response): Promise<void>
  /** `caller`: who asks, of whose tenant the data is; of an open route whoever it is, as if for the collector's own tenant. */
  handler(request: Request, response: Response, caller: Caller): void | Promise<void>
}

/** Routes that an application has beside its own. */
export interface Mounted {
  /** Lines for the list of routes. */
  routes: Record<string, string>
  mount(app: Express): void
}

export interface AppOptions {
  name: string
  version: string
  log: Log
  maxBodyBytes: number
  routes: readonly Route[]
  authorise: Authorise
  /** Sees every request first. */
  measure: MeasureRequest
  /** Replies that can be given again. */
  replies?: Replies
  /** Whose data open routes tell of. */
  defaultTenant: string
  /** Whether only requests to a loopback address are taken. */
  isLoopback: boolean
  mounted?: Mounted
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/**
 * While only loopback is listened on, a web page can point a name of its own at 127.0.0.1 and read what the browser gets from there
 * (DNS rebinding). Its requests carry that name in `Host`.
 */
function refuseForeignHost({ headers: { host = '' } }: IncomingMessage, response: ServerResponse): boolean {
  if (LOOPBACK_HOST.test(host)) return false
  const error = `the host must be localhost or a loopback address, got ${JSON.stringify(host.slice(0, 200))}`
  response.writeHead(403, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify({ error, field: 'host' }))
  return true
}

/** The challenge of a 401 carries the name of the application, so that a program that looks for a free port knows whose it is. */
function nameRealm(error: unknown, name: string): unknown {
  if (!(error instanceof RefusedError) || error.status !== 401) return error
  return new RefusedError(401, error.message, { ...error.headers, 'www-authenticate': `Bearer realm="${name}"` })
}

const isAway = (error: unknown) => error instanceof QuestionError && error.kind === 'redis_away'

function addRoute(app: Express, route: Route, { authorise, defaultTenant, isLoopback, maxBodyBytes, name }: AppOptions): void {
  const permit: RequestHandler = async (request, response, next) => {
    try {
      response.locals['caller'] = route.isOpen ? { tenant: defaultTenant, role: 'read' } : await authorise(request, 'read')
    } catch (error) {
      if (route.whileAway && isLoopback && isAway(error)) return await route.whileAway(request, response)
      return next(nameRealm(error, name))
    }
    next()
  }
  const answer: RequestHandler = (request, response) => route.handler(request, response, response.locals['caller'] as Caller)
  if (route.method === 'GET') return void app.get(route.path, permit, answer)
  // Whatever the content type says: curl -d sends form-urlencoded. `strict: false` lets a bare value reach the check that names the field.
  app.post(route.path, permit, express.json({ limit: maxBodyBytes, type: () => true, strict: false }), answer)
}

function routeOf(request: Request): string | undefined {
  const path: unknown = request.route?.path
  return typeof path === 'string' ? path : undefined
}

/** An HTTP application of these routes: JSON bodies, JSON errors, and `GET /`, which lists the routes. */
export function createApp(options: AppOptions): RequestListener {
  const { name, version, log, routes, mounted, isLoopback, measure, replies } = options
  const app = express()
  app.disable('x-powered-by')
  // A hash of a body that differs at every request would cost more than it saves.
  app.disable('etag')
  app.enable('case sensitive routing')
  const root: Route = {
    method: 'GET',
    path: '/',
    summary: 'this list',
    handler: (_request, response) => {
      const own = Object.fromEntries(all.map(({ method, path, summary }) => [`${method} ${path}`, summary]))
      response.json({ name, version, routes: { ...own, ...mounted?.routes } })
    },
  }
  const all = [root, ...routes]
  for (const route of all) addRoute(app, route, options)
  mounted?.mount(app)
  app.use(handleUnknown(Object.fromEntries(all.map(({ method, path }) => [path, method]))))
  app.use(handleErrors(log))
  return (request, response) => {
    let again: string | undefined
    measure(request, response, () => again ?? routeOf(request as Request))
    if (isLoopback && refuseForeignHost(request, response)) return
    again = replies?.sendAgain(request, response)
    if (again === undefined) app(request, response)
  }
}
