import { ERROR_TYPES, type ErrorType } from '../call.ts'
import type { TenantKeys } from '../keys.ts'
import { toSums } from '../series/read-series.ts'
import { CODE } from '../series-catalogue.ts'
import { unpackVector } from '../unpack-vector.ts'
import type { CorruptFields } from './corrupt-fields.ts'
import { eachPair } from './replies.ts'
import type { RoundTrips } from './round-trips.ts'
import type { ErrorPattern } from './store-reader.ts'

export interface ErrorSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
}

function toPattern(field: string, packed: Buffer): ErrorPattern {
  const [type = '', cell = ''] = field.split(':')
  if (!(ERROR_TYPES as readonly string[]).includes(type) || cell === '') throw new TypeError(`${field} is not an error type and a cell`)
  const sums = toSums(unpackVector(packed))
  const value = (code: number) => sums.get(code) ?? 0
  return {
    type: type as ErrorType,
    cell,
    count: value(CODE.calls),
    firstSeenMs: value(CODE.firstSeenMs),
    lastSeenMs: value(CODE.lastSeenMs),
  }
}

/** Error patterns, the ones seen last first. */
export async function readErrors({ keys, trips, corrupt }: ErrorSources): Promise<ErrorPattern[]> {
  const patterns: ErrorPattern[] = []
  eachPair(await trips.ask('HGETALL', [keys.errors]), (field, packed) => {
    const pattern = corrupt.attempt(() => toPattern(field.toString('latin1'), packed))
    if (pattern) patterns.push(pattern)
  })
  return patterns.sort((a, b) => b.lastSeenMs - a.lastSeenMs)
}
