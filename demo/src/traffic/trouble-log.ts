/** Says each kind of trouble once a minute, however often it comes: what is away stays away for many calls. */
const REPEAT_AFTER_MS = 60_000
/** More kinds than this are not told apart. */
const MAX_KINDS = 50

export class TroubleLog {
  private readonly saidAt = new Map<string, number>()

  note(message: string): void {
    const kind = message.replace(/\d+/g, '0').slice(0, 120)
    const now = Date.now()
    if (now - (this.saidAt.get(kind) ?? 0) < REPEAT_AFTER_MS) return
    if (this.saidAt.size >= MAX_KINDS) this.saidAt.clear()
    this.saidAt.set(kind, now)
    console.error(`${new Date(now).toISOString()} ${message}`)
  }
}
