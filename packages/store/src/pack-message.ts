/**
 * Writes MessagePack: numbers, strings and arrays of them, and rows in the form in which they are stored, as strings of bytes. It is all that the
 * apply script is sent. Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import { packUserRecord, type UserRecord } from './audience/user-record.ts'
import type { SparseVector } from './series-catalogue.ts'
import { COUNTERS_HEAD_BYTES } from './unpack-counters.ts'

/**
 * A row, packed as an array of numbers, as the counters of a sketch (see `unpack-counters.ts`), or as the record of a user (see
 * `audience/user-record.ts`).
 */
export type PackedRow = { vector: SparseVector } | { counters: SparseVector } | { user: UserRecord }

export type Message = number | string | Message[] | PackedRow

/** Greater than every index of a sketch. */
const MAX_COUNTER_INDEX = 1024

const TWO_32 = 4_294_967_296
/** A number takes at most 9 bytes, the head of an array or a string 5. */
const MOST_BYTES = 9
const ROW_HEAD_BYTES = 3
const INITIAL_BYTES = 16 * 1024
/** A buffer that grew beyond this for one large message is not kept. */
const KEEP_BYTES = 1024 * 1024

let buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
let position = 0

function reserve(bytes: number): void {
  if (position + bytes <= buffer.length) return
  const grown = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, position + bytes))
  buffer.copy(grown, 0, 0, position)
  buffer = grown
}

function writeHead(type: number, value: number, bytes: 0 | 1 | 2 | 4): void {
  buffer[position++] = type
  for (let shift = bytes * 8 - 8; shift >= 0; shift -= 8) buffer[position++] = (value >>> shift) & 0xff
}

function writeInteger(value: number): void {
  if (value >= 0) {
    if (value < 0x80) buffer[position++] = value
    else if (value < 0x100) writeHead(0xcc, value, 1)
    else if (value < 0x10000) writeHead(0xcd, value, 2)
    else if (value < TWO_32) writeHead(0xce, value, 4)
    else {
      writeHead(0xcf, Math.floor(value / TWO_32), 4)
      position = buffer.writeUInt32BE(value % TWO_32, position)
    }
  } else if (value >= -0x80000000) writeHead(0xd2, value, 4)
  else {
    buffer[position++] = 0xd3
    position = buffer.writeBigInt64BE(BigInt(value), position)
  }
}

function writeNumber(value: number): void {
  reserve(MOST_BYTES)
  if (Number.isSafeInteger(value)) {
    writeInteger(value)
    return
  }
  if (!Number.isFinite(value)) throw new RangeError(`a batch holds ${value} where a finite number belongs`)
  buffer[position++] = 0xcb
  position = buffer.writeDoubleBE(value, position)
}

/** Strings up to this length are written byte by byte while they are ASCII: faster than a call into the runtime. */
const SHORT_CHARACTERS = 31

function writeString(text: string): void {
  reserve(MOST_BYTES + text.length * 3)
  if (text.length <= SHORT_CHARACTERS) {
    const start = position++
    let i = 0
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) break
      buffer[position++] = code
    }
    if (i === text.length) {
      buffer[start] = 0xa0 | i
      return
    }
    position = start
  }
  const bytes = Buffer.byteLength(text)
  if (bytes < 0x10000) writeHead(0xda, bytes, 2)
  else writeHead(0xdb, bytes, 4)
  position += buffer.write(text, position)
}

function writeArray(entries: readonly Message[]): void {
  reserve(MOST_BYTES)
  const { length } = entries
  if (length < 0x10) buffer[position++] = 0x90 | length
  else if (length < 0x10000) writeHead(0xdc, length, 2)
  else writeHead(0xdd, length, 4)
  for (const entry of entries) write(entry)
}

function counterBytes(counters: SparseVector): number {
  let greatest = 0
  for (let i = 1; i < counters.length; i += 2) {
    const index = counters[i - 1] as number
    const count = counters[i] as number
    if (!Number.isInteger(index) || index < 0 || index > MAX_COUNTER_INDEX || !Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`a sketch counts ${count} at index ${index}; expected a count at 0 to ${MAX_COUNTER_INDEX}`)
    }
    if (count > greatest) greatest = count
  }
  return greatest < 0x100 ? 1 : greatest < 0x10000 ? 2 : greatest < TWO_32 ? 4 : 8
}

function writeCounters(counters: SparseVector): void {
  const bytes = counterBytes(counters)
  const first = counters[0] ?? 0
  const width = counters.length === 0 ? 0 : (counters[counters.length - 2] as number) - first + 1
  if (width < 0) throw new RangeError('the indexes of a sketch must ascend')
  reserve(COUNTERS_HEAD_BYTES + width * bytes)
  writeHead(bytes, first, 2)
  const start = position
  position += width * bytes
  buffer.fill(0, start, position)
  for (let i = 0; i < counters.length; i += 2) {
    const at = start + ((counters[i] as number) - first) * bytes
    const count = counters[i + 1] as number
    if (at < start || at >= position) throw new RangeError('the indexes of a sketch must ascend')
    if (bytes === 1) buffer[at] = count
    else if (bytes === 2) buffer.writeUInt16BE(count, at)
    else if (bytes === 4) buffer.writeUInt32BE(count, at)
    else buffer.writeDoubleBE(count, at)
  }
}

function writeUser(record: UserRecord): void {
  const packed = packUserRecord(record)
  reserve(packed.length)
  position += packed.copy(buffer, position)
}

/** A row as a string of bytes. */
function writeRow(row: PackedRow): void {
  reserve(MOST_BYTES)
  const start = position
  position += ROW_HEAD_BYTES
  if ('vector' in row) writeArray(row.vector)
  else if ('counters' in row) writeCounters(row.counters)
  else writeUser(row.user)
  const bytes = position - start - ROW_HEAD_BYTES
  if (bytes > 0xffff) throw new RangeError(`a row of ${bytes} bytes is too long`)
  buffer[start] = 0xda
  buffer.writeUInt16BE(bytes, start + 1)
}

function write(message: Message): void {
  if (typeof message === 'number') writeNumber(message)
  else if (typeof message === 'string') writeString(message)
  else if (Array.isArray(message)) writeArray(message)
  else writeRow(message)
}

/** Throws a RangeError when a number is not finite. */
export function packMessage(message: Message): Buffer {
  position = 0
  try {
    write(message)
    return Buffer.from(buffer.subarray(0, position))
  } finally {
    if (buffer.length > KEEP_BYTES) buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  }
}
