/**
 * Reads a stream of server-sent events from its bytes as they pass, and cuts out the usage that only we asked for.
 * Per chunk: one Latin-1 string, a few native searches, no parsing but of the events that count.
 */
import { type BlankSpan, ByteEdits, concatenate } from './byte-edits.ts'
import { CONTENT, type Dialect, READ, type StreamDialect } from './dialect.ts'
import { EventTemplate } from './event-template.ts'
import { skipBlanks } from './glance.ts'
import { NumberTemplates } from './number-templates.ts'
import { isObject, type Reading } from './reading.ts'
import { eventData, eventEnd } from './sse-events.ts'

/** An event that is longer is not waited for: from there on the stream passes unread. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024
/** A withheld event must be short: the only one that we cut is. */
const MAX_WITHHELD_BYTES = 64 * 1024

/** A stream whose events are not alike is not worth more of them. */
const MAX_TEMPLATES = 8

const USAGE = '"usage":'
/** What stands before the usage in the event that bears nothing else. */
const NO_CHOICES = '"choices":[],'

const usageEnds = new NumberTemplates()

const { latin1Slice } = Buffer.prototype
const toText = (bytes: Uint8Array) => latin1Slice.call(bytes, 0, bytes.length)

export interface SseScannerOptions {
  dialect: Dialect
  provider: string
  reading: Reading
  /** Cut the usage that was asked for by us: the extra event, and `"usage":null` in the others. */
  hide: boolean
}

export class SseScanner {
  private readonly stream: StreamDialect
  private readonly provider: string
  private readonly reading: Reading
  private readonly hide: boolean
  private readonly edits = new ByteEdits()
  /** The beginning of an event that has not ended. */
  private tail: Uint8Array[] = []
  private tailBytes = 0
  private tailEnd = ''
  private template?: EventTemplate
  private templatesMade = 0
  private gaveUp = false

  constructor({ dialect, provider, reading, hide }: SseScannerOptions) {
    if (!dialect.stream) throw new TypeError(`${dialect.name} has no streams`)
    this.stream = dialect.stream
    this.provider = provider
    this.reading = reading
    this.hide = hide
  }

  /**
   * Takes the next bytes and returns what the caller is to see of them: the same array when nothing was changed, undefined when
   * all of it is cut or withheld. Withheld is only an event that has not ended, which no reader could use yet.
   */
  feed(chunk: Uint8Array): Uint8Array | undefined {
    if (this.gaveUp || chunk.length === 0) return chunk
    if (this.template && this.tailBytes === 0) {
      const textEnd = this.template.match(chunk)
      if (textEnd !== -1) {
        this.reading.contentEvents++
        if (this.hide) this.template.blank(chunk, textEnd)
        return chunk
      }
    }
    const text = toText(chunk)
    if (this.tailBytes === 0) return this.scan(chunk, text)
    if (eventEnd(this.tailEnd + text, 0) === -1) return this.wait(chunk, text)
    const data = concatenate([...this.tail, chunk])
    this.dropTail()
    const seen = this.scan(data, toText(data))
    return this.hide ? seen : chunk
  }

  /** The stream ended: reads an event that lacks its blank line, and returns what of it was withheld. */
  end(): Uint8Array | undefined {
    if (this.tailBytes === 0) return undefined
    const data = concatenate(this.tail)
    const text = toText(data)
    this.dropTail()
    this.readEvent(data, text, 0, text.length, text.indexOf(USAGE))
    return this.hide ? this.edits.apply(data, data.length) : undefined
  }

  private scan(data: Uint8Array, text: string): Uint8Array | undefined {
    let start = 0
    let end = eventEnd(text, 0)
    let usageAt = text.indexOf(USAGE)
    while (end !== -1) {
      if (usageAt !== -1 && usageAt < start) usageAt = text.indexOf(USAGE, start)
      this.readEvent(data, text, start, end, usageAt < end ? usageAt : -1)
      start = end
      end = start === text.length ? -1 : eventEnd(text, start)
    }
    if (start < data.length) this.keepTail(data.slice(start), text)
    if (!this.hide) return data
    if (!this.gaveUp) return this.edits.apply(data, start)
    this.dropTail()
    return this.edits.apply(data, data.length)
  }

