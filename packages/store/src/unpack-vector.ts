/**
 * Reads the MessagePack arrays of numbers that Redis' `cmsgpack` writes (and the counters of sketches, which have a form of their own): the hot path of every read, so it knows numbers and nothing else.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import type { SparseVector } from './series-catalogue.ts'
import { unpackCounters } from './unpack-counters.ts'

const TWO_32 = 4_294_967_296

// Floats are read through memory that is seen as bytes and as a float; MessagePack is big-endian, almost all machines are not.
const floatBytes = new Uint8Array(8)
const float64 = new Float64Array(floatBytes.buffer)
const float32 = new Float32Array(floatBytes.buffer)
const LAST_BYTE_FIRST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

function fail(what: string): never {
  throw new RangeError(`not a packed vector: ${what}`)
}

function readUint32(packed: Uint8Array, at: number): number {
  return (
    (packed[at] as number) * 0x1000000 +
    (((packed[at + 1] as number) << 16) | ((packed[at + 2] as number) << 8) | (packed[at + 3] as number))
  )
}

function readFloat(packed: Uint8Array, at: number, bytes: 4 | 8): number {
  if (LAST_BYTE_FIRST) for (let i = 0; i < bytes; i++) floatBytes[bytes - 1 - i] = packed[at + i] as number
  else for (let i = 0; i < bytes; i++) floatBytes[i] = packed[at + i] as number
  const value = (bytes === 8 ? float64[0] : float32[0]) as number
  return Number.isFinite(value) ? value : fail('a number that is not finite')
}

/** Bytes that follow the type byte, from 0xca (float 32) to 0xd3 (int 64). */
const WIDTHS = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]

/** Reads the number at `at` whose type byte, before it, is 0x80 or above. Past the end it reads anything: the caller finds out. */
function readWide(packed: Uint8Array, type: number, at: number): number {
  switch (type) {
    case 0xcc:
      return packed[at] as number
    case 0xcd:
      return ((packed[at] as number) << 8) | (packed[at + 1] as number)
    case 0xce:
      return readUint32(packed, at)
    case 0xcb:
      return readFloat(packed, at, 8)
    case 0xca:
      return readFloat(packed, at, 4)
    // Lua's numbers are doubles: a sum beyond 2^53 is a multiple of a power of two there, and comes out here as it was.
    case 0xcf:
      return readUint32(packed, at) * TWO_32 + readUint32(packed, at + 4)
    case 0xd3:
      return (readUint32(packed, at) | 0) * TWO_32 + readUint32(packed, at + 4)
    case 0xd2:
      return readUint32(packed, at) | 0
    case 0xd1:
      return (((packed[at] as number) << 24) >> 16) | (packed[at + 1] as number)
    case 0xd0:
      return ((packed[at] as number) << 24) >> 24
    default:
      return fail(`type byte 0x${type.toString(16)} is not a number's`)
  }
}

/** The vector, or the counters, that were packed. Throws a RangeError that says what is wrong when it is not an array of finite numbers in pairs. */
export function unpackVector(packed: Uint8Array): SparseVector {
  const head = packed[0] as number
  let at: number
  let left: number
  if (head >= 0x90 && head <= 0x9f) {
    at = 1
    left = head & 0x0f
  } else if (head === 0xdc) {
    at = 3
    left = ((packed[1] as number) << 8) | (packed[2] as number)
  } else if (head === 0xdd) {
    at = 5
    left = readUint32(packed, 1)
  } else return unpackCounters(packed)
  if (left % 2 !== 0) fail('an odd number of entries')
  if (!(left <= packed.length - at)) fail('it ends before its last entry')
  const vector: SparseVector = []
  for (; left > 0 && at < packed.length; left--) {
    const type = packed[at++] as number
    if (type < 0x80) vector.push(type)
    else if (type >= 0xe0) vector.push(type - 0x100)
    else {
      vector.push(readWide(packed, type, at))
      at += WIDTHS[type - 0xca] as number
    }
  }
  if (left > 0 || at > packed.length) fail('it ends before its last entry')
  if (at < packed.length) fail('bytes after its last entry')
  return vector
}
