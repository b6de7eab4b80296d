/** Sums as they are stored: one MessagePack array `[code, value, code, value, …]`, the form that Redis' own `cmsgpack` reads and writes. */
import { packMessage } from './pack-message.ts'
import type { SparseVector } from './series-catalogue.ts'

export { packUserRecord, unpackUserRecord, userVector } from './audience/user-record.ts'
export { unpackVector } from './unpack-vector.ts'

/** The packed form of a vector. Throws a RangeError when a number is not finite. */
export function packVector(vector: SparseVector): Buffer {
  return packMessage(vector)
}
