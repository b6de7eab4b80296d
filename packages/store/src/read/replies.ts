/** Checks the shape of Redis' replies. A null (no such key, or a key of another type) is an empty reply. */
import type { Reply } from './round-trips.ts'

function unexpected(what: string, reply: Reply): never {
  const shown = Buffer.isBuffer(reply) ? JSON.stringify(reply.toString('latin1', 0, 40)) : typeof reply
  throw new TypeError(`Redis replied ${shown} where ${what} was expected`)
}

/** A list whose every entry is a string or null. */
export function asBuffers(reply: Reply): (Buffer | null)[] {
  if (reply === null) return []
  if (!Array.isArray(reply)) return unexpected('a list', reply)
  for (const entry of reply) if (entry !== null && !Buffer.isBuffer(entry)) unexpected('a list of strings', entry)
  return reply as (Buffer | null)[]
}

/** Calls `each` with the two halves of every pair of a flat list, as HGETALL and WITHSCORES reply. */
export function eachPair(reply: Reply, each: (first: Buffer, second: Buffer) => void): void {
  const list = asBuffers(reply)
  for (let i = 0; i + 1 < list.length; i += 2) {
    const first = list[i]
    const second = list[i + 1]
    if (first && second) each(first, second)
  }
}

export function asInteger(reply: Reply): number {
  if (reply === null) return 0
  return typeof reply === 'number' ? reply : unexpected('an integer', reply)
}

/** The number that decimal text stands for; throws when it is none, or not finite. */
export function toNumber(text: Buffer): number {
  const string = text.toString('latin1')
  const value = Number(string)
  if (string.trim() === '' || !Number.isFinite(value)) throw new RangeError(`${JSON.stringify(string.slice(0, 40))} is not a number`)
  return value
}
