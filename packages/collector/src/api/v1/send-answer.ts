import type { Request, Response } from 'express'
import { type Answer, ENCODINGS } from './answer-cache.ts'

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header === '*' || header.split(',').some((candidate) => candidate.trim().replace(/^(W\/)?/, 'W/') === etag)
}

/** Sends JSON in the form that the caller takes: compressed, or 304 when it has it. */
export async function sendAnswer(request: Request, response: Response, answer: Answer): Promise<void> {
  response.set({ etag: answer.etag, 'cache-control': 'private, no-cache', vary: 'accept-encoding, authorization' })
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (isRead && matches(request.headers['if-none-match'], answer.etag)) {
    response.status(304).end()
    return
  }
  const encoding = answer.isCompressible ? request.acceptsEncodings([...ENCODINGS, 'identity']) : false
  const chosen = ENCODINGS.find((name) => name === encoding)
  const body = chosen ? await answer.encoded(chosen) : answer.body
  if (chosen) response.set('content-encoding', chosen)
  response.set({ 'content-type': 'application/json; charset=utf-8', 'content-length': String(body.length) })
  response.end(body)
}
