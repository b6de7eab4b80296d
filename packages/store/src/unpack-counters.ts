/**
 * Reads the counters of a sketch as they are stored: bytes per counter (1, 2, 4, or 8 for a double), index of the first counter in two bytes,
 * then a counter for every index, big-endian. The counters of a latency lie close together, so this is shorter than pairs of index and
 * count, and Redis' Lua adds two such rows several times faster.
 */
import type { SparseVector } from './series-catalogue.ts'

export const COUNTERS_HEAD_BYTES = 3
const COUNTER_BYTES: readonly number[] = [1, 2, 4, 8]

function fail(what: string): never {
  throw new RangeError(`not a packed vector: ${what}`)
}

/** Counters that are not 0. Throws a RangeError that says what is wrong. */
export function unpackCounters(packed: Uint8Array): SparseVector {
  const bytes = packed[0] as number
  if (!COUNTER_BYTES.includes(bytes)) return fail('neither an array nor counters')
  if (packed.length < COUNTERS_HEAD_BYTES || (packed.length - COUNTERS_HEAD_BYTES) % bytes !== 0)
    return fail('it ends in the middle of a counter')
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const vector: SparseVector = []
  let index = view.getUint16(1)
  for (let at = COUNTERS_HEAD_BYTES; at < packed.length; at += bytes, index++) {
    const count =
      bytes === 1 ? (packed[at] as number) : bytes === 2 ? view.getUint16(at) : bytes === 4 ? view.getUint32(at) : view.getFloat64(at)
    if (count === 0) continue
    if (!(count > 0) || !Number.isSafeInteger(count)) return fail('a counter that is not a count')
    vector.push(index, count)
  }
  return vector
}
