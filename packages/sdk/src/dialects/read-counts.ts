/** Reads the numbers of usage objects. What is odd becomes a problem of the reading, never an exception. */
import { isObject, type JsonObject, type Reading } from './reading.ts'

/** More than any model takes or gives in a call: a greater count is a broken reply. */
const MAX_TOKENS = 1_000_000_000
const MAX_NAME_LENGTH = 64

/** A count, or undefined when it is absent or not one; the latter is a problem of the reading. */
export function readCount(value: unknown, field: string, reading: Reading): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS) return value
  const reason =
    typeof value !== 'number'
      ? `is a ${typeof value}`
      : value < 0
        ? 'is negative'
        : value > MAX_TOKENS
          ? 'is too large'
          : 'is not an integer'
  reading.problems.push(`usage.${field} ${reason}`)
  return undefined
}

/** Fields that nobody knows are a problem of the reading: a provider that counts something new is to be noticed. */
export function noteUnknownFields(source: JsonObject, known: ReadonlySet<string>, where: string, reading: Reading): void {
  for (const field in source) {
    if (!known.has(field) && source[field] !== null) reading.problems.push(`unknown field of ${where}: ${field.slice(0, MAX_NAME_LENGTH)}`)
  }
}

const NO_DETAILS: JsonObject = {}

/** An object of details; an empty one when there is none. `name` is a plural: it becomes part of the problem. */
export function readDetails(details: unknown, known: ReadonlySet<string>, name: string, reading: Reading): JsonObject {
  if (details === undefined || details === null) return NO_DETAILS
  if (isObject(details)) {
    noteUnknownFields(details, known, name, reading)
    return details
  }
  reading.problems.push(`usage: ${name} are not an object`)
  return NO_DETAILS
}

/** A detail is a subset of its total. One that is greater is cut to it and is a problem of the reading. */
export function subset(part: number | undefined, whole: number, name: string, reading: Reading): number {
  if (part === undefined || part <= whole) return part ?? 0
  reading.problems.push(`usage: ${name} exceeds its total`)
  return whole
}
