/** The figures of the last minutes, defined once: `/analytics`, `/metrics` and the sampled series all take them from here. */
import { type BucketRows, type SketchCounters, type StoreReader, type Sums, sketchQuantiles } from '@aiwatch/store'
import { countCalls, errorRate, mergeAll, sumBuckets, tokenRates } from './sums.ts'
import { bucketsWithOpen, closedBuckets, RATE_BUCKETS, RECENT_BUCKETS } from './windows.ts'

export interface RecentFigures {
  buckets: BucketRows[]
  /** Sums of the last 5 minutes, the open bucket included. */
  sums: Sums
  requests: number
  errorRate: number
  /** Tokens per minute over the six newest closed buckets. */
  inputPerMinute: number
  outputPerMinute: number
  /** Calls per second over the same. */
  callsPerSecond: number
  /** Of the calls of the last 5 minutes, in seconds; 0 without calls. */
  p50Seconds: number
  p95Seconds: number
  p99Seconds: number
}

/** p50, p95 and p99 in seconds of a sketch that counts milliseconds; zeros when it is empty. */
export function percentilesSeconds(counters: SketchCounters): [p50: number, p95: number, p99: number] {
  const [p50, p95, p99] = sketchQuantiles(counters, [0.5, 0.95, 0.99]) ?? [0, 0, 0]
  return [(p50 ?? 0) / 1000, (p95 ?? 0) / 1000, (p99 ?? 0) / 1000]
}

/** Asks at once, so that questions asked in the same tick share the round trip. */
export async function readRecent(reader: StoreReader, nowMs: number): Promise<RecentFigures> {
  const recent = bucketsWithOpen(nowMs, RECENT_BUCKETS)
  const rateWindow = closedBuckets(nowMs, RATE_BUCKETS)
  const [buckets, latency] = await Promise.all([
    reader.buckets('10s', recent.from, recent.to),
    reader.sketch('10s', 'latency', recent.from, recent.to),
  ])
  const sums = mergeAll(sumBuckets(buckets, recent))
  const rates = tokenRates(buckets, rateWindow)
  const [p50Seconds, p95Seconds, p99Seconds] = percentilesSeconds(latency)
  return {
    buckets,
    sums,
    requests: countCalls(sums),
    errorRate: errorRate(sums),
    inputPerMinute: rates.input,
    outputPerMinute: rates.output,
    callsPerSecond: countCalls(mergeAll(sumBuckets(buckets, rateWindow))) / (rateWindow.to - rateWindow.from),
    p50Seconds,
    p95Seconds,
    p99Seconds,
  }
}
