import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from './corrupt-fields.ts'
import { eachPair, toNumber } from './replies.ts'
import type { RoundTrips } from './round-trips.ts'
import type { Integrity } from './store-reader.ts'

function noIntegrity(): Integrity {
  return {
    appliedBatches: 0,
    duplicateBatches: 0,
    gapBatches: 0,
    tornWriters: 0,
    refusedOperations: 0,
    lostCalls: 0,
    lateCalls: 0,
    lateRefusedCalls: 0,
    clampedCalls: 0,
    foldedCells: 0,
    coarsenedRows: 0,
    foldedUserCalls: 0,
    droppedCalls: 0,
    unparsedReplies: 0,
    resentBatches: 0,
  }
}

const COUNTERS: ReadonlySet<string> = new Set(Object.keys(noIntegrity()))

export function isCounter(name: string): name is keyof Integrity {
  return COUNTERS.has(name)
}

export interface IntegritySources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
}

/** What was applied, refused and lost. Counters that this version does not know are left out. */
export async function readIntegrity({ keys, trips, corrupt }: IntegritySources): Promise<Integrity> {
  const integrity = noIntegrity()
  eachPair(await trips.ask('HGETALL', [keys.integrity]), (field, text) => {
    const name = field.toString('latin1')
    if (!isCounter(name)) return
    const value = corrupt.attempt(() => toNumber(text))
    if (value !== undefined) integrity[name] = value
  })
  return integrity
}
