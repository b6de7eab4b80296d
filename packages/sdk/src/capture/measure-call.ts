/** `call()`: runs a function and records it as one call. */
import type { Outcome, Usage } from '@aiwatch/store'
import { alreadyRead, type CapturedCall } from '../captured-call.ts'
import { classifyStatus, classifyThrown } from '../dialects/index.ts'
import { newCallId } from './call-id.ts'
import type { MeasuredCall } from './capture-types.ts'
import { type CaptureContext, currentContext, mergeAttribution, runInContext } from './context.ts'
import { NO_USAGE } from './exchange.ts'
import { attribute } from './open-call.ts'
import { OpenEntry, type Recorder } from './recorder.ts'
import { completeUsage, InputReader } from './validate-input.ts'

/** Runs `fn`; its result or error is passed on unchanged. */
export async function measureCall<Result>(
  input: unknown,
  recorder: Recorder,
  fn: (call: MeasuredCall) => Result | PromiseLike<Result>,
): Promise<Result> {
  const measurement = new Measurement(input, recorder)
  try {
    const result = await runInContext(measurement.context, fn, measurement.handle())
    measurement.end('ok')
    return result
  } catch (error) {
    measurement.end(outcomeOfError(error))
    throw error
  }
}

/** Errors of clients carry the HTTP status of the answer. */
function outcomeOfError(error: unknown): Outcome {
  const status = (error as { status?: unknown } | null)?.status
  if (typeof status === 'number' && status >= 400) return classifyStatus(status)
  const outcome = classifyThrown(error)
  // Any error may come out of the caller's own code: only what looks like the network is called so.
  if (outcome !== 'network') return outcome
  const code = (error as { code?: unknown; cause?: { code?: unknown } }).code ?? (error as { cause?: { code?: unknown } }).cause?.code
  return typeof code === 'string' && /^(E[A-Z]+|UND_ERR_)/.test(code) ? 'network' : 'unknown'
}

class Measurement extends OpenEntry {
  readonly context: CaptureContext
  readonly #recorder: Recorder
  readonly #read: InputReader
  readonly #provider: string
  readonly #requestModel: string
  readonly #startedAt: number
  readonly #started: number
  #usage: Partial<Usage> = {}
  #model?: string
  #outcome?: Outcome
  #cost?: number
  #firstTokenAt?: number
  #ended = false

  constructor(input: unknown, recorder: Recorder) {
    super()
    this.#recorder = recorder
    this.#read = new InputReader(input, 'call', (error) => recorder.failed(error))
    this.#provider = this.#read.name('provider')
    this.#requestModel = this.#read.name('model')
    this.#startedAt = recorder.wallClock()
    this.#started = recorder.clock()
    const outer = currentContext()
    this.context = { attribution: mergeAttribution(outer.attribution, this.#read.attribution()), seenModels: new Set() }
    recorder.open.add(this)
  }

  handle(): MeasuredCall {
    const reader = (field: string, value: unknown) => new InputReader({ [field]: value }, 'call', (error) => this.#recorder.failed(error))
    return {
      usage: (usage) => {
        Object.assign(this.#usage, new InputReader(usage, 'call: usage', (error) => this.#recorder.failed(error)).usage())
      },
      model: (model) => {
        this.#model = reader('model', model).text('model') ?? this.#model
      },
      firstToken: () => {
        this.#firstTokenAt ??= this.#recorder.clock()
      },
      outcome: (outcome) => {
        this.#outcome = reader('outcome', outcome).outcome('outcome') ?? this.#outcome
      },
      costNanoUsd: (cost) => {
        this.#cost = reader('costNanoUsd', cost).count('costNanoUsd') ?? this.#cost
      },
    }
  }

  settle(): void {
    this.end('aborted')
  }

  /** Records the call, unless a seam inside has seen it: the same model was called, and that call was counted. */
  end(outcome: Outcome): void {
    if (this.#ended) return
    this.#ended = true
    this.#recorder.open.delete(this)
    const seen = this.context.seenModels
    if (seen?.has(this.#requestModel) || (this.#model !== undefined && seen?.has(this.#model))) return
    try {
      this.#recorder.record(alreadyRead(this.#toCall(this.#outcome ?? outcome)))
    } catch (error) {
      this.#recorder.failed(error)
    }
  }

  #toCall(outcome: Outcome): CapturedCall {
    const now = this.#recorder.clock()
    const usage = completeUsage(this.#usage, this.#read) ?? NO_USAGE
    const call: CapturedCall = {
      id: newCallId(),
      startedAt: this.#startedAt,
      provider: this.#provider,
      model: this.#model ?? this.#requestModel,
      requestModel: this.#requestModel,
      operation: this.#read.text('operation') ?? 'chat',
      stream: this.#firstTokenAt !== undefined,
      tags: {},
      usage,
      durationMs: now - this.#started,
      outcome,
      attempts: 1,
    }
    attribute(call, this.context.attribution, {}, this.#recorder)
    const app = this.#read.text('app') ?? this.#recorder.settings.app
    if (app !== undefined) call.app = app
    if (this.#cost !== undefined) call.measuredCostNanoUsd = this.#cost
    if (this.#firstTokenAt !== undefined) {
      call.timeToFirstTokenMs = this.#firstTokenAt - this.#started
      if (usage.outputTokens > 1) call.timePerOutputTokenMs = (now - this.#firstTokenAt) / (usage.outputTokens - 1)
    }
    return call
  }
}
