/** Entries by key, each given until it is stale. The oldest go once they are stale, or when there are too many. */
const MAX_ENTRIES = 500

export class FreshEntries<Entry extends { freshUntilMs: number }> {
  private readonly now: () => number
  private readonly entries = new Map<string, Entry>()

  /** `now`: the clock of `freshUntilMs`, in milliseconds. */
  constructor(now: () => number) {
    this.now = now
  }

  get isEmpty(): boolean {
    return this.entries.size === 0
  }

  get(key: string): Entry | undefined {
    const held = this.entries.get(key)
    return held && this.now() < held.freshUntilMs ? held : undefined
  }

  set(key: string, entry: Entry): void {
    this.entries.delete(key)
    this.entries.set(key, entry)
    // Those that nobody asks for again would stay for their place in the list alone.
    for (const [oldest, { freshUntilMs }] of this.entries) {
      if (freshUntilMs > this.now() && this.entries.size <= MAX_ENTRIES) break
      this.entries.delete(oldest)
    }
  }

  /** Nothing when another entry has taken its place. */
  remove(key: string, entry: Entry): void {
    if (this.entries.get(key) === entry) this.entries.delete(key)
  }
}
