/** Takes rows at intervals and brings them to a store: one batch at a time, oldest first, each until it is acknowledged. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { DrainLevel, RowSource } from '../batch-rows.ts'
import { AIWatchError, AIWatchFlushError, type HeldReport } from '../errors.ts'
import { backoffMs } from './backoff.ts'
import { BatchSender, type SendCounts } from './batch-sender.ts'
import { countRowCalls } from './count-row-calls.ts'
import { flushAtExit } from './flush-at-exit.ts'
import type { FlushTransport } from './flush-transport.ts'
import { Outage } from './outage.ts'
import { OutgoingQueue } from './outgoing-queue.ts'
import { withDeadline } from './with-deadline.ts'

export interface FlusherSettings {
  source: RowSource
  transport: FlushTransport
  tenant: string
  intervalMs: number
  /** Calls that were recorded and are in no row yet get into rows. `flush()` waits for it. */
  settle(): Promise<void>
  /** Calls that were recorded and of which something is not acknowledged. */
  heldCalls(): number
  report(error: AIWatchError): void
  /** Milliseconds since the epoch; for tests. */
  now?(): number
}

/** More calls than this in an interval: all but the 10 s rows go less often, users and boards, which cost most where there are many users, seldom. */
const HIGH_RATE_CALLS = 5
const SLOW_EVERY_MS = 10_000
const ALL_EVERY_MS = 60_000
const EXIT_TIMEOUT_MS = 2000
const LONGEST_FLUSH_WAIT_MS = 1000

export class Flusher {
  private readonly settings: FlusherSettings
  private readonly queue: OutgoingQueue
  private readonly sender: BatchSender
  private readonly outage: Outage
  private readonly now: () => number
  private timer: ReturnType<typeof setTimeout> | undefined
  private running: Promise<boolean> | undefined
  /** Calls per interval; each interval counts half as much as the one after it, so that a quiet one does not end a high rate. */
  private rate = 0
  private lastSlowMs: number
  /** The first of the slower flushes has everything: who has just begun sees all figures soon. */
  private lastAllMs = Number.NEGATIVE_INFINITY
  private closed = false
  private forgetExit: (() => void) | undefined
  private triedAtExit = false

  constructor(settings: FlusherSettings) {
    this.settings = settings
    const { report, source, tenant, transport, now = Date.now } = settings
    this.now = now
    const newWriter = () => randomBytes(12).toString('base64url')
    const origin = `${hostname()}:${process.pid}`
    this.queue = new OutgoingQueue({ tenant, origin, newWriter, split: (contents) => transport.split(contents), now })
    this.sender = new BatchSender({ queue: this.queue, transport, source, report, now })
    this.outage = new Outage({ target: transport.target, report, now })
    this.lastSlowMs = now()
  }

  get counts(): Readonly<SendCounts> {
    return this.sender.counts
  }

  get lastError(): string | undefined {
    return this.outage.lastError
  }

  /** Of batches that wait for acknowledgement, or are kept a while after it. */
  get heldBytes(): number {
    return this.queue.bytes
  }

  /** There is something to flush: at the next interval at the latest. */
  noteRecorded(): void {
    this.triedAtExit = false
    if (this.timer !== undefined || this.closed) return
    this.forgetExit ??= flushAtExit(() => this.flushBeforeExit())
    this.arm()
  }

  /**
   * Resolves when everything recorded before is acknowledged. Tries again until `timeoutMs` has passed, then rejects with `AIWatchFlushError`;
   * what is held stays held.
   */
  async flush(timeoutMs: number): Promise<void> {
    const attempt = { isOver: false }
    const startedMs = performance.now()
    try {
      await withDeadline(this.flushUntilDone(attempt), { deadlineMs: timeoutMs, what: 'no acknowledgement', holdsProcess: true })
    } catch (error) {
      attempt.isOver = true
      const held = this.held()
      const why = `${(error as Error).message}${this.lastError ? `; last error: ${this.lastError}` : ''}`
      const what = `${held.heldCalls} calls are held, in rows and ${held.heldBatches} batches`
      throw new AIWatchFlushError(`not everything is acknowledged by ${this.settings.transport.target}: ${what} (${why})`, held, error)
    }
    await this.publish(timeoutMs - (performance.now() - startedMs))
  }

