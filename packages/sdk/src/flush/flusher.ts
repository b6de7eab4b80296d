/** Takes rows at intervals and brings them to a store: one batch at a time, oldest first, each until it is acknowledged. */
import { randomBytes } from 'node:crypto'
import type { ApplyResult } from '@aiwatch/store'
import type { DrainLevel, RowSource } from '../batch-rows.ts'
import { AIWatchError, AIWatchFlushError, type HeldReport } from '../errors.ts'
import { backoffMs } from './backoff.ts'
import { flushAtExit } from './flush-at-exit.ts'
import type { FlushTransport } from './flush-transport.ts'
import { type HeldBatch, OutgoingQueue, type Settled } from './outgoing-queue.ts'
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

export interface FlushCounts {
  flushedCalls: number
  resentBatches: number
  duplicateBatches: number
  gaps: number
  lostCalls: number
  lastError: string | undefined
}

/** More calls than this in one interval: the costly rows go less often. */
const HIGH_RATE_CALLS = 5
const SLOW_EVERY_MS = 10_000
const ALL_EVERY_MS = 60_000
/** An answer that takes longer counts as none. */
const ANSWER_TIMEOUT_MS = 5000
const EXIT_TIMEOUT_MS = 2000
/** One failure may be a connection that was cut; the second one in a row is reported. */
const FAILURES_TO_REPORT = 2
/** Answers that move the writer back without a batch applied between them, before it is taken for an error. */
const MAX_REPOSITIONS = 5
const REFUSED_REPORT_EVERY_MS = 60_000

export class Flusher {
  readonly counts: FlushCounts = { flushedCalls: 0, resentBatches: 0, duplicateBatches: 0, gaps: 0, lostCalls: 0, lastError: undefined }
  private readonly settings: FlusherSettings
  private readonly queue: OutgoingQueue
  private readonly now: () => number
  private timer: ReturnType<typeof setTimeout> | undefined
  private running: Promise<boolean> | undefined
  private failures = 0
  private outageReported = false
  private nextAttemptMs = 0
  private lastSlowMs: number
  private lastAllMs: number
  private lastRefusedReportMs = 0
  private closed = false
  private forgetExit: (() => void) | undefined
  private triedAtExit = false

  constructor(settings: FlusherSettings) {
    this.settings = settings
    this.now = settings.now ?? Date.now
    const { tenant, transport } = settings
    const newWriter = () => randomBytes(12).toString('base64url')
    this.queue = new OutgoingQueue({ tenant, newWriter, split: (contents) => transport.split(contents), now: this.now })
    this.lastSlowMs = this.now()
    this.lastAllMs = this.lastSlowMs
  }

  /** Of batches that wait for acknowledgement, or are kept a while after it. */
  get heldBytes(): number {
    return this.queue.bytes
  }

  get heldBatches(): number {
    return this.queue.length
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
    const attempt = { given: false }
    try {
      await withDeadline(this.flushUntilDone(attempt), { deadlineMs: timeoutMs, what: 'no acknowledgement', holdsProcess: true })
    } catch (error) {
      attempt.given = true
      const held = this.held()
      const { lastError } = this.counts
      throw new AIWatchFlushError(
        `not everything is acknowledged by ${this.settings.transport.target}: ${held.heldCalls} calls in ${held.heldBatches} batches and ` +
          `rows are held (${(error as Error).message}${lastError ? `; last error: ${lastError}` : ''})`,
        held,
        error,
      )
    }
  }

  /** Flushes for at most `timeoutMs`, then releases timers and connections. Says what is left, which is then lost. Never rejects. */
  async close(timeoutMs: number): Promise<HeldReport> {
    this.closed = true
    clearTimeout(this.timer)
    this.timer = undefined
    this.forgetExit?.()
    if (this.held().heldCalls > 0 || this.hasWork()) await this.flush(timeoutMs).catch((error) => this.settings.report(error))
    const held = this.held()
    this.settings.transport.close()
    return held
  }

  private held(): HeldReport {
    return { heldCalls: this.settings.heldCalls(), heldBatches: this.queue.length, heldBytes: this.queue.bytes }
  }

  private hasWork(): boolean {
    return this.queue.length > 0 || this.settings.source.hasRows
  }

  private arm(): void {
    if (this.closed || this.timer !== undefined) return
    const delayMs = this.failures > 0 ? Math.max(1, this.nextAttemptMs - this.now()) : this.settings.intervalMs
    this.timer = setTimeout(() => void this.tick(), delayMs)
    this.timer.unref()
  }

  private async tick(): Promise<void> {
    this.timer = undefined
    if (!this.running) await this.run(this.levelNow())
    if (this.hasWork()) this.arm()
  }

  private levelNow(): DrainLevel {
    const now = this.now()
    if (now - this.lastAllMs >= ALL_EVERY_MS) return 'all'
    if (now - this.lastSlowMs >= SLOW_EVERY_MS || this.settings.source.callsSinceDrain <= HIGH_RATE_CALLS) return 'slow'
    return 'fast'
  }

