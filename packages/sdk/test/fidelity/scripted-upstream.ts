/** A local server that answers as OpenAI does, by a script: each request takes the next reply. It remembers what it was sent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

export type Reply = (request: SeenRequest, response: ServerResponse) => void | Promise<void>

export interface ScriptedUpstream {
  /** With `/v1` at its end. */
  baseURL: string
  requests: SeenRequest[]
  /** Replaces the script. The last reply answers all further requests. */
  script(...replies: Reply[]): void
  close(): Promise<void>
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('latin1')
}

export async function startUpstream(): Promise<ScriptedUpstream> {
  let replies: Reply[] = []
  const requests: SeenRequest[] = []
  const server = createServer(async (incoming, response) => {
    try {
      response.sendDate = false
      const seen = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers, body: await readBody(incoming) }
      requests.push(seen)
      const reply = replies.length > 1 ? replies.shift() : replies[0]
      await reply?.(seen, response)
    } catch {
      response.destroy()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    script(...next) {
      replies = next
      requests.length = 0
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers }).end(JSON.stringify(body))
  }
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Reply {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
  }
}

export function apiError(status: number, error: Record<string, unknown>, headers: Record<string, string> = {}): Reply {
  return json(
    { error: { message: 'The server says no.', type: 'invalid_request_error', param: null, code: null, ...error } },
    status,
    headers,
  )
}

/** Never answers; the connection stays open. */
export const hang: Reply = () => {}

/** Breaks the connection without an answer. */
export const breakOff: Reply = (_request, response) => {
  response.destroy()
}

export interface StreamOptions {
  /** Break the connection after so many events. */
  cutAfter?: number
  /** Say nothing more after so many events. */
  hangAfter?: number
  /** Bytes per network write; default: an event each. */
  bytesPerWrite?: number
  lineEnd?: string
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 2))

export async function writeEvents(response: ServerResponse, events: readonly string[], options: StreamOptions = {}): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req_1' })
  response.flushHeaders()
  const last = options.cutAfter ?? options.hangAfter ?? events.length
  const bytes = Buffer.from(
    events
      .slice(0, last)
      .map((event) => event.replaceAll('\n', options.lineEnd ?? '\n'))
      .join(''),
  )
  if (options.bytesPerWrite) {
    for (let at = 0; at < bytes.length; at += options.bytesPerWrite) {
      response.write(bytes.subarray(at, at + options.bytesPerWrite))
      await pause()
    }
  } else {
    for (const event of events.slice(0, last)) {
      response.write(event.replaceAll('\n', options.lineEnd ?? '\n'))
      await pause()
    }
  }
  if (options.cutAfter !== undefined) {
    await pause()
    response.destroy()
  } else if (options.hangAfter === undefined) response.end()
}
