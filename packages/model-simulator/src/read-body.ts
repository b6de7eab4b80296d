import type { IncomingMessage } from 'node:http'
import { ApiError, invalidRequest } from './api-error.ts'
import { isObject } from './is-object.ts'

/** Longest body that is read, in bytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

/** The whole body. Rejects with an ApiError (413) when it is longer than 64 MiB. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk)
    })
    request.on('end', () => {
      if (bytes > MAX_BODY_BYTES) reject(tooLong(bytes))
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    })
    request.on('close', () => reject(new Error('The client left before its request had arrived.')))
  })
}

function tooLong(bytes: number): ApiError {
  const message = `The body of ${bytes} bytes is over the limit of ${MAX_BODY_BYTES} bytes.`
  return new ApiError(413, { message, type: 'invalid_request_error' })
}

/** Throws an ApiError (400) when the body is no JSON object. */
export function parseJsonBody(body: Buffer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw invalidRequest('We could not parse the JSON body of your request. The body must be a JSON object.')
  }
  if (!isObject(value)) throw invalidRequest('The body must be a JSON object.')
  return value
}