  /** Flushes for at most `timeoutMs`, then releases timers and connections. Says what is left, which is then lost. Never rejects. */
  async close(timeoutMs: number): Promise<HeldReport> {
    this.closed = true
    this.disarm()
    this.forgetExit?.()
    if (this.settings.heldCalls() > 0 || this.hasWork()) await this.flush(timeoutMs).catch((error) => this.settings.report(error))
    const held = this.held()
    this.settings.transport.close()
    return held
  }

  /** What is acknowledged is safe: others publish it when this fails. */
  private async publish(deadlineMs: number): Promise<void> {
    const { tenant, transport } = this.settings
    if (!transport.publish || deadlineMs <= 0) return
    const published = transport.publish(tenant).catch(() => {})
    await withDeadline(published, { deadlineMs, what: 'no publication', holdsProcess: true }).catch(() => {})
  }

  private held(): HeldReport {
    return { heldCalls: this.settings.heldCalls(), heldBatches: this.queue.length, heldBytes: this.queue.bytes }
  }

  private hasWork(): boolean {
    return this.queue.length > 0 || this.settings.source.hasRows
  }

  private arm(): void {
    if (this.closed || this.timer !== undefined) return
    this.timer = setTimeout(() => void this.tick(), this.outage.waitMs ?? this.settings.intervalMs)
    this.timer.unref()
  }

  private disarm(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private async tick(): Promise<void> {
    this.timer = undefined
    await (this.running ?? this.run(this.levelNow()))
    if (this.hasWork()) this.arm()
  }

  private levelNow(): DrainLevel {
    const now = this.now()
    this.rate = (this.rate + this.settings.source.callsSinceDrain) / 2
    if (this.rate > HIGH_RATE_CALLS && now - this.lastSlowMs < SLOW_EVERY_MS) return 'fast'
    if (now - this.lastAllMs >= ALL_EVERY_MS) return 'all'
    return this.rate > HIGH_RATE_CALLS ? 'slow' : 'users'
  }

  /** Moves rows into the queue. Rows of which no batch can be made are lost: no other attempt would do better. */
  private takeRows(level: DrainLevel): void {
    const { report, source } = this.settings
    const rows = source.drain(level)
    const now = this.now()
    if (level !== 'fast') this.lastSlowMs = now
    if (level === 'all') this.lastAllMs = now
    if (!rows) return
    try {
      this.queue.add(rows)
    } catch (cause) {
      const { totalCalls } = countRowCalls(rows)
      source.noteDropped(totalCalls)
      const text = `no batch can be made of rows, ${totalCalls} calls are dropped: ${(cause as Error).message}`
      report(new AIWatchError('internal', text, { cause }))
    }
  }

  /** One pass; there is never more than one. */
  private run(level: DrainLevel): Promise<boolean> {
    this.running = this.pass(level).finally(() => {
      this.running = undefined
    })
    return this.running
  }

  /** False when something is still held. New rows are taken only when all older ones are acknowledged: until then they go on adding up. */
  private async pass(level: DrainLevel): Promise<boolean> {
    try {
      await this.sender.sendAll()
      this.takeRows(level)
      await this.sender.sendAll()
      this.outage.recovered()
      return true
    } catch (error) {
      this.outage.failed(error)
      return false
    }
  }

  private async flushUntilDone(attempt: { isOver: boolean }): Promise<void> {
    await this.settings.settle()
    for (let tries = 1; !attempt.isOver; tries++) {
      while (this.running) await this.running
      if (await this.run('all')) return
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_FLUSH_WAIT_MS, backoffMs(tries))).unref())
    }
  }

  /** Once per end, and for a bounded time: a program that cannot reach its Redis must end all the same. */
  private async flushBeforeExit(): Promise<void> {
    if (this.triedAtExit || this.closed) return
    this.triedAtExit = true
    const { heldCalls, settle, transport } = this.settings
    if (heldCalls() === 0 && !this.hasWork()) return
    const once = async () => {
      await settle()
      if (this.running) await this.running
      await this.run('all')
      await this.publish(EXIT_TIMEOUT_MS / 2)
    }
    try {
      await withDeadline(once(), { deadlineMs: EXIT_TIMEOUT_MS, what: 'no acknowledgement', holdsProcess: true })
    } catch {
      // The attempt that is under way would hold the process.
      transport.reset()
    }
    this.disarm()
  }
}
