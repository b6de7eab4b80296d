/** Which time ranges can be live. */
import { dateMath, type RawTimeRange } from '@grafana/data'

/** Longer ranges change too little in a second to be asked for each second. */
const LONGEST_MS = 6 * 3_600_000

/** It ends at now and is short. */
export function canBeLive({ from, to }: RawTimeRange, nowMs = Date.now()): boolean {
  if (to !== 'now' || typeof from !== 'string') return false
  const fromMs = dateMath.toDateTime(from, { roundUp: false })?.valueOf()
  return fromMs !== undefined && nowMs - fromMs <= LONGEST_MS
}
