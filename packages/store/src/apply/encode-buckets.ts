import type { Message } from '../pack-message.ts'
import { LATE_ALLOWANCE_SECONDS, type SparseVector } from '../series-catalogue.ts'
import { VectorGroup } from './vector-group.ts'

/** Lua's `unpack` fails near 8,000 values; one command takes a field and a value for each row. */
export const MAX_ROWS_PER_COMMAND = 2000

export interface BucketEncoding<Row> {
  isSketch: boolean
  /** Length of the row's time bucket. */
  seconds(row: Row): number
  keepSeconds(row: Row): number
  /** How long after its end the row's bucket may change without a word. */
  closedAfterSeconds(row: Row): number
  /** How `late` names the level: the member is `<name>:<start>`. */
  name(row: Row): string
  keyIndex(row: Row): number
  field(row: Row): string
  vector(row: Row): SparseVector
  /** Calls of the row that count as late, or as refused, when its bucket is. */
  lateCalls(row: Row): number
  refusedCalls(row: Row): number
}

interface Bucket {
  end: number
  expireAt: number
  closed: number
  member: string
  lateCalls: number
  refusedCalls: number
  group: VectorGroup
}

/** Groups rows by time bucket, in the form in which `writeBucket` of the apply script takes them. */
export function encodeBuckets<Row extends { start: number }>(rows: readonly Row[], encoding: BucketEncoding<Row>): Message {
  const buckets = new Map<number, Bucket>()
  for (const row of rows) {
    const keyIndex = encoding.keyIndex(row)
    let bucket = buckets.get(keyIndex)
    if (!bucket) {
      const end = row.start + encoding.seconds(row)
      const expireAt = end + encoding.keepSeconds(row) + LATE_ALLOWANCE_SECONDS
      const closed = end + encoding.closedAfterSeconds(row)
      const group = new VectorGroup(encoding.isSketch)
      bucket = { end, expireAt, closed, member: `${encoding.name(row)}:${row.start}`, lateCalls: 0, refusedCalls: 0, group }
      buckets.set(keyIndex, bucket)
    }
    bucket.lateCalls += encoding.lateCalls(row)
    bucket.refusedCalls += encoding.refusedCalls(row)
    bucket.group.add(encoding.field(row), encoding.vector(row))
  }
  return [...buckets].flatMap(([keyIndex, { end, expireAt, closed, member, lateCalls, refusedCalls, group }]) =>
    [...group.slices(MAX_ROWS_PER_COMMAND)].map(([fields, vectors], slice) => [
      keyIndex,
      end,
      expireAt,
      member,
      slice === 0 ? lateCalls : 0,
      slice === 0 ? refusedCalls : 0,
      fields,
      vectors,
      closed,
    ]),
  )
}
