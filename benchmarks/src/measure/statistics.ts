/** Medians and intervals of paired measurements. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

export interface Interval {
  median: number
  low: number
  high: number
}

/**
 * Median with its distribution-free 95 % interval: the order statistics at n/2 ± 0.98·√n (Conover, "Practical Nonparametric
 * Statistics", 3.2). It needs no assumption about noise that comes in bursts.
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = [...values].sort((a, b) => a - b)
  const half = 0.98 * Math.sqrt(sorted.length)
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(rank)))] as number
  return { median: median(sorted), low: at(sorted.length / 2 - half - 1), high: at(sorted.length / 2 + half) }
}

export function formatInterval({ median: middle, low, high }: Interval, digits = 1): string {
  return `${middle.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
}

/** The same random order on each run, so that runs differ by the machine only. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function shuffle<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = items[i] as T
    items[i] = items[j] as T
    items[j] = held
  }
  return items
}
