/**
 * Writes MessagePack: numbers, strings and arrays of them, which is all that the apply script is sent.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export type Message = number | string | Message[]

const TWO_32 = 4_294_967_296
/** A number takes at most 9 bytes, the head of an array or a string 5. */
const MOST_BYTES = 9
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

function write(message: Message): void {
  if (typeof message === 'number') writeNumber(message)
  else if (typeof message === 'string') writeString(message)
  else writeArray(message)
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
