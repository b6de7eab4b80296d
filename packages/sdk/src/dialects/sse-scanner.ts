/**
 * Reads a stream of server-sent events from its bytes as they pass, and cuts out the usage that only we asked for.
 * Per chunk: one Latin-1 string, a few native searches, no parsing but of the events that count.
 */
import { CONTENT, type Dialect, READ, type StreamDialect } from './dialect.ts'
import { skipBlanks } from './glance.ts'
import { isObject, type Reading } from './reading.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SPACE = 32
const COMMA = 44

/** An event that is longer is not waited for: from there on the stream passes unread. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024
/** A withheld event must be short: the only one that we cut is. */
const MAX_WITHHELD_BYTES = 64 * 1024

const { latin1Slice, utf8Slice } = Buffer.prototype

/** Index after the blank line that ends the event at `from`; -1 when it has not ended. Line ends may be LF or CRLF. */
function eventEnd(text: string, from: number): number {
  for (let at = text.indexOf('\n', from); at !== -1; at = text.indexOf('\n', at + 1)) {
    const next = text.charCodeAt(at + 1)
    if (next === LINE_FEED) return at + 2
    if (next === CARRIAGE_RETURN && text.charCodeAt(at + 2) === LINE_FEED) return at + 3
  }
  return -1
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
}

export interface SseScannerOptions {
  dialect: Dialect
  provider: string
  reading: Reading
  /** Cut the usage that was asked for by us: the extra event, and `"usage":null` in the others. */
  hide: boolean
}

export class SseScanner {
  readonly #stream: StreamDialect
  readonly #provider: string
  readonly #reading: Reading
  readonly #hide: boolean
  /** The beginning of an event that has not ended. */
  #tail: Uint8Array[] = []
  #tailBytes = 0
  #tailEnd = ''
  #gaveUp = false

  constructor({ dialect, provider, reading, hide }: SseScannerOptions) {
    if (!dialect.stream) throw new TypeError(`${dialect.name} has no streams`)
    this.#stream = dialect.stream
    this.#provider = provider
    this.#reading = reading
    this.#hide = hide
  }

