/** Vectors of length 1 for texts: the same text always has the same one. */
import { Random } from '../random.ts'

export type VectorEncoding = 'float' | 'base64'

/** Making a vector costs more than all the rest of an answer, so that there are only so many. */
const VECTORS = 16
/** Callers choose `dimensions`; more choices than this are not kept. */
const MAX_KEPT = 256
const kept = new Map<string, string>()

/** The vector as a JSON value. */
export function embeddingVector(text: string, dimensions: number, encoding: VectorEncoding): string {
  const which = hashText(text) % VECTORS
  const key = `${which}:${dimensions}:${encoding}`
  let vector = kept.get(key)
  if (vector === undefined) {
    vector = makeVector(which, dimensions, encoding)
    if (kept.size < MAX_KEPT) kept.set(key, vector)
  }
  return vector
}

function makeVector(seed: number, dimensions: number, encoding: VectorEncoding): string {
  const random = new Random(seed)
  const values = Float32Array.from({ length: dimensions }, () => random.next() - 0.5)
  const length = Math.hypot(...values)
  for (let i = 0; i < dimensions; i++) values[i] = (values[i] as number) / length
  // The base64 form is the little-endian float32 array, which is how every machine that Node runs on keeps it.
  if (encoding === 'base64') return JSON.stringify(Buffer.from(values.buffer).toString('base64'))
  return JSON.stringify([...values])
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
