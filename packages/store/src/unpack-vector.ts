/**
 * Reads the MessagePack arrays of numbers that Redis' `cmsgpack` writes: the hot path of every read, so it knows numbers and nothing else.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import type { SparseVector } from './series-catalogue.ts'

const scratch = new DataView(new ArrayBuffer(8))
const TWO_32 = 4_294_967_296

/** Where the next number begins; kept outside the functions so that reading a number allocates nothing. */
let position = 0

function fail(what: string): never {
  throw new RangeError(`not a packed vector: ${what}`)
}

function readLength(packed: Uint8Array): number {
  const head = packed[0] as number
  if (head >= 0x90 && head <= 0x9f) {
    position = 1
    return head & 0x0f
  }
  if (head === 0xdc && packed.length >= 3) {
    position = 3
    return ((packed[1] as number) << 8) | (packed[2] as number)
  }
  if (head === 0xdd && packed.length >= 5) {
    position = 5
    return readUint32(packed, 1)
  }
  return fail('an array was expected')
}

function readUint32(packed: Uint8Array, at: number): number {
  return (
    (packed[at] as number) * 0x1000000 +
    (((packed[at + 1] as number) << 16) | ((packed[at + 2] as number) << 8) | (packed[at + 3] as number))
  )
}

function readFloat(packed: Uint8Array, at: number, bytes: 4 | 8): number {
  for (let i = 0; i < bytes; i++) scratch.setUint8(i, packed[at + i] as number)
  return bytes === 4 ? scratch.getFloat32(0) : scratch.getFloat64(0)
}

// Lua's numbers are doubles: a sum beyond 2^53 is a multiple of a power of two there, and comes out here as it was.
function readInt64(packed: Uint8Array, at: number): number {
  return (readUint32(packed, at) | 0) * TWO_32 + readUint32(packed, at + 4)
}

function readUint64(packed: Uint8Array, at: number): number {
  return readUint32(packed, at) * TWO_32 + readUint32(packed, at + 4)
}

/** Bytes that follow the type byte, from 0xca (float 32) to 0xd3 (int 64). */
const WIDTHS = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]

/** Reads a number whose type byte, at `position`, is 0x80 or above. */
function readWide(packed: Uint8Array, type: number): number {
  if (type >= 0xe0) {
    position++
    return type - 0x100
  }
  const width = WIDTHS[type - 0xca]
  if (width === undefined) return fail(`type byte 0x${type.toString(16)} is not a number's`)
  const at = position + 1
  position = at + width
  if (position > packed.length) return fail('it ends in the middle of a number')
  switch (type) {
    case 0xcc:
      return packed[at] as number
    case 0xcd:
      return ((packed[at] as number) << 8) | (packed[at + 1] as number)
    case 0xce:
      return readUint32(packed, at)
    case 0xcf:
      return readUint64(packed, at)
    case 0xd0:
      return ((packed[at] as number) << 24) >> 24
    case 0xd1:
      return (((packed[at] as number) << 24) >> 16) | (packed[at + 1] as number)
    case 0xd2:
      return readUint32(packed, at) | 0
    case 0xd3:
      return readInt64(packed, at)
    default:
      return readFloat(packed, at, type === 0xca ? 4 : 8)
  }
}

/** The vector that was packed. Throws a RangeError that says what is wrong when it is not an array of finite numbers in pairs. */
export function unpackVector(packed: Uint8Array): SparseVector {
  const length = readLength(packed)
  if (length % 2 !== 0) fail('an odd number of entries')
  if (length > packed.length - position) fail('it ends before its last entry')
  const vector: SparseVector = []
  for (let i = 0; i < length; i++) {
    if (position >= packed.length) fail('it ends before its last entry')
    const type = packed[position] as number
    if (type < 0x80) {
      position++
      vector.push(type)
      continue
    }
    const value = readWide(packed, type)
    if (!Number.isFinite(value)) fail('a number that is not finite')
    vector.push(value)
  }
  if (position !== packed.length) fail('bytes after its last entry')
  return vector
}
