/** A call that began and has not ended: its attempts so far, and the record that it becomes. */
import type { Outcome, Usage } from '@aiwatch/store'
import { alreadyRead, CALL_BYTES, type CapturedCall, type EndedCall } from '../captured-call.ts'
import { isObject } from '../dialects/index.ts'
import { newCallId } from './call-id.ts'
import type { Attribution, WrapOptions } from './capture-types.ts'
import type { CaptureContext } from './context.ts'
import { type Ending, Exchange, type ExchangeRequest } from './exchange.ts'
import { OpenEntry, type Recorder } from './recorder.ts'

/** Durations are kept to the microsecond. */
const roundMs = (ms: number) => Math.round(Math.max(0, ms) * 1000) / 1000

function addUsage(sum: Usage | undefined, usage: Usage): Usage | undefined {
  if (usage.inputTokens === 0 && usage.outputTokens === 0) return sum
  if (!sum) return { ...usage }
  const cacheWrite1hTokens = (sum.cacheWrite1hTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0)
  return {
    ...(cacheWrite1hTokens > 0 && { cacheWrite1hTokens }),
    inputTokens: sum.inputTokens + usage.inputTokens,
    cacheReadTokens: sum.cacheReadTokens + usage.cacheReadTokens,
    cacheWriteTokens: sum.cacheWriteTokens + usage.cacheWriteTokens,
    outputTokens: sum.outputTokens + usage.outputTokens,
    reasoningTokens: sum.reasoningTokens + usage.reasoningTokens,
    source: sum.source === usage.source ? sum.source : 'partial',
  }
}

/** What a client is asked to send: the part that we look at. */
export interface RequestOptions {
  method?: string
  body?: unknown
  signal?: AbortSignal | null
  stream?: boolean
}

export interface OpenCallOptions {
  recorder: Recorder
  context: CaptureContext
  wrap: WrapOptions
  /** The client whose retries are attempts of this call; none: the call is a single exchange. */
  client?: object
}

export class OpenCall extends OpenEntry implements EndedCall {
  /** The innermost seam counts: the fetch that sees the first exchange puts its own here. */
  recorder: Recorder
  readonly client: object | undefined
  readonly wrap: WrapOptions
  readonly context: CaptureContext
  /** The client is still at work: an exchange that ends need not be the last. */
  pending: boolean
  ended = false
  attempts = 0
  current?: Exchange
  /** Of the client's request, once known. */
  options?: RequestOptions
  private readonly startedAt: number
  private readonly started: number
  private wasted?: Usage
  private givenOutcome?: Outcome
  private endedAt = 0

  constructor({ recorder, context, wrap, client }: OpenCallOptions) {
    super()
    this.recorder = recorder
    this.context = context
    this.wrap = wrap
    this.client = client
    this.pending = client !== undefined
    this.startedAt = recorder.wallClock()
    this.started = recorder.clock()
  }

  /** The signal that the caller gave. */
  get callerSignal(): AbortSignal | null | undefined {
    return this.options?.signal
  }

  /** The client has said that it sends JSON which asks for no stream: its text needs not be searched for that. */
  get isKnownWhole(): boolean {
    const { options } = this
    return options !== undefined && !options.stream && isObject(options.body) && !options.body.stream
  }

  begin(request: ExchangeRequest, recorder: Recorder): Exchange {
    if (this.current) {
      this.current.end('cut', { outcome: 'timeout' })
      this.current.conclude()
      this.wasted = addUsage(this.wasted, this.current.usage)
    } else {
      this.recorder = recorder
      recorder.open.add(this)
    }
    this.attempts++
    this.current = new Exchange(this, request)
    return this.current
  }

  exchangeEnded(exchange: Exchange, ending: Ending): void {
    if (exchange !== this.current) return
    if (this.pending) return
    // A client that reads whole bodies may retry when one times out; it says so before the event loop turns.
    if (this.client && ending !== 'whole' && !exchange.request.stream) setImmediate(() => this.pending || this.end()).unref()
    else this.end()
  }

