/** When sessions begin: a Poisson process whose rate follows the hour of the day and rises in bursts. */
import type { Random } from '../random.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export interface ArrivalOptions {
  /** Mean over days. */
  sessionsPerSecond: number
  /** 0: the same all day; 0.6: between 0.4 and 1.6 times the mean. */
  waveDepth: number
  /** Local hour of the most traffic. */
  peakHour: number
  /** Local time minus UTC. */
  utcOffsetHours: number
  burstsPerHour: number
  /** Mean length of a burst. */
  burstMs: number
  /** What the rate is multiplied by in a burst. */
  burstFactor: number
}

/** Share of the daily mean at an instant, without bursts. */
function dailyWave(atMs: number, { waveDepth, peakHour, utcOffsetHours }: ArrivalOptions): number {
  const hour = ((atMs + utcOffsetHours * HOUR_MS) % DAY_MS) / HOUR_MS
  return 1 + waveDepth * Math.cos(((hour - peakHour) / 24) * 2 * Math.PI)
}

/** Instants from `fromMs` on, for ever. */
export function* sessionArrivals(options: ArrivalOptions, fromMs: number, random: Random): Generator<number, never> {
  const { burstsPerHour, burstMs, burstFactor, waveDepth } = options
  const gapMs = burstsPerHour > 0 ? HOUR_MS / burstsPerHour : Number.POSITIVE_INFINITY
  // Bursts come on top of the mean, which they must not raise: a gap, then a burst, so it is on for this share of the time.
  const burstShare = burstsPerHour > 0 ? burstMs / (gapMs + burstMs) : 0
  const quietRate = options.sessionsPerSecond / 1000 / (1 + burstShare * (burstFactor - 1))
  const topRate = quietRate * (1 + waveDepth) * Math.max(1, burstFactor)
  let burst = { from: fromMs + random.exponential(gapMs), until: 0 }
  burst.until = burst.from + random.exponential(burstMs)

  // Thinning (Lewis and Shedler, 1979): arrivals at the highest rate, each kept with the chance of its instant.
  for (let at = fromMs; ; ) {
    at += random.exponential(1 / topRate)
    while (at > burst.until) {
      const from = burst.until + random.exponential(gapMs)
      burst = { from, until: from + random.exponential(burstMs) }
    }
    const rate = quietRate * dailyWave(at, options) * (at >= burst.from ? burstFactor : 1)
    if (random.next() * topRate < rate) yield at
  }
}
