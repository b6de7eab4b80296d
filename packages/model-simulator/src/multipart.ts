/** The parts of a multipart/form-data body (RFC 7578), in the order in which they were sent. */
import { invalidRequest } from './api-error.ts'

export interface FormPart {
  name: string
  filename?: string
  content: Buffer
}

/** Throws an ApiError (400) when the content type names no boundary or the body has no such parts. */
export function parseMultipart(contentType: string | undefined, body: Buffer): FormPart[] {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType ?? '')
  const name = boundary?.[1] ?? boundary?.[2]
  if (!name) throw invalidRequest('The content type must be multipart/form-data with a boundary.')
  const delimiter = Buffer.from(`--${name}`)
  const parts: FormPart[] = []
  let at = body.indexOf(delimiter)
  while (at >= 0) {
    const start = at + delimiter.length
    const next = body.indexOf(delimiter, start)
    if (next < 0) break
    // A part lies between the line break after its delimiter and the one before the next.
    parts.push(parsePart(body.subarray(start + 2, next - 2)))
    at = next
  }
  if (parts.length === 0) throw invalidRequest('The multipart body has no parts.')
  return parts
}

function parsePart(part: Buffer): FormPart {
  const headEnd = part.indexOf('\r\n\r\n')
  const head = part.subarray(0, Math.max(0, headEnd)).toString('utf8')
  const name = /content-disposition:[^\r\n]*;\s*name="([^"]*)"/i.exec(head)?.[1]
  if (headEnd < 0 || name === undefined) throw invalidRequest('A part of the multipart body has no name.')
  return { name, filename: /;\s*filename="([^"]*)"/i.exec(head)?.[1], content: part.subarray(headEnd + 4) }
}
