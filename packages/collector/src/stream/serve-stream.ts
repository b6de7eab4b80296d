/** `GET /v1/stream`: an HTTP response as a listener of its tenant's hub. */
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { CallRow, streamQuery } from '../contract/index.ts'
import { invalid, RefusedError } from '../errors.ts'
import { isEntryId } from './event.ts'
import type { Listener, StreamHub } from './stream-hub.ts'

/** A listener that leaves so much unread is cut off: the kernel's buffers are full, and ours must not grow. */
const MAX_UNSENT_BYTES = 1024 * 1024
const MAX_LISTENERS = 5000
const RETRY_MS = 2000

function testOf({ app, model }: z.output<typeof streamQuery>): Listener['test'] {
  if (!app && !model) return undefined
  return (call: CallRow) => (app?.includes(call.app) ?? true) && (model?.includes(call.model) ?? true)
}

function parseLastEventId(request: Request): string | undefined {
  const text = request.get('last-event-id') || undefined
  if (text !== undefined && !isEntryId(text)) throw invalid('Last-Event-ID', 'Last-Event-ID must be the id of an earlier event')
  return text
}

/** Throws before the first byte is sent; afterwards the stream goes on until either side ends it. */
export function serveStream(request: Request, response: Response, query: z.output<typeof streamQuery>, hub: StreamHub): void {
  const knownId = parseLastEventId(request)
  if (hub.size >= MAX_LISTENERS)
    throw new RefusedError(429, `${MAX_LISTENERS} listen already, which is the most`, { 'retry-after': String(RETRY_MS / 1000) })
  response.status(200).set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  if (request.method === 'HEAD') return void response.end()
  const events = query.events.split(',')
  response.flushHeaders()
  request.socket.setNoDelay(true)
  response.write(`retry: ${RETRY_MS}\n\n`)
  const listener: Listener = {
    wantsLive: events.includes('live'),
    wantsCalls: events.includes('calls'),
    test: testOf(query),
    knownId,
    send(text) {
      if (response.destroyed) return false
      response.write(text)
      return response.writableLength <= MAX_UNSENT_BYTES
    },
    end: () => response.end(),
    cut: () => response.destroy(),
  }
  response.on('close', () => hub.remove(listener))
  hub.add(listener)
}
