/** An answer as a reply to a request: compressed where the caller takes that, 304 where it has it already. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Request } from 'express'
import { type Answer, ENCODINGS } from './answer-cache.ts'

/** An answer in one of its forms, ready to be sent any number of times. */
export interface Form {
  readonly etag: string
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer
}

/** The form that the caller takes. */
export async function formFor(request: Request, answer: Answer): Promise<Form> {
  const accepted = answer.isCompressible ? request.acceptsEncodings([...ENCODINGS, 'identity']) : false
  const encoding = ENCODINGS.find((name) => name === accepted)
  const body = encoding ? await answer.encoded(encoding) : answer.body
  const headers = {
    ...sharedHeaders(answer.etag),
    ...(encoding ? { 'content-encoding': encoding } : {}),
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
  }
  return { etag: answer.etag, headers, body }
}

const sharedHeaders = (etag: string) => ({ etag, 'cache-control': 'private, no-cache', vary: 'accept-encoding, authorization' })

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header === '*' || header.split(',').some((candidate) => candidate.trim().replace(/^(W\/)?/, 'W/') === etag)
}

export function sendForm({ method, headers }: IncomingMessage, response: ServerResponse, form: Form): void {
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && matches(headers['if-none-match'], form.etag)) response.writeHead(304, sharedHeaders(form.etag)).end()
  else response.writeHead(200, form.headers).end(form.body)
}
