/** Calls that are open at the same time, bounded. (A race over all of them for every new one would cost more than the calls.) */
export class OpenCalls {
  readonly #most: number
  #open = 0
  #wake: (() => void) | undefined

  constructor(most: number) {
    if (!Number.isInteger(most) || most < 1)
      throw new RangeError(`the number of open calls must be a whole number of at least 1, got ${most}`)
    this.#most = most
  }

  /** Resolves when one more may begin. One caller at a time. */
  async waitForRoom(): Promise<void> {
    while (this.#open >= this.#most) await this.#change()
  }

  /** `call` must not reject. */
  add(call: Promise<unknown>): void {
    this.#open++
    void call.then(() => {
      this.#open--
      this.#wake?.()
    })
  }

  /** Resolves when none is open. */
  async waitForAll(): Promise<void> {
    while (this.#open > 0) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
