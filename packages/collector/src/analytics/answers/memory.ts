/** Keeps what is slow to compute and changes slowly, per key, for a while. */
export class Memory<Value> {
  private readonly keepMs: number
  private readonly now: () => number
  private readonly held = new Map<string, { value: Promise<Value>; untilMs: number }>()

  constructor(keepMs: number, now: () => number = performance.now.bind(performance)) {
    this.keepMs = keepMs
    this.now = now
  }

  /** Failures are not kept. */
  get(key: string, compute: () => Promise<Value>): Promise<Value> {
    const held = this.held.get(key)
    if (held && held.untilMs > this.now()) return held.value
    for (const [other, { untilMs }] of this.held) if (untilMs <= this.now()) this.held.delete(other)
    const value = compute()
    this.held.set(key, { value, untilMs: this.now() + this.keepMs })
    value.catch(() => this.held.delete(key))
    return value
  }
}
