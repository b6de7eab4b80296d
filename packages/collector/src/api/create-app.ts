import express, { type Express, type RequestHandler } from 'express'
import type { Log } from '../log.ts'
import { handleErrors, handleUnknown } from './error-handler.ts'

export interface Route {
  method: 'GET' | 'POST'
  path: string
  /** One line for the list of routes. */
  summary: string
  handler: RequestHandler
}

export interface AppOptions {
  name: string
  version: string
  log: Log
  maxBodyBytes: number
  routes: readonly Route[]
}

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

/**
 * Only loopback is listened on, but a web page can point a name of its own at 127.0.0.1 and read what the browser gets from there
 * (DNS rebinding). Its requests carry that name in `Host`.
 */
const refuseForeignHost: RequestHandler = (request, response, next) => {
  const { host = '' } = request.headers
  if (LOOPBACK_HOST.test(host)) return next()
  response
    .status(403)
    .json({ error: `the host must be localhost or a loopback address, got ${JSON.stringify(host.slice(0, 200))}`, field: 'host' })
}

/** An HTTP application of these routes: JSON bodies, JSON errors, and `GET /`, which lists the routes. */
export function createApp({ name, version, log, maxBodyBytes, routes }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  // A hash of a body that differs at every request would cost more than it saves.
  app.disable('etag')
  app.enable('case sensitive routing')
  app.use(refuseForeignHost)
  // Whatever the content type says: curl -d sends form-urlencoded. `strict: false` lets a bare value reach the check that names the field.
  const parseBody = express.json({ limit: maxBodyBytes, type: () => true, strict: false })
  const root: Route = {
    method: 'GET',
    path: '/',
    summary: 'this list',
    handler: (_request, response) => {
      response.json({ name, version, routes: Object.fromEntries(all.map(({ method, path, summary }) => [`${method} ${path}`, summary])) })
    },
  }
  const all = [root, ...routes]
  for (const { method, path, handler } of all) {
    if (method === 'GET') app.get(path, handler)
    else app.post(path, parseBody, handler)
  }
  app.use(handleUnknown(Object.fromEntries(all.map(({ method, path }) => [path, method]))))
  app.use(handleErrors(log))
  return app
}
