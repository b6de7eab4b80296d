/**
 * Reads calls that ended, prices them and adds them to the roll-up, many at a time and between the steps of the program: done within each call, it
 * would find its code gone from the processor's caches, which costs several times what the work itself does, and the caller would wait for it.
 */
import type { DrainLevel, RowSource } from './batch-rows.ts'
import type { CapturedCall, EndedCall } from './captured-call.ts'
import { toCall } from './priced-call.ts'
import type { CallPrice, Pricer } from './pricing/pricer.ts'
import type { Rollup } from './rollup/rollup.ts'

/** When so many wait they are counted as soon as the event loop turns: more would not make a call cheaper, and these take a few milliseconds. */
const MANY_WAITING = 128
/** Answers wait with their calls. */
const MANY_WAITING_BYTES = 512 * 1024
/** A program whose event loop does not turn may make so many times more, then they are counted at once. */
const MOST_TIMES = 4

export interface CallCounterSettings {
  pricer: Pricer
  rollup: Rollup
  /** Name of the program, for calls that bring none. */
  app: string
  /** Told after a call that had to wait for its price: there is something to flush. */
  onCountedLate(): void
  onFailed(error: unknown): void
}

/** The roll-up as the flusher sees it: what waits is counted before anything is asked of it. */
export class CallCounter implements RowSource {
  private readonly settings: CallCounterSettings
  private waiting: EndedCall[] = []
  /** Heap held by calls that wait, estimated, in bytes. */
  waitingBytes = 0
  private isCounting = false
  private isSoon = false

  constructor(settings: CallCounterSettings) {
    this.settings = settings
  }

  /** Takes a call; it is counted with those after it, at the latest when rows are drained. */
  add(call: EndedCall): void {
    this.waiting.push(call)
    this.waitingBytes += call.heldBytes
    // The price table is loaded when a first call is priced: that should not wait for an interval.
    if (this.waits(MOST_TIMES) || !this.settings.pricer.isLoaded) this.countWaiting()
    else if (!this.isSoon && this.waits(1)) {
      this.isSoon = true
      setImmediate(this.countSoon).unref()
    }
  }

  private waits(times: number): boolean {
    return this.waiting.length >= MANY_WAITING * times || this.waitingBytes >= MANY_WAITING_BYTES * times
  }

  private readonly countSoon = () => {
    this.isSoon = false
    this.countWaiting()
  }

  countWaiting(): void {
    if (this.waiting.length === 0) return
    const calls = this.waiting
    this.waiting = []
    this.waitingBytes = 0
    this.isCounting = true
    for (const call of calls) {
      try {
        this.settings.pricer.price(call.read(), this.count)
      } catch (error) {
        this.settings.rollup.noteDropped(1)
        this.settings.onFailed(error)
      }
    }
    this.isCounting = false
  }

  /** Called later too, from the loading of the price table, where nobody else would catch what it throws. */
  private readonly count = (captured: CapturedCall, price: CallPrice): void => {
    const { app, onCountedLate, onFailed, rollup } = this.settings
    try {
      rollup.add(toCall(captured, app, price))
    } catch (error) {
      rollup.noteDropped(1)
      onFailed(error)
    }
    if (!this.isCounting) onCountedLate()
  }

  drain(level: DrainLevel): ReturnType<RowSource['drain']> {
    this.countWaiting()
    return this.settings.rollup.drain(level)
  }

  get hasRows(): boolean {
    return this.waiting.length > 0 || this.settings.rollup.hasRows
  }

  get callsSinceDrain(): number {
    this.countWaiting()
    return this.settings.rollup.callsSinceDrain
  }

  noteResent(batches: number): void {
    this.settings.rollup.noteResent(batches)
  }

  noteDropped(calls: number): void {
    this.settings.rollup.noteDropped(calls)
  }
}
