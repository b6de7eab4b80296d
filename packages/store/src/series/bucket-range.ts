import { LATE_ALLOWANCE_SECONDS } from '../series-catalogue.ts'

/** Buckets of one length that can hold data, and how far. */
export interface KeptBuckets {
  seconds: number
  keepSeconds: number
}

/** No event is later than the server's clock; this much is left for clocks that differ. */
const FUTURE_ALLOWANCE_SECONDS = 60

/** Throws a RangeError that names the bound when it is not a finite number. */
export function assertBounds(from: number, to: number): void {
  if (!Number.isFinite(from)) throw new RangeError(`from must be a finite number, got ${from}`)
  if (!Number.isFinite(to)) throw new RangeError(`to must be a finite number, got ${to}`)
}

/** Starts of the buckets in [from, to) that are still kept and not in the future, ascending; all in seconds since the epoch. */
export function keptStarts(kept: KeptBuckets, from: number, to: number, now: number): number[] {
  assertBounds(from, to)
  const earliest = Math.max(from, now - kept.keepSeconds - LATE_ALLOWANCE_SECONDS - kept.seconds)
  const end = Math.min(to, now + FUTURE_ALLOWANCE_SECONDS)
  const starts: number[] = []
  for (let start = Math.ceil(earliest / kept.seconds) * kept.seconds; start < end; start += kept.seconds) starts.push(start)
  return starts
}
