import { TIERS, type Tier } from '@aiwatch/store'
import { invalid } from '../../errors.ts'

/** A range that starts "24 h ago" by the caller's clock is a moment older when it arrives. The store keeps an hour more than it promises. */
const TOLERANCE_SECONDS = 60
const FINEST_FIRST = ['10s', '1m', '1h'] as const satisfies readonly Tier[]

function reaches(tier: Tier, ageSeconds: number): boolean {
  return ageSeconds <= TIERS[tier].keepSeconds + TOLERANCE_SECONDS
}

/** The finest tier that still holds the start of the range; the hour for all that is older. */
export function chooseTier(startMs: number, nowMs: number): Tier {
  const ageSeconds = (nowMs - startMs) / 1000
  return FINEST_FIRST.find((tier) => reaches(tier, ageSeconds)) ?? '1h'
}

/** Throws when buckets of this length cannot be made of whole samples of the tier. */
export function assertBucketFits(tier: Tier, bucketMs: number): void {
  const stepMs = TIERS[tier].seconds * 1000
  if (bucketMs % stepMs === 0) return
  throw invalid(
    'bucket_duration',
    `must be a multiple of ${stepMs} ms: a range that starts so far back is kept in steps of ${tier}, got ${bucketMs} ms`,
  )
}
