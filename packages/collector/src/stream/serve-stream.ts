/** `GET /v1/stream`: an HTTP response as a listener of its tenant's hub. */
import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { CallRow, streamQuery } from '../contract/index.ts'
import { invalid } from '../errors.ts'
import { isEntryId, type Listener, type StreamHub } from './stream-hub.ts'

/** A listener that leaves so much unread is let go: the kernel's buffers are full, and ours must not grow. */
const MAX_UNSENT_BYTES = 1024 * 1024
const RETRY_MS = 2000

function testOf({ app, model }: z.output<typeof streamQuery>): Listener['test'] {
  if (!app && !model) return undefined
  return (call: CallRow) => (app?.includes(call.app) ?? true) && (model?.includes(call.model) ?? true)
}

export async function serveStream(
  request: Request,
  response: Response,
  query: z.output<typeof streamQuery>,
  hub: StreamHub,
): Promise<void> {
  const lastEventId = request.get('last-event-id') || undefined
  if (lastEventId !== undefined && !isEntryId(lastEventId))
    throw invalid('Last-Event-ID', 'Last-Event-ID must be the id of an earlier event')
  const events = query.events.split(',')
  response.status(200).set({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  response.flushHeaders()
  request.socket.setNoDelay(true)
  const listener: Listener = {
    wantsLive: events.includes('live'),
    wantsCalls: events.includes('calls'),
    test: testOf(query),
    send(text) {
      if (response.destroyed) return false
      response.write(text)
      return response.writableLength <= MAX_UNSENT_BYTES
    },
    end: () => response.end(),
  }
  response.on('close', () => hub.remove(listener))
  response.write(`retry: ${RETRY_MS}\n\n`)
  try {
    await hub.add(listener, lastEventId)
    if (response.destroyed) hub.remove(listener)
  } catch (error) {
    response.write(`event: trouble\ndata: ${JSON.stringify({ detail: (error as Error).message })}\n\n`)
    response.end()
  }
}