  /** The client retries though it had handed over an answer. False when the call has been recorded. */
  resume(): boolean {
    if (!this.ended) this.pending = true
    return !this.ended
  }

  /** The client handed over its answer: the call ends with the body of it. */
  answered(): void {
    this.pending = false
    if (this.current?.ended) this.end()
  }

  /** The client gave up. `outcome`: when it says more than the last exchange. */
  failed(outcome?: Outcome): void {
    this.pending = false
    this.current?.end('cut', { outcome })
    this.end(outcome)
  }

  settle(): void {
    this.pending = false
    this.current?.end('left')
    this.end()
  }

  /** Records the call; once. A call that sent nothing to a model is none. */
  end(outcome?: Outcome): void {
    if (this.ended) return
    this.ended = true
    this.recorder.open.delete(this)
    if (!this.current) return
    this.options = undefined
    this.givenOutcome = outcome
    // A call that gave up in its back-off ends now; any other ends with its last exchange.
    this.endedAt = outcome === undefined ? this.current.endedAt : this.recorder.clock()
    const { seenModels } = this.context
    if (seenModels) this.recordNow(seenModels)
    else this.recorder.record(this)
  }

  /** A measured call around this one asks, when it ends, which models were called. */
  private recordNow(seenModels: Set<string>): void {
    try {
      const call = this.read()
      seenModels.add(call.model).add(call.requestModel)
      this.recorder.record(alreadyRead(call))
    } catch (error) {
      this.recorder.failed(error)
    }
  }

  get heldBytes(): number {
    return CALL_BYTES + (this.current?.heldBytes ?? 0)
  }

  read(): CapturedCall {
    if (!this.current) throw new TypeError('a call without an exchange has nothing to read')
    this.current.conclude()
    return this.toCall(this.current)
  }

  private toCall(exchange: Exchange): CapturedCall {
    const { reading, request, usage } = exchange
    const { settings } = this.recorder
    const isStream = request.stream || exchange.firstContentAt !== undefined
    const call: CapturedCall = {
      id: newCallId(),
      startedAt: this.startedAt,
      provider: this.wrap.provider ?? request.provider,
      model: reading.model ?? (request.model || 'unknown'),
      requestModel: request.model || reading.model || 'unknown',
      operation: request.dialect.operation,
      stream: isStream,
      tags: {},
      usage,
      durationMs: roundMs(this.endedAt - this.started),
      outcome: this.givenOutcome ?? exchange.outcome,
      attempts: this.attempts,
    }
    attribute(call, this.context.attribution, this.wrap, this.recorder)
    const app = this.wrap.app ?? settings.app
    if (app !== undefined) call.app = app
    if (exchange.status !== undefined) call.httpStatus = exchange.status
    if (reading.costNanoUsd !== undefined) call.measuredCostNanoUsd = reading.costNanoUsd
    if (this.wasted) call.wastedUsage = this.wasted
    if (reading.queueMs !== undefined) call.queueMs = roundMs(reading.queueMs)
    if (reading.prefillMs !== undefined) call.prefillMs = roundMs(reading.prefillMs)
    if (reading.decodeMs !== undefined) call.decodeMs = roundMs(reading.decodeMs)
    if (exchange.firstContentAt !== undefined) {
      call.timeToFirstTokenMs = roundMs(exchange.firstContentAt - this.started)
      if (usage.outputTokens > 1)
        call.timePerOutputTokenMs = roundMs((exchange.endedAt - exchange.firstContentAt) / (usage.outputTokens - 1))
    }
    return call
  }
}

/** User, session and tags of a call; the tags of the options lie below those of the client, those of `with` above both. */
export function attribute(call: CapturedCall, attribution: Attribution, wrap: WrapOptions, recorder: Recorder): CapturedCall {
  const { user, session, tags } = attribution
  if (user !== undefined) call.user = recorder.settings.userId(user)
  if (session !== undefined) call.session = session
  for (const more of [recorder.settings.tags, wrap.tags, tags]) if (more) Object.assign(call.tags, more)
  return call
}
