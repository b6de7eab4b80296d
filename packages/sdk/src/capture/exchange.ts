/** One HTTP exchange of a call: what was asked, what came back, how it ended. */
import type { Outcome, Usage } from '@aiwatch/store'
import {
  CHARACTERS_PER_TOKEN,
  classifyStatus,
  classifyThrown,
  type Dialect,
  estimateInputTokens,
  newReading,
  type Reading,
  type RequestFacts,
  readErrorText,
  readReplyText,
  readRequestModel,
} from '../dialects/index.ts'
import type { OpenCall } from './open-call.ts'

/** `whole`: the answer arrived. `left`: the caller went away. `cut`: the connection broke, or no answer came. */
export type Ending = 'whole' | 'left' | 'cut'

export interface ExchangeRequest {
  url: string
  dialect: Dialect
  provider: string
  /** Empty when it is not known, or was not read from the body yet. */
  model: string
  stream: boolean
  /** Kept until the exchange ends, for the estimate of its input. */
  body: unknown
  signal?: AbortSignal | null
}

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'none',
}

/** What is known of an exchange when it ends. */
export interface EndFacts {
  /** Of the branch that ended it. */
  reading?: Reading
  /** Overrides what the reading says of one that was not whole. */
  outcome?: Outcome
  /** The answer, which has not been read yet. */
  text?: string
}

/** A request and its answer that are longer than this together are read at once: they shall not be kept. */
const MAX_KEPT_CHARACTERS = 16 * 1024
const BYTES_PER_CHARACTER = 2

const JSON_START = /^\s*[{[]/

const isTimeout = (reason: unknown) => classifyThrown(reason) === 'timeout'

export class Exchange {
  readonly request: ExchangeRequest
  readonly call: OpenCall
  /** Usage came because we asked for it. */
  asked = false
  /** The event that we asked for is cut from the stream. */
  hide = false
  status?: number
  /** Ways in which the body may still be read: more than one after `clone()` or `tee()`. */
  openBranches = 0
  reading: Reading = newReading()
  usage: Usage = NO_USAGE
  outcome: Outcome = 'ok'
  ended = false
  endedAt = 0
  firstContentAt?: number
  private body: unknown
  private ending: Ending = 'whole'
  private givenOutcome?: Outcome
  private text?: string
  private isConcluded = false

  constructor(call: OpenCall, request: ExchangeRequest) {
    this.call = call
    this.body = request.body
    this.request = request
    request.body = undefined
  }

  get isErrorReply(): boolean {
    return this.status !== undefined && this.status >= 400
  }

  /** What a request says whose body was read on the side. */
  learn(body: string, facts: RequestFacts): void {
    if (this.ended) return
    this.body = body
    this.request.model = facts.model
    this.request.stream = facts.stream
  }

  /** Ends the exchange; later endings are ignored. */
  end(ending: Ending, { reading = this.reading, outcome, text }: EndFacts = {}): void {
    if (this.ended) return
    this.ended = true
    this.endedAt = this.call.recorder.clock()
    this.reading = reading
    this.ending = ending
    this.givenOutcome = outcome
    this.text = text
    this.request.signal = undefined
    if (reading.counts && this.request.model !== '') this.body = undefined
    if (this.keptCharacters > MAX_KEPT_CHARACTERS) this.conclude()
    this.call.exchangeEnded(this, ending)
  }

  /** Ends by what the fetch or the reading of the body threw. */
  fail(thrown: unknown, reading?: Reading): void {
    this.end(this.hasCallerLeft(thrown) ? 'left' : 'cut', { reading, outcome: this.outcomeOfThrown(thrown) })
  }

  private get keptCharacters(): number {
    return (typeof this.body === 'string' ? this.body.length : 0) + (this.text?.length ?? 0)
  }

  /** Heap held until the exchange is concluded, estimated, in bytes. */
  get heldBytes(): number {
    return this.keptCharacters * BYTES_PER_CHARACTER
  }

  /** Reads what has not been read of an exchange that ended, and forgets its request and answer. */
  conclude(): void {
    if (this.isConcluded) return
    this.isConcluded = true
    if (this.text !== undefined) this.readAnswer(this.text)
    if (this.request.model === '' && typeof this.body === 'string') this.request.model = readRequestModel(this.body)
    this.outcome = this.classify(this.ending, this.givenOutcome)
    this.usage = this.readUsage(this.ending)
    this.body = undefined
    this.text = undefined
    this.call.recorder.unparsed(this.reading.problems)
  }

  private readAnswer(text: string): void {
    const { dialect, provider } = this.request
    if (this.isErrorReply) readErrorText(text, this.status as number, this.reading)
    // Speech, and transcripts in other formats, are no JSON and have no usage.
    else if (dialect.operation !== 'audio' || JSON_START.test(text)) readReplyText(text, dialect, this.reading, provider)
  }

  private hasCallerLeft(thrown: unknown): boolean {
    return this.request.signal?.aborted === true || classifyThrown(thrown) === 'aborted'
  }

  private outcomeOfThrown(thrown: unknown): Outcome {
    if (!this.hasCallerLeft(thrown)) return classifyThrown(thrown)
    const signals = [this.call.callerSignal, this.request.signal]
    if (signals.some((signal) => signal?.aborted && isTimeout(signal.reason))) return 'timeout'
    if (!this.call.client || this.call.callerSignal?.aborted) return 'aborted'
    // The client aborts its own requests when they take too long; a stream that began is only ever aborted by its reader.
    return this.status !== undefined && this.request.stream ? 'aborted' : 'timeout'
  }

  private classify(ending: Ending, outcome: Outcome | undefined): Outcome {
    if (this.isErrorReply) return this.reading.error ?? classifyStatus(this.status)
    if (this.reading.error) return this.reading.error
    if (ending === 'whole' || this.reading.finished) return 'ok'
    return outcome ?? (ending === 'left' ? 'aborted' : 'network')
  }

  private readUsage(ending: Ending): Usage {
    const { counts, startCounts, outputAlone, contentEvents, contentCharacters, error } = this.reading
    if (counts) return { ...counts, source: this.asked ? 'requested' : 'reported' }
    const output = outputAlone ?? (contentEvents || Math.ceil(contentCharacters / CHARACTERS_PER_TOKEN))
    if (this.isErrorReply || (error && output === 0 && !startCounts)) return NO_USAGE
    // No answer came because the server was not reached: nothing was used. One that was left or timed out may have worked.
    if (this.status === undefined && (this.outcome === 'network' || this.outcome === 'unknown')) return NO_USAGE
    const isWhole = ending === 'whole' && !error && (this.reading.finished || this.reading.stopped || !this.request.stream)
    const input = startCounts ?? { inputTokens: estimateInputTokens(this.body) }
    return { ...NO_USAGE, ...input, outputTokens: output, reasoningTokens: 0, source: isWhole ? 'estimated' : 'partial' }
  }
}
