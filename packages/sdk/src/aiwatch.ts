/** Wires the stages: capture sees a call, pricing says what it cost, roll-up adds it to rows, flush brings the rows to Redis. */
import { CallCounter } from './call-counter.ts'
import {
  type Attribution,
  type CallInput,
  createCapture,
  type MeasuredCall,
  type RecordInput,
  type WrapOptions,
} from './capture/create-capture.ts'
import type { CallSink } from './captured-call.ts'
import { AIWatchError, type HeldReport } from './errors.ts'
import { Flusher } from './flush/flusher.ts'
import { RedisTransport } from './flush/redis-transport.ts'
import type { AIWatchOptions, ResolvedOptions } from './options.ts'
import { Pricer } from './pricing/pricer.ts'
import { TroubleReporter } from './report-trouble.ts'
import { resolveOptions } from './resolve-options.ts'
import { Rollup } from './rollup/rollup.ts'
import { userIdKeeper } from './user-id.ts'

/** What an instance has counted since it was made. */
export interface AIWatchStats {
  /** Calls that ended and were counted. */
  recorded: number
  /** Calls of which everything is acknowledged. */
  flushed: number
  /** Calls of which something is not acknowledged yet. */
  buffered: number
  /** Calls that began and have not ended, streams that nobody reads among them. */
  openCalls: number
  /** Rows of 10 s and 1 min that were added to their hour because memory was short. */
  coarsened: number
  /** Calls whose user was added to `other` for the same reason. */
  foldedUsers: number
  /** Calls that could not be kept. */
  dropped: number
  /** Provider replies with usage that could not be read, or fields that nobody knows. */
  unparsed: number
  /** Heap held by what waits, estimated, in bytes. */
  bytesHeld: number
  /** Batches sent again because no answer came. */
  resent: number
  /** Batches that turned out to be applied already. */
  duplicates: number
  /** Times that the server had lost what it had acknowledged. */
  gaps: number
  /** Calls lost by that. */
  lostCalls: number
  lastError: string | undefined
}

export class AIWatch {
  private readonly options: ResolvedOptions
  private readonly trouble: TroubleReporter
  private readonly rollup: Rollup
  private readonly pricer: Pricer
  private readonly counter: CallCounter
  private readonly flusher: Flusher
  private readonly capture: ReturnType<typeof createCapture>
  private recorded = 0
  private closed: Promise<HeldReport> | undefined

  /**
   * Opens no connection: that happens when a first call is to be flushed.
   * Throws `AIWatchOptionError` when an option given in code is wrong; a wrong environment variable is reported, and its default used.
   */
  constructor(options: AIWatchOptions = {}) {
    this.options = resolveOptions(options)
    const { redis, tenant, flushIntervalMs, maxBufferBytes, prices } = this.options
    this.trouble = new TroubleReporter(this.options.onError)
    for (const warning of this.options.warnings) this.trouble.report(new AIWatchError('environment', warning))
    const report = (error: AIWatchError) => this.trouble.report(error)
    this.pricer = new Pricer({ overrides: prices, onFailed: report, maxWaiting: Math.ceil(maxBufferBytes / 3200) })
    this.rollup = new Rollup({
      maxBytes: maxBufferBytes,
      heldElsewhereBytes: () => this.heldElsewhereBytes(),
      onFailed: (error) => this.trouble.failed(error),
    })
    this.counter = new CallCounter({
      pricer: this.pricer,
      rollup: this.rollup,
      app: this.options.app,
      onCountedLate: () => this.flusher.noteRecorded(),
      onFailed: (error) => this.trouble.failed(error),
    })
    this.flusher = new Flusher({
      source: this.counter,
      transport: new RedisTransport(redis),
      tenant,
      intervalMs: flushIntervalMs,
      settle: () => {
        this.counter.countWaiting()
        return this.pricer.settled()
      },
      heldCalls: () => this.stats().buffered,
      report,
    })
    const { userIds, secret, tags, streamUsage } = this.options
    this.capture = createCapture(this.sink(), { userId: userIdKeeper({ userIds, secret }), tags, app: this.options.app, streamUsage })
    if (this.options.enabled) this.fetch = this.capture.fetch
  }

