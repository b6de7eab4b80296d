/** Failures in a row: when to try again, and what to tell. */
import { AIWatchError } from '../errors.ts'
import { backoffMs } from './backoff.ts'

export interface OutageSettings {
  /** Where batches go, for messages. */
  target: string
  report(error: AIWatchError): void
  now(): number
}

/** One failure may be a connection that was cut; the second one in a row is reported. */
const FAILURES_TO_REPORT = 2

export class Outage {
  private readonly settings: OutageSettings
  private failures = 0
  private isReported = false
  private nextAttemptMs = 0
  lastError: string | undefined

  constructor(settings: OutageSettings) {
    this.settings = settings
  }

  /** Milliseconds until the next attempt is due; undefined when the last one did not fail. */
  get waitMs(): number | undefined {
    return this.failures === 0 ? undefined : Math.max(1, this.nextAttemptMs - this.settings.now())
  }

  failed(cause: unknown): void {
    const { now, report, target } = this.settings
    this.failures++
    this.nextAttemptMs = now() + backoffMs(this.failures)
    this.lastError = cause instanceof Error ? cause.message : String(cause)
    if (this.failures < FAILURES_TO_REPORT || this.isReported) return
    this.isReported = true
    const text = `${target} takes no batches: ${this.lastError}. Calls are counted in memory and sent when it answers`
    report(new AIWatchError('unreachable', text, { cause }))
  }

  recovered(): void {
    this.failures = 0
    if (!this.isReported) return
    this.isReported = false
    this.settings.report(new AIWatchError('recovered', `${this.settings.target} takes batches again`))
  }
}
