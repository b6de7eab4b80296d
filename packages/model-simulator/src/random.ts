/** Random numbers from a seed: the same seed gives the same sequence on every machine. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  reseed(seed: number): void {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1). Mulberry32 (public domain): 32 bits of state, a period of 2^32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** Uniform among 0 … below − 1. */
  integer(below: number): number {
    return Math.floor(this.next() * below)
  }

  /** True with the given probability. Takes a number from the sequence whatever the probability is. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** Log-normal with the given median; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    // Box-Muller; 1 − u keeps the logarithm off 0.
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
    return median * Math.exp(sigma * normal)
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** Number of tries up to and including the first success, with the given mean (≥ 1). */
  geometric(mean: number): number {
    return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - this.next()) / Math.log(1 - 1 / mean))
  }

  /** One of `choices`, in proportion to `weight`. */
  pick<T extends { weight: number }>(choices: readonly [T, ...T[]]): T {
    let left = this.next() * choices.reduce((sum, choice) => sum + choice.weight, 0)
    for (const choice of choices) {
      left -= choice.weight
      if (left < 0) return choice
    }
    return choices[choices.length - 1] ?? choices[0]
  }

  /** Letters and digits, as in the ids of providers. */
  id(length: number): string {
    let id = ''
    for (let i = 0; i < length; i++) id += ALPHABET[this.integer(ALPHABET.length)]
    return id
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A seed for the nth of many sequences that should not resemble each other (finalizer of MurmurHash3, public domain). */
export function deriveSeed(seed: number, n: number): number {
  let mixed = (seed ^ Math.imul(n + 1, 0x9e3779b1)) >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
