/** One way in which the body of an answer is read. After `clone()` or `tee()` there are several; the first that is read to the end counts. */
import { newReading, type Reading, readErrorReply, readReply, SseScanner } from '../dialects/index.ts'
import type { Exchange } from './exchange.ts'
import { Linked } from './linked-set.ts'
import { stopExpecting } from './unread-answers.ts'

/** Parts of a body that is read piece by piece but is no event stream are kept up to this size, then it passes unread. */
const MAX_COLLECTED_BYTES = 16 * 1024 * 1024

export class Branch extends Linked {
  readonly exchange: Exchange
  /** The body is a stream of events that the dialect reads. */
  readonly isStream: boolean
  /** Bytes must be changed before the caller sees them. */
  readonly hides: boolean
  private readonly reading: Reading
  private scanner?: SseScanner
  private collected?: Uint8Array[]
  private collectedBytes = 0
  /** Somebody reads the whole body at once: what the runtime does underneath is not observed again. */
  readsWhole = false
  /** The stream of the body was taken: it, not the response, tells when nobody can read on. */
  tookStream = false
  started = false
  /** The object that is read, while it is expected to be: the response, or the stream once that was taken. */
  readThrough?: object
  private hasContent = false
  ended = false

  constructor(exchange: Exchange, isStream: boolean) {
    super()
    this.exchange = exchange
    this.isStream = isStream && exchange.request.dialect.stream !== undefined && !exchange.isErrorReply
    this.hides = this.isStream && exchange.hide
    this.reading = exchange.openBranches === 0 ? exchange.reading : { ...newReading(), costNanoUsd: exchange.reading.costNanoUsd }
    exchange.openBranches++
  }

  /** The body is being read at once. */
  readWhole(): void {
    this.readsWhole = true
    this.started = true
    stopExpecting(this)
  }

  /** Another branch of the same body. `replace`: this one cannot be read any more. */
  fork(replace: boolean): Branch {
    const branch = new Branch(this.exchange, this.isStream)
    if (replace) this.close()
    return branch
  }

  /** Takes bytes on their way to the caller and returns what the caller is to see: the same array, another, or nothing. */
  feed(chunk: Uint8Array): Uint8Array | undefined {
    this.started = true
    try {
      if (this.ended) return this.hides ? this.scan(chunk) : chunk
      if (this.isStream) return this.scan(chunk)
      this.collect(chunk)
    } catch (error) {
      this.exchange.call.recorder.failed(error)
    }
    return chunk
  }

  private scan(chunk: Uint8Array): Uint8Array | undefined {
    const reading = this.reading
    this.scanner ??= this.newScanner()
    const out = this.scanner.feed(chunk)
    if (!this.hasContent && reading.contentEvents > 0) {
      this.hasContent = true
      this.exchange.firstContentAt ??= this.exchange.call.recorder.clock()
    }
    if (reading.finished) this.end('whole')
    return out
  }

  private newScanner(): SseScanner {
    const { dialect, provider } = this.exchange.request
    return new SseScanner({ dialect, provider, reading: this.reading, hide: this.hides })
  }

  private collect(chunk: Uint8Array): void {
    this.collectedBytes += chunk.length
    if (this.collectedBytes > MAX_COLLECTED_BYTES) this.collected = undefined
    else {
      this.collected ??= []
      this.collected.push(chunk)
    }
  }

  /** The body ended; returns bytes that were withheld. */
  finish(): Uint8Array | undefined {
    this.started = true
    let rest: Uint8Array | undefined
    try {
      rest = this.scanner?.end()
      if (this.isStream) this.end('whole')
      else this.takeText(Buffer.concat(this.collected ?? []).toString())
    } catch (error) {
      this.exchange.call.recorder.failed(error)
    }
    return rest
  }

  /** The whole body as text: it is read when the call is counted. */
  takeText(text: string): void {
    this.end('whole', text)
  }

  /** The whole body as parsed JSON. */
  readValue(value: unknown): void {
    if (this.ended) return
    const { request, status } = this.exchange
    if (this.exchange.isErrorReply) readErrorReply(value, status as number, this.reading)
    else readReply(value, request.dialect, this.reading, request.provider)
    this.end('whole')
  }

  /** The whole body is there, but is not JSON. */
  readMalformed(): void {
    if (!this.ended && !this.exchange.isErrorReply) this.reading.problems.push('reply is not JSON')
    this.end('whole')
  }

  end(ending: 'whole' | 'left', text?: string): void {
    if (this.ended) return
    const isLast = this.close()
    if (ending === 'whole' || isLast) this.exchange.end(ending, { reading: this.reading, text })
  }

  /** Reading the body threw. */
  fail(thrown: unknown): void {
    if (this.ended) return
    if (this.close()) this.exchange.fail(thrown, this.reading)
  }

  /** True when no other branch is open. */
  private close(): boolean {
    if (this.ended) return false
    this.ended = true
    this.collected = undefined
    stopExpecting(this)
    return --this.exchange.openBranches <= 0
  }
}
