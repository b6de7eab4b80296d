/** Where buckets begin, and how they are stamped: the rules of TS.RANGE's ALIGN and BUCKETTIMESTAMP. */
export const STAMPS = ['start', 'mid', 'end'] as const
export type Stamp = (typeof STAMPS)[number]

export interface BucketGrid {
  /** Whole milliseconds above 0. */
  lengthMs: number
  /** One bucket begins here, the others at distances that are multiples of the length. Milliseconds since the epoch. */
  alignMs: number
  stamp: Stamp
}

/** Start of the bucket that holds an instant; the one that holds the epoch may begin before it. */
export function bucketStartOf({ lengthMs, alignMs }: BucketGrid, timestampMs: number): number {
  const offset = (((timestampMs - alignMs) % lengthMs) + lengthMs) % lengthMs
  return timestampMs - offset
}

/** The timestamp by which a bucket is answered. The module knows no instant before the epoch: a bucket that begins there is answered as if at 0. */
export function stampOf({ lengthMs, stamp }: BucketGrid, startMs: number): number {
  const start = Math.max(0, startMs)
  if (stamp === 'end') return start + lengthMs
  return stamp === 'mid' ? start + Math.floor(lengthMs / 2) : start
}