  /** One pass; there is never more than one. */
  private run(level: DrainLevel): Promise<boolean> {
    this.running = this.pass(level).finally(() => {
      this.running = undefined
    })
    return this.running
  }

  private async flushUntilDone(attempt: { given: boolean }): Promise<void> {
    await this.settings.settle()
    for (let tries = 1; !attempt.given; tries++) {
      while (this.running) await this.running
      if (await this.run('all')) return
      await new Promise((resolve) => setTimeout(resolve, Math.min(1000, backoffMs(tries))).unref())
    }
  }

  /** False when something is still held. New rows are taken only when all older ones are acknowledged: until then they go on adding up. */
  private async pass(level: DrainLevel): Promise<boolean> {
    try {
      await this.sendWaiting()
      const rows = this.settings.source.drain(level)
      if (level !== 'fast') this.lastSlowMs = this.now()
      if (level === 'all') this.lastAllMs = this.now()
      if (rows) this.queue.add(rows)
      await this.sendWaiting()
      this.recovered()
      return true
    } catch (error) {
      this.failed(error)
      return false
    }
  }

  private async sendWaiting(): Promise<void> {
    let repositions = 0
    for (let head = this.queue.head; head; head = this.queue.head) {
      const settled = await this.send(head)
      if (!settled) continue
      repositions = settled.gap || settled.torn ? repositions + 1 : 0
      if (repositions > MAX_REPOSITIONS) throw new Error('the server answers a gap again and again')
    }
  }

  /** Undefined when the batch was given up. */
  private async send(head: HeldBatch): Promise<Settled | undefined> {
    if (head.sends > 0) {
      this.settings.source.noteResent(1)
      this.counts.resentBatches++
    }
    this.queue.noteSent(head)
    const result = await this.answer(head)
    if (!result) return undefined
    const settled = this.queue.settle(result)
    this.counts.flushedCalls += settled.flushedCalls
    if (settled.duplicate) this.counts.duplicateBatches++
    if (settled.gap || settled.torn) this.noteLoss(settled)
    if (result.status === 'applied' && result.refusedOperations > 0) this.noteRefused(result.refusedOperations, result.firstRefusal)
    return settled
  }

  private async answer(head: HeldBatch): Promise<ApplyResult | undefined> {
    const { transport } = this.settings
    try {
      return await withDeadline(transport.apply(head.batch), { deadlineMs: ANSWER_TIMEOUT_MS, what: 'no answer', holdsProcess: false })
    } catch (error) {
      if (transport.isHopeless(error)) {
        this.giveUp(error)
        return undefined
      }
      transport.reset()
      throw error
    }
  }

  private giveUp(cause: unknown): void {
    const calls = this.queue.discardHead()
    this.settings.source.noteDropped(calls)
    this.settings.report(
      new AIWatchError('internal', `a batch of ${calls} calls cannot be applied: ${(cause as Error).message}`, { cause }),
    )
  }

  private noteLoss(settled: Settled): void {
    this.counts.gaps++
    this.counts.lostCalls += settled.lostCalls
    const what = settled.torn ? 'has half of a batch after a crash' : 'lost batches that it had acknowledged'
    const missing = settled.lostCalls > 0 ? `${settled.lostCalls} calls are lost` : 'what it lost is sent again'
    this.settings.report(new AIWatchError('lost', `${this.settings.transport.target} ${what}; ${missing}`))
  }

  private noteRefused(operations: number, first: string | undefined): void {
    if (this.now() - this.lastRefusedReportMs < REFUSED_REPORT_EVERY_MS) return
    this.lastRefusedReportMs = this.now()
    const { target } = this.settings.transport
    this.settings.report(
      new AIWatchError('refused', `${target} refused ${operations} operations of a batch, first: ${first ?? 'no reason given'}`),
    )
  }

  private failed(error: unknown): void {
    this.failures++
    this.nextAttemptMs = this.now() + backoffMs(this.failures)
    const message = error instanceof Error ? error.message : String(error)
    this.counts.lastError = message
    if (this.failures < FAILURES_TO_REPORT || this.outageReported) return
    this.outageReported = true
    const text = `${this.settings.transport.target} takes no batches: ${message}. Calls are counted in memory and sent when it answers`
    this.settings.report(new AIWatchError('unreachable', text, { cause: error }))
  }

  private recovered(): void {
    this.failures = 0
    if (!this.outageReported) return
    this.outageReported = false
    this.settings.report(new AIWatchError('recovered', `${this.settings.transport.target} takes batches again`))
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
    }
    try {
      await withDeadline(once(), { deadlineMs: EXIT_TIMEOUT_MS, what: 'no acknowledgement', holdsProcess: true })
    } catch {
      // The attempt that is under way would hold the process.
      transport.reset()
    }
    clearTimeout(this.timer)
    this.timer = undefined
  }
}
