import type { TenantKeys } from '../keys.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { asBuffers, eachPair } from '../read/replies.ts'
import type { Reply, RoundTrips } from '../read/round-trips.ts'
import type { SparseVector, Tier } from '../series-catalogue.ts'
import { unpackVector } from '../unpack-vector.ts'
import { type CellValues, type CellVectors, type MetricQuestion, sumOfCodes, valuesOfCells } from './series-store.ts'

/** Decodes a hash of cell id → packed vector. */
export function decodeCells(reply: Reply, corrupt: CorruptFields): Map<string, SparseVector> {
  const cells = new Map<string, SparseVector>()
  eachPair(reply, (field, packed) => {
    const vector = corrupt.attempt(() => unpackVector(packed))
    if (vector) cells.set(field.toString('latin1'), vector)
  })
  return cells
}

/** Decodes one packed vector; no such field is an empty vector. */
function decodeVector(reply: Reply, corrupt: CorruptFields): SparseVector {
  if (!Buffer.isBuffer(reply)) return []
  return corrupt.attempt(() => unpackVector(reply)) ?? []
}

/** Series in hashes: one per tier and time bucket, a field per cell. Works on every Redis. */
export class PlainRedisReader {
  private readonly keys: TenantKeys
  private readonly trips: RoundTrips
  private readonly corrupt: CorruptFields

  constructor(keys: TenantKeys, trips: RoundTrips, corrupt: CorruptFields) {
    this.keys = keys
    this.trips = trips
    this.corrupt = corrupt
  }

  readBuckets(tier: Tier, starts: readonly number[]): Promise<CellVectors[]> {
    return Promise.all(
      starts.map(async (start) => decodeCells(await this.trips.ask('HGETALL', [this.keys.series(tier, start)]), this.corrupt)),
    )
  }

  readCell(tier: Tier, cell: string, starts: readonly number[]): Promise<SparseVector[]> {
    return Promise.all(
      starts.map(async (start) => decodeVector(await this.trips.ask('HGET', [this.keys.series(tier, start), cell]), this.corrupt)),
    )
  }

  /** Of some cells their fields alone are read. */
  async readMetric({ tier, codes, cells }: MetricQuestion, starts: readonly number[]): Promise<CellValues[]> {
    if (!cells) return (await this.readBuckets(tier, starts)).map((vectors) => valuesOfCells(vectors, codes))
    const ids = [...cells]
    if (ids.length === 0) return starts.map(() => new Map())
    const replies = await Promise.all(starts.map((start) => this.trips.ask('HMGET', [this.keys.series(tier, start), ...ids])))
    return replies.map((reply) => {
      const values = new Map<string, number>()
      for (const [i, packed] of asBuffers(reply).entries()) {
        const value = sumOfCodes(decodeVector(packed, this.corrupt), codes)
        if (value !== undefined) values.set(ids[i] as string, value)
      }
      return values
    })
  }
}