  /** `globalThis.fetch`, observed: for any client that takes a fetch. */
  readonly fetch: typeof globalThis.fetch = (...parameters) => globalThis.fetch(...parameters)

  /** Observes a client: changes it in place and returns it. A second time it does nothing. */
  wrap<Client extends object>(client: Client, options?: WrapOptions): Client {
    return this.options.enabled ? this.capture.wrap(client, options) : client
  }

  /** A fetch that observes calls to models and passes on everything else. */
  wrapFetch<Fetch extends (...parameters: never[]) => unknown>(fetch: Fetch, options?: WrapOptions): Fetch {
    return this.options.enabled ? this.capture.wrapFetch(fetch, options) : fetch
  }

  /** Runs `fn`; calls made inside, awaited ones included, carry the user, session and tags. Nested ones add up. */
  with<Result>(attribution: Attribution, fn: () => Result): Result {
    return this.options.enabled ? this.capture.with(attribution, fn) : fn()
  }

  /** Counts a call that was measured elsewhere. */
  record(input: RecordInput): void {
    if (this.options.enabled) this.capture.record(input)
  }

  /** Runs `fn` and counts it as one call; passes on its result or its error. */
  call<Result>(input: CallInput, fn: (call: MeasuredCall) => Result | PromiseLike<Result>): Promise<Result> {
    return this.capture.call(input, fn)
  }

  stats(): AIWatchStats {
    this.counter.countWaiting()
    const { counts } = this.flusher
    const { coarsened, foldedUsers, dropped, unparsed } = this.rollup.counted
    return {
      recorded: this.recorded,
      flushed: counts.flushedCalls,
      buffered: Math.max(0, this.recorded - counts.flushedCalls - dropped),
      openCalls: this.capture.openCalls(),
      coarsened,
      foldedUsers,
      dropped,
      unparsed,
      bytesHeld: this.rollup.bytes + this.heldElsewhereBytes(),
      resent: counts.resentBatches,
      duplicates: counts.duplicateBatches,
      gaps: counts.gaps,
      lostCalls: counts.lostCalls,
      lastError: this.flusher.lastError,
    }
  }

  /**
   * Resolves when everything recorded before is acknowledged by Redis: for serverless functions, before they are frozen.
   * Rejects with `AIWatchFlushError`, which says what is held, after `timeoutMs` (default 5000); that stays held and is tried again.
   */
  async flush({ timeoutMs = 5000 }: { timeoutMs?: number } = {}): Promise<void> {
    if (this.options.enabled && !this.closed) await this.flusher.flush(timeoutMs)
  }

  /**
   * Ends: calls that are still open are counted as far as they got, everything is flushed, for `timeoutMs` at most (default: option
   * `closeTimeoutMs`), and connections are released. Resolves with what is left and is lost now. Never rejects. Calls that end later are dropped.
   */
  close({ timeoutMs = this.options.closeTimeoutMs }: { timeoutMs?: number } = {}): Promise<HeldReport> {
    this.closed ??= this.closeOnce(timeoutMs)
    return this.closed
  }

  private async closeOnce(timeoutMs: number): Promise<HeldReport> {
    this.capture.settleOpenCalls()
    return this.flusher.close(timeoutMs)
  }

  private heldElsewhereBytes(): number {
    return this.flusher.heldBytes + this.pricer.waitingBytes + this.counter.waitingBytes
  }

  private sink(): CallSink {
    return {
      record: (captured) => {
        if (!this.options.enabled) return
        try {
          this.recorded++
          if (this.closed) {
            this.rollup.noteDropped(1)
            return
          }
          this.counter.add(captured)
          this.flusher.noteRecorded()
        } catch (error) {
          this.trouble.failed(error)
        }
      },
      unparsed: () => this.rollup.noteUnparsed(),
      failed: (error) => this.trouble.failed(error),
    }
  }
}
