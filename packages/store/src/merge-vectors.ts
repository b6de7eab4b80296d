import { CODE, type SparseVector } from './series-catalogue.ts'

/** Codes from `lastSeenMs` keep the greatest value, codes from `firstSeenMs` the least, this many each; all others add. */
export const EXTREME_CODES = 10

/** Values have at most three decimals; sums are rounded to them, so that they do not depend on the order of additions. */
const DECIMALS = 1000

function addDecimals(a: number, b: number): number {
  const sum = a + b
  return Number.isInteger(sum) ? sum : Math.floor(sum * DECIMALS + 0.5) / DECIMALS
}

function combine(code: number, a: number, b: number): number {
  if (code >= CODE.lastSeenMs && code < CODE.lastSeenMs + EXTREME_CODES) return Math.max(a, b)
  if (code >= CODE.firstSeenMs && code < CODE.firstSeenMs + EXTREME_CODES) return Math.min(a, b)
  return addDecimals(a, b)
}

function merge(a: SparseVector, b: SparseVector, combineAt: (code: number, x: number, y: number) => number): SparseVector {
  const merged: SparseVector = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const left = i < a.length ? (a[i] as number) : Number.POSITIVE_INFINITY
    const right = j < b.length ? (b[j] as number) : Number.POSITIVE_INFINITY
    if (left < right) merged.push(left, a[i + 1] as number)
    else if (right < left) merged.push(right, b[j + 1] as number)
    else merged.push(left, combineAt(left, a[i + 1] as number, b[j + 1] as number))
    if (left <= right) i += 2
    if (right <= left) j += 2
  }
  return merged
}

/** What the store holds after adding `b` to `a`; both keep their values. */
export function mergeVectors(a: SparseVector, b: SparseVector): SparseVector {
  return merge(a, b, combine)
}

/** The same for the counters of a sketch, where no code is special. */
export function mergeCounters(a: SparseVector, b: SparseVector): SparseVector {
  return merge(a, b, (_, x, y) => x + y)
}
