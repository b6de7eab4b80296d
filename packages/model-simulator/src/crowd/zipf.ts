import type { Random } from '../random.ts'

/** Draws ranks 0 … count − 1, rank r with a chance in proportion to 1 ÷ (r + 1)^exponent. */
export class Zipf {
  /** Cumulative chances. */
  #upTo: Float64Array

  constructor(count: number, exponent: number) {
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`count must be a whole number of at least 1, got ${count}`)
    this.#upTo = new Float64Array(count)
    let sum = 0
    for (let rank = 0; rank < count; rank++) {
      sum += 1 / (rank + 1) ** exponent
      this.#upTo[rank] = sum
    }
    for (let rank = 0; rank < count; rank++) this.#upTo[rank] = (this.#upTo[rank] as number) / sum
  }

  draw(random: Random): number {
    const wanted = random.next()
    let low = 0
    let high = this.#upTo.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#upTo[middle] as number) > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}