  /** The event goes on: nothing to read yet. */
  private wait(chunk: Uint8Array, text: string): Uint8Array | undefined {
    this.keepTail(chunk.slice(), this.tailEnd + text)
    if (!this.hide) return chunk
    if (!this.gaveUp) return undefined
    const withheld = concatenate(this.tail)
    this.dropTail()
    return withheld
  }

  /** `bytes` are a copy: some readers hand their buffers back for reuse. */
  private keepTail(bytes: Uint8Array, text: string): void {
    this.tail.push(bytes)
    this.tailBytes += bytes.length
    this.tailEnd = text.slice(-2)
    if (this.tailBytes <= (this.hide ? MAX_WITHHELD_BYTES : MAX_EVENT_BYTES)) return
    this.gaveUp = true
    this.reading.problems.push('stream event is too long')
    if (!this.hide) this.dropTail()
  }

  private dropTail(): void {
    this.tail = []
    this.tailBytes = 0
    this.tailEnd = ''
  }

  /** Reads the event from `start` to `end`. `usageAt`: where its first field called usage stands, or -1. */
  private readEvent(data: Uint8Array, text: string, start: number, end: number, usageAt: number): void {
    const isWhole = start === 0 && end === text.length
    this.reading.textStart = 0
    // A search for what an event lacks must not run through all the events after it: each is a text of its own.
    const event = isWhole ? text : text.slice(start, end)
    let glance = this.stream.glance(event, this.reading)
    let blank: BlankSpan | undefined
    if (usageAt !== -1) {
      const value = skipBlanks(text, usageAt + USAGE.length)
      if (text[value] === '{') {
        if (this.readUsageEvent(event, usageAt - start)) {
          if (this.hide) this.edits.cut(start, end)
          return
        }
        glance = READ
      } else if (this.hide && text.startsWith('null', value)) blank = this.edits.blankField(text, usageAt, value + 4)
    }
    if (glance === CONTENT) {
      this.reading.contentEvents++
      if (isWhole && this.reading.textStart > 0 && (usageAt === -1 || usageAt > this.reading.textEnd)) this.learn(data, text, blank)
    }
    if (glance === READ && this.parseEvent(eventData(data, text, start, end))) this.edits.cut(start, end)
  }

  /** Reads the event that bears only usage from there on, and no more of it. False when it is another, or odd: it must be parsed. */
  private readUsageEvent(event: string, usageAt: number): boolean {
    const { provider, reading, stream } = this
    const isPlain = stream.takesStreamOptions && reading.model !== undefined && !event.includes('"error":')
    if (!isPlain || !event.startsWith(NO_CHOICES, usageAt - NO_CHOICES.length)) return false
    try {
      const end = usageEnds.parse(event, usageAt, event.lastIndexOf('}') + 1)
      if (!isObject(end.usage)) return false
      stream.readEvent(end, reading, provider)
      return true
    } catch {
      return false
    }
  }

  /** The events to come are like this one. */
  private learn(bytes: Uint8Array, text: string, blank: BlankSpan = { start: 0, end: 0 }): void {
    if (++this.templatesMade > MAX_TEMPLATES) return
    const { textStart, textEnd } = this.reading
    this.template = EventTemplate.of({ bytes, text, textStart, textEnd, blankStart: blank.start, blankEnd: blank.end })
  }

  /** True when the caller is not to see the event. */
  private parseEvent(json: string): boolean {
    if (json === '') return false
    if (json === '[DONE]') {
      this.reading.finished = true
      return false
    }
    let event: unknown
    try {
      event = JSON.parse(json)
    } catch {
      this.reading.problems.push('stream event is not JSON')
      return false
    }
    if (!isObject(event)) return false
    this.stream.readEvent(event, this.reading, this.provider)
    return this.hide && this.stream.isUsageOnly(event)
  }
}
