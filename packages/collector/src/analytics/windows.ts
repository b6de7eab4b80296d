/** The time windows that the figures are about. All are made of 10 s buckets, the finest that are kept. */
import { bucketStart, TIERS } from '@aiwatch/store'

const BUCKET_SECONDS = TIERS['10s'].seconds

export interface Window {
  /** First bucket, in seconds since the epoch. */
  from: number
  /** End of the last bucket, exclusive. */
  to: number
}

/** The newest `count` closed 10 s buckets: steady rates need buckets that nobody adds to any more. */
export function closedBuckets(nowMs: number, count: number): Window {
  const open = bucketStart(nowMs, BUCKET_SECONDS)
  return { from: open - count * BUCKET_SECONDS, to: open }
}

/** The same, and the open bucket: a call shows at once. */
export function bucketsWithOpen(nowMs: number, closedCount: number): Window {
  const { from, to } = closedBuckets(nowMs, closedCount)
  return { from, to: to + BUCKET_SECONDS }
}

/** Buckets of the windows in which rates, and latency and errors, are told. */
export const RATE_BUCKETS = 6
export const RECENT_BUCKETS = 30
export const DAY_BUCKETS = 8640
export const HOUR_BUCKETS = 360
