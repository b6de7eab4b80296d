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

/** Counters of a sketch that are not 0: index, count, index, count, …, indexes ascending. */
export type SketchCounters = Readonly<SparseVector>

/** Several sketches as one. They are added up densely, since the indexes of durations are few: nothing is made for a counter. */
export function mergeSketches(sketches: readonly SketchCounters[]): SketchCounters {
  if (sketches.length < 2) return sketches[0] ?? []
  const counts = new Float64Array(Math.max(...sketches.map((counters) => (counters.at(-2) ?? -1) + 1)))
  for (const counters of sketches) {
    for (let i = 0; i < counters.length; i += 2) {
      const index = counters[i] as number
      counts[index] = (counts[index] as number) + (counters[i + 1] as number)
    }
  }
  const merged: SparseVector = []
  for (let index = 0; index < counts.length; index++) {
    const count = counts[index] as number
    if (count > 0) merged.push(index, count)
  }
  return merged
}

/** How many values were counted. */
export function countSketch(counters: SketchCounters): number {
  let total = 0
  for (let i = 1; i < counters.length; i += 2) total += counters[i] as number
  return total
}

/**
 * Quantiles in milliseconds, in the order asked (each 0–1), by nearest rank; null when nothing was counted.
 */
export function sketchQuantiles(counters: SketchCounters, quantiles: readonly number[]): number[] | null {
  const total = countSketch(counters)
  if (total <= 0) return null
  return quantiles.map((quantile) => {
    const rank = Math.max(1, Math.ceil(quantile * total))
    let reached = 0
    let i = 0
    while (reached < rank && i < counters.length) {
      reached += counters[i + 1] as number
      i += 2
    }
    return sketchValue(counters[i - 2] as number)
  })
}
