/** Counts what was found in Redis and could not be read. Such a field is left out of the answer; the rest is answered. */
export class CorruptFields {
  count = 0

  add(): void {
    this.count++
  }

  /** What `decode` returns, or undefined and one more corrupt field when it throws. */
  attempt<T>(decode: () => T): T | undefined {
    try {
      return decode()
    } catch {
      this.count++
      return undefined
    }
  }
}
