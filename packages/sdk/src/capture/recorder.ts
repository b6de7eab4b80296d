/** One AIWatch as the seams see it: where its calls go, and which of them are open. */
import type { CallSink, EndedCall } from '../captured-call.ts'
import type { CaptureSettings } from './capture-types.ts'
import { Linked, LinkedSet } from './linked-set.ts'

/** Kinds of problems that are remembered so as to report each once. */
const MAX_REMEMBERED = 1000

export abstract class OpenEntry extends Linked {
  /** Ends the call with what is known of it. */
  abstract settle(): void
}

export class Recorder {
  readonly settings: CaptureSettings
  readonly open = new LinkedSet<OpenEntry>()
  /** Monotonic, in milliseconds. */
  readonly clock: () => number
  readonly wallClock: () => number
  /** Hosts that answered 400 to being asked for usage. */
  readonly refusesStreamUsage = new Set<string>()
  private readonly sink: CallSink
  private readonly unknownFields = new Set<string>()

  constructor(sink: CallSink, settings: CaptureSettings) {
    this.settings = settings
    this.sink = sink
    this.wallClock = settings.now ?? Date.now
    this.clock = settings.now ?? performance.now.bind(performance)
  }

  record(call: EndedCall): void {
    try {
      this.sink.record(call)
    } catch (error) {
      this.failed(error)
    }
  }

  failed(error: unknown): void {
    try {
      this.sink.failed(error)
    } catch {
      // The last resort of a program that must not be disturbed.
    }
  }

  /** Broken usage counts each time; a field that nobody knows counts once, or each call of a new API would count. */
  unparsed(problems: readonly string[]): void {
    for (const problem of problems) {
      if (problem.startsWith('unknown field')) {
        if (this.unknownFields.has(problem) || this.unknownFields.size >= MAX_REMEMBERED) continue
        this.unknownFields.add(problem)
      }
      try {
        this.sink.unparsed(problem)
      } catch (error) {
        this.failed(error)
      }
    }
  }
}
