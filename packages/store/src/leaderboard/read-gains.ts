import type { Board } from '../batch.ts'
import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { toNumber } from '../read/replies.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import { keptStarts } from '../series/bucket-range.ts'

const HOUR = { seconds: 3600, keepSeconds: 7 * 24 * 3600 }

export interface GainsSources {
  keys: TenantKeys
  trips: RoundTrips
  corrupt: CorruptFields
  nowSeconds: number
}

export interface GainsQuestion {
  board: Board
  member: string
  fromSeconds: number
  toSeconds: number
}

/** What one member gained, hour by hour. One round trip. */
export function readGains(
  { keys, trips, corrupt, nowSeconds }: GainsSources,
  question: GainsQuestion,
): Promise<{ hour: number; value: number }[]> {
  const { board, member, fromSeconds, toSeconds } = question
  const hours = keptStarts(HOUR, Math.floor(fromSeconds / HOUR.seconds) * HOUR.seconds, toSeconds, nowSeconds)
  return Promise.all(
    hours.map(async (hour) => {
      const score = await trips.ask('ZSCORE', [keys.board(board, hour), member])
      return { hour, value: Buffer.isBuffer(score) ? (corrupt.attempt(() => toNumber(score)) ?? 0) : 0 }
    }),
  )
}
