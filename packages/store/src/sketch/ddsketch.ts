/**
 * A DDSketch kept as sparse counters: bucket i holds the values in (γ^(i−1), γ^i], γ = (1 + α) / (1 − α).
 * Two sketches are merged by adding their counters, so any number of writers, models and time buckets can be.
 * Source: Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019.
 */
import type { SparseVector } from '../series-catalogue.ts'

/** Bound on the relative error of a quantile. */
export const SKETCH_RELATIVE_ERROR = 0.02
const GAMMA = (1 + SKETCH_RELATIVE_ERROR) / (1 - SKETCH_RELATIVE_ERROR)
const INVERSE_LOG_GAMMA = 1 / Math.log(GAMMA)

/** Values at or below this many milliseconds share the lowest bucket. */
export const SKETCH_MIN_MS = 0.1
/** About 28 hours; longer ones share the highest bucket. */
const SKETCH_MAX_MS = 1e8
const OFFSET = Math.ceil(-Math.log(SKETCH_MIN_MS) * INVERSE_LOG_GAMMA) + 1

/** Counter index, from 0 up, of a duration in milliseconds. */
export function sketchIndex(valueMs: number): number {
  if (!(valueMs > SKETCH_MIN_MS)) return 0
  return Math.ceil(Math.log(Math.min(valueMs, SKETCH_MAX_MS)) * INVERSE_LOG_GAMMA) + OFFSET
}

/** The value in milliseconds that stands for a counter: within the relative error of every value counted there. */
export function sketchValue(index: number): number {
  if (index <= 0) return SKETCH_MIN_MS
  return (2 * GAMMA ** (index - OFFSET)) / (GAMMA + 1)
}

/** Adds the counters of `from` to `into`. */
export function mergeSketch(into: Map<number, number>, from: SparseVector): void {
  for (let i = 0; i + 1 < from.length; i += 2) {
    const index = from[i] as number
    into.set(index, (into.get(index) ?? 0) + (from[i + 1] as number))
  }
}

/**
 * Quantiles in milliseconds, in the order asked (each 0–1), by nearest rank; null when nothing was counted.
 */
export function sketchQuantiles(counters: ReadonlyMap<number, number>, quantiles: readonly number[]): number[] | null {
  // Numbers in a typed array are sorted natively, pairs by a function that is called for each comparison.
  const indexes = Float64Array.from(counters.keys()).sort()
  /** Of each index: how many were counted there or below. */
  const ranks = new Float64Array(indexes.length)
  let total = 0
  for (let i = 0; i < indexes.length; i++) {
    total += counters.get(indexes[i] as number) as number
    ranks[i] = total
  }
  if (total <= 0) return null
  return quantiles.map((quantile) => {
    const rank = Math.max(1, Math.ceil(quantile * total))
    const at = ranks.findIndex((reached) => reached >= rank)
    return sketchValue(indexes.at(at) as number)
  })
}