  /**
   * Takes the next bytes and returns what the caller is to see of them: the same array when nothing was changed, undefined when
   * all of it is cut or withheld. Withheld is only an event that has not ended, which no reader could use yet.
   */
  feed(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#gaveUp || chunk.length === 0) return chunk
    const text = latin1Slice.call(chunk, 0, chunk.length)
    if (this.#tailBytes === 0) return this.#scan(chunk, text)
    if (eventEnd(this.#tailEnd + text, 0) === -1) return this.#keep(chunk, text)
    const data = concatenate([...this.#tail, chunk])
    this.#dropTail()
    const out = this.#scan(data, latin1Slice.call(data, 0, data.length))
    return this.#hide ? out : chunk
  }

  /** The stream ended: reads an event that lacks its blank line, and returns what of it was withheld. */
  end(): Uint8Array | undefined {
    if (this.#tailBytes === 0) return undefined
    const data = concatenate(this.#tail)
    this.#dropTail()
    const cut = this.#readEvent(data, latin1Slice.call(data, 0, data.length), 0, data.length, true)
    return this.#hide && !cut ? data : undefined
  }

  #scan(data: Uint8Array, text: string): Uint8Array | undefined {
    const kept: Uint8Array[] = []
    let keptTo = 0
    let start = 0
    let usageAt = text.indexOf('"usage":')
    for (let end = eventEnd(text, 0); end !== -1; end = eventEnd(text, end)) {
      if (usageAt !== -1 && usageAt < start) usageAt = text.indexOf('"usage":', start)
      const cut = this.#readEvent(data, text, start, end, usageAt !== -1 && usageAt < end, usageAt)
      if (cut) {
        if (start > keptTo) kept.push(data.subarray(keptTo, start))
        keptTo = end
      }
      start = end
    }
    // Some readers hand their buffer back for reuse: what must outlive this call is copied.
    if (start < data.length) this.#keepTail(data.slice(start), text.slice(-2))
    if (!this.#hide) return data
    if (this.#gaveUp) {
      this.#dropTail()
      start = data.length
    }
    if (keptTo === 0 && start === data.length) return data
    if (start > keptTo) kept.push(data.subarray(keptTo, start))
    return kept.length === 0 ? undefined : concatenate(kept)
  }

  #keep(chunk: Uint8Array, text: string): Uint8Array | undefined {
    this.#keepTail(chunk.slice(), (this.#tailEnd + text).slice(-2))
    if (!this.#hide) return chunk
    if (!this.#gaveUp) return undefined
    const withheld = concatenate(this.#tail)
    this.#dropTail()
    return withheld
  }

  #keepTail(bytes: Uint8Array, lastCharacters: string): void {
    this.#tail.push(bytes)
    this.#tailBytes += bytes.length
    this.#tailEnd = lastCharacters
    if (this.#tailBytes <= (this.#hide ? MAX_WITHHELD_BYTES : MAX_EVENT_BYTES)) return
    this.#gaveUp = true
    this.#reading.problems.push('stream event is too long')
    if (!this.#hide) this.#dropTail()
  }

  #dropTail(): void {
    this.#tail = []
    this.#tailBytes = 0
    this.#tailEnd = ''
  }

  /** Reads the event from `start` to `end`; true when the caller is not to see it. */
  #readEvent(data: Uint8Array, text: string, start: number, end: number, hasUsage: boolean, usageAt = text.indexOf('"usage":', start)): boolean {
    // A search for what an event lacks must not run through all the events after it.
    let glance = this.#stream.glance(end === text.length && start === 0 ? text : text.slice(start, end), this.#reading)
    if (hasUsage && usageAt !== -1) {
      const value = skipBlanks(text, usageAt + 8)
      if (text[value] === '{') glance = READ
      else if (this.#hide && text.startsWith('null', value)) blankField(data, text, usageAt, value + 4)
    }
    if (glance === CONTENT) this.#reading.contentEvents++
    return glance === READ && this.#parseEvent(data, text, start, end)
  }

  #parseEvent(data: Uint8Array, text: string, start: number, end: number): boolean {
    const json = eventData(data, text, start, end)
    if (json === '') return false
    if (json === '[DONE]') {
      this.#reading.finished = true
      return false
    }
    let event: unknown
    try {
      event = JSON.parse(json)
    } catch {
      this.#reading.problems.push('stream event is not JSON')
      return false
    }
    if (!isObject(event)) return false
    this.#stream.readEvent(event, this.#reading, this.#provider)
    return this.#hide && this.#stream.isUsageOnly(event)
  }
}

/** The `data` of an event: its lines joined, each without one leading space. */
function eventData(data: Uint8Array, text: string, start: number, end: number): string {
  let joined: string | undefined
  for (let at = start; at < end; ) {
    const feed = text.indexOf('\n', at)
    const next = feed === -1 || feed >= end ? end : feed + 1
    if (text.startsWith('data:', at)) {
      const from = text.charCodeAt(at + 5) === SPACE ? at + 6 : at + 5
      let to = feed === -1 || feed >= end ? end : feed
      if (text.charCodeAt(to - 1) === CARRIAGE_RETURN) to--
      const line = utf8Slice.call(data, from, Math.max(from, to))
      joined = joined === undefined ? line : `${joined}\n${line}`
    }
    at = next
  }
  return joined ?? ''
}

/**
 * OpenAI adds `"usage":null` to each event once usage is asked for. It is overwritten with spaces, together with one comma: JSON
 * allows them, the length stays, nothing is copied.
 */
function blankField(data: Uint8Array, text: string, from: number, to: number): void {
  let start = from
  let end = to
  let before = from - 1
  while (text.charCodeAt(before) === SPACE) before--
  if (text.charCodeAt(before) === COMMA) start = before
  else {
    const after = skipBlanks(text, to)
    if (text.charCodeAt(after) === COMMA) end = after + 1
  }
  data.fill(SPACE, start, end)
}
