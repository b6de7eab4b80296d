/**
 * On a server with RedisTimeSeries a bucket is written as a hash of packed vectors first (its hot form, the same as on plain Redis), and
 * published as time series seconds later. An upsert of a series costs what the whole vector costs in a hash, so a bucket that is written each
 * second is published a few times instead. Buckets that are older than `HOT_SECONDS` are read from their series.
 */
import type { Tier } from '../series-catalogue.ts'

/** Time from the end of a bucket in which its hash answers for it: what dashboards read again and again. */
export const HOT_SECONDS: Record<Tier, number> = { '10s': 3600, '1m': 6 * 3600, '1h': 48 * 3600 }

/**
 * A published hash is dropped this long after its bucket stopped being hot: readers whose clock is off by less than half of it find what they
 * look for in either form.
 */
export const HASH_GRACE_SECONDS = 3600

/** What is written is due for publication after this time, in milliseconds, or soon after its bucket has closed if that is earlier. */
export const PUBLISH_AFTER_MS: Record<Tier, number> = { '10s': 10_000, '1m': 15_000, '1h': 30_000 }

/** Writers flush every second: this long after the end of a bucket all of it is there, and it is published once. */
export const PUBLISH_AFTER_END_MS = 3000
