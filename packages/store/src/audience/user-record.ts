/**
 * What is kept of a user, as one value: when seen, sessions, totals, and the same per cell. A user's cells are written together, and Redis' Lua
 * adds one such record in less than half of the time that a packed vector for each cell takes.
 *
 * One byte for the form of the numbers, two for how many cells there are; then last seen, first seen (0: never), sessions, and the five totals of
 * `USER_CODES`; then for each cell its id and its own five. Little-endian. A cell is there once; the order of cells means nothing.
 */
import { CODE, type SparseVector } from '../series-catalogue.ts'

/** What is added up for a user, in all and per cell. */
export const USER_CODES = [CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd, CODE.calls, CODE.errors] as const

export interface UserRecord {
  /** Milliseconds since the epoch; 0 when not known. */
  lastSeenMs: number
  firstSeenMs: number
  sessions: number
  /** Values of `USER_CODES`, in their order. */
  totals: readonly number[]
  cells: readonly (readonly [cell: string, values: readonly number[]])[]
}

export const RECORD_HEAD_BYTES = 3
export const CELL_ID_BYTES = 8

interface RecordForm {
  /** Bytes of last seen, first seen, sessions. */
  seen: readonly number[]
  /** Bytes of the values of `USER_CODES`. */
  values: readonly number[]
}

/**
 * Forms of the numbers, counted from 1: a record has the first that holds all of its numbers. Those of the last are doubles, which hold what the
 * others do not: fractions, and sums beyond 2^48.
 */
export const RECORD_FORMS: readonly RecordForm[] = [
  { seen: [6, 6, 4], values: [3, 3, 4, 2, 1] },
  { seen: [6, 6, 4], values: [5, 5, 6, 4, 3] },
  { seen: [8, 8, 8], values: [8, 8, 8, 8, 8] },
]
export const DOUBLES_FORM = RECORD_FORMS.length

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** Bytes of a record of so many cells. */
function recordBytes(form: RecordForm, cells: number): number {
  return RECORD_HEAD_BYTES + sum(form.seen) + sum(form.values) + cells * (CELL_ID_BYTES + sum(form.values))
}

/** The values of `USER_CODES` in a vector. Throws a RangeError when it has a code that is neither of these nor one of `others`. */
export function userValues(vector: SparseVector, others: readonly number[] = []): number[] {
  const values = USER_CODES.map(() => 0)
  for (let i = 0; i + 1 < vector.length; i += 2) {
    const code = vector[i] as number
    const at = (USER_CODES as readonly number[]).indexOf(code)
    if (at >= 0) values[at] = vector[i + 1] as number
    else if (!others.includes(code)) throw new RangeError(`a user has the code ${code}; expected ${[...USER_CODES, ...others].join(', ')}`)
  }
  return values
}

/** The vector of values of `USER_CODES`, without what is 0. */
export function userVector(values: readonly number[]): SparseVector {
  return USER_CODES.flatMap((code, i) => (values[i] === 0 ? [] : [code, values[i] as number]))
}

function fail(what: string): never {
  throw new RangeError(`not the record of a user: ${what}`)
}

/** Throws a RangeError that says what is wrong. */
export function unpackUserRecord(packed: Uint8Array): UserRecord {
  const number = packed[0] as number
  const form = RECORD_FORMS[number - 1]
  if (form === undefined || packed.length < RECORD_HEAD_BYTES) return fail('no such form')
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const count = view.getUint16(1, true)
  if (packed.length !== recordBytes(form, count)) return fail('its length is not that of its cells')
  let at = RECORD_HEAD_BYTES
  const readDouble = () => {
    const value = view.getFloat64(at, true)
    return Number.isFinite(value) ? value : fail('a number that is not finite')
  }
  const readInteger = (bytes: number) => {
    let value = 0
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + view.getUint8(at + i)
    return value
  }
  const read = (widths: readonly number[]) =>
    widths.map((bytes) => {
      const value = number === DOUBLES_FORM ? readDouble() : readInteger(bytes)
      at += bytes
      return value
    })
  const [lastSeenMs = 0, firstSeenMs = 0, sessions = 0] = read(form.seen)
  const totals = read(form.values)
  const cells: [string, number[]][] = []
  for (let i = 0; i < count; i++) {
    const id = String.fromCharCode(...packed.subarray(at, at + CELL_ID_BYTES))
    at += CELL_ID_BYTES
    cells.push([id, read(form.values)])
  }
  return { lastSeenMs, firstSeenMs, sessions, totals, cells }
}

const allNumbers = ({ lastSeenMs, firstSeenMs, sessions, totals }: UserRecord) => [lastSeenMs, firstSeenMs, sessions, ...totals]

function fits(numbers: readonly number[], widths: readonly number[]): boolean {
  return numbers.every((value, i) => Number.isInteger(value) && value >= 0 && value < 256 ** (widths[i] as number))
}

/** The packed form. Throws a RangeError when a number is not finite or the id of a cell not of eight characters. */
export function packUserRecord(record: UserRecord): Buffer {
  const head = allNumbers(record)
  const narrow = RECORD_FORMS.findIndex(
    (form) => fits(head, [...form.seen, ...form.values]) && record.cells.every(([, values]) => fits(values, form.values)),
  )
  const form = RECORD_FORMS[narrow < 0 ? DOUBLES_FORM - 1 : narrow] as RecordForm
  const isDoubles = form === RECORD_FORMS[DOUBLES_FORM - 1]
  const packed = Buffer.alloc(recordBytes(form, record.cells.length))
  packed[0] = RECORD_FORMS.indexOf(form) + 1
  let at = packed.writeUInt16LE(record.cells.length, 1)
  const write = (numbers: readonly number[], widths: readonly number[]) => {
    for (const [i, value] of numbers.entries()) {
      if (!Number.isFinite(value)) throw new RangeError(`a user has ${value} where a finite number belongs`)
      at = isDoubles ? packed.writeDoubleLE(value, at) : packed.writeUIntLE(value, at, widths[i] as number)
    }
  }
  write(head, [...form.seen, ...form.values])
  for (const [id, values] of record.cells) {
    if (id.length !== CELL_ID_BYTES) throw new RangeError(`the id of a cell has ${CELL_ID_BYTES} characters, got ${JSON.stringify(id)}`)
    at += packed.write(id, at, 'latin1')
    write(values, form.values)
  }
  return packed
}
