import { of } from 'rxjs'
import { expect, test } from 'vitest'
import { bytesOf, type Chunk } from '../../../src/data/stream/open-stream.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const OK = { status: 200, statusText: 'OK', ok: true }

function collect(...chunks: Chunk[]) {
  const seen: unknown[] = []
  bytesOf(of(...chunks)).subscribe({
    next: (data) => seen.push(new TextDecoder().decode(data)),
    error: (error: unknown) => seen.push({ error }),
    complete: () => seen.push('end'),
  })
  return seen
}

test('the bytes of a response, and its end', () => {
  expect(collect({ ...OK, data: bytes('a') }, { ...OK, data: bytes('b') }, { ...OK, data: undefined })).toEqual(['a', 'b', 'end'])
})

test('a refusal is an error with its status and body, and no event', () => {
  const refused = { status: 403, statusText: 'Forbidden', ok: false }
  const seen = collect({ ...refused, data: bytes('{"detail":') }, { ...refused, data: bytes('"no"}') }, { ...refused, data: undefined })
  expect(seen).toEqual([{ error: { status: 403, statusText: 'Forbidden', data: '{"detail":"no"}' } }])
})
