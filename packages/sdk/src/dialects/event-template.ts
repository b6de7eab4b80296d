/**
 * The events of one stream are alike but for the text that they carry. Once one of them has been read, the next ones are recognised by
 * comparing bytes: what surrounds the text must be the same. No string is made of them, nothing is allocated.
 */

const LINE_FEED = 10
const SPACE = 32
const QUOTE = 34

/** Enough to know that what begins here, and began here before, is the same field of a delta: `"content":"`. */
const PROBE_BYTES = 11

/** Padding that OpenAI adds to hide how long the text is; it is the last field. */
const PADDING = '"obfuscation":"'

function equalsAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
}

const { indexOf } = Buffer.prototype

/** That of a Buffer takes a third of the time that a Uint8Array's own takes, and a quarter of a loop's. */
function findLineFeed(bytes: Uint8Array, from: number): number {
  return indexOf.call(bytes, LINE_FEED, from)
}

export interface TemplateEvent {
  bytes: Uint8Array
  /** The bytes as Latin-1 characters; the whole of it is one event. */
  text: string
  /** Where the text that the event carries begins, and the quote that ends it. */
  textStart: number
  textEnd: number
  /** A part that is to be overwritten in each event; empty when both are equal. */
  blankStart: number
  blankEnd: number
}

/** Where the part ends that is the same in all events: at the padding, or at the end. */
function middleEndOf(text: string, textEnd: number): number {
  const padding = text.indexOf(PADDING, textEnd)
  return padding === -1 ? text.length : padding + PADDING.length
}

export class EventTemplate {
  private readonly textStart: number
  private readonly probe: Uint8Array
  /** From the end of the text to the padding, or to the end of the event when it has none. */
  private readonly middle: Uint8Array
  /** After the padding. */
  private readonly rest: Uint8Array
  private readonly blankStart: number
  private readonly blankEnd: number
  /** Where the line ends that names the event, before the one with its data; -1 when it has none. */
  private readonly nameEnd: number
  /** The next line feed is this far from the end: the data is one line, and the blank line follows. */
  private readonly lineFeedBack: number

  constructor({ bytes, text, textStart, textEnd, blankStart, blankEnd }: TemplateEvent) {
    const middleEnd = middleEndOf(text, textEnd)
    this.textStart = textStart
    this.probe = bytes.slice(Math.max(0, textStart - PROBE_BYTES), textStart)
    this.middle = bytes.slice(textEnd, middleEnd)
    this.rest = middleEnd === text.length ? new Uint8Array() : bytes.slice(text.indexOf('"', middleEnd))
    this.blankStart = blankStart - textEnd
    this.blankEnd = blankEnd - textEnd
    const lineFeed = text.indexOf('\n')
    this.nameEnd = lineFeed < textStart ? lineFeed : -1
    this.lineFeedBack = bytes.length - (lineFeed < textStart ? text.indexOf('\n', textStart) : lineFeed)
  }

  /** A template of this event; undefined when what is to be overwritten stands where it moves from event to event. */
  static of(event: TemplateEvent): EventTemplate | undefined {
    return event.blankEnd > middleEndOf(event.text, event.textEnd) ? undefined : new EventTemplate(event)
  }

  /** Where the text ends when these bytes are one more such event; -1 when they are not. */
  match(bytes: Uint8Array): number {
    const { length } = bytes
    let middleEnd = length
    if (this.rest.length > 0) {
      middleEnd -= this.rest.length
      if (middleEnd < this.textStart || !equalsAt(bytes, middleEnd, this.rest)) return -1
      while (middleEnd > this.textStart && bytes[middleEnd - 1] !== QUOTE) middleEnd--
    }
    const textEnd = middleEnd - this.middle.length
    if (textEnd <= this.textStart || !equalsAt(bytes, textEnd, this.middle)) return -1
    if (!equalsAt(bytes, this.textStart - this.probe.length, this.probe)) return -1
    if (this.nameEnd !== -1 && findLineFeed(bytes, 0) !== this.nameEnd) return -1
    return findLineFeed(bytes, this.nameEnd + 1) === length - this.lineFeedBack ? textEnd : -1
  }

  /** Overwrites what is to be overwritten in an event that matched. */
  blank(bytes: Uint8Array, textEnd: number): void {
    const end = textEnd + this.blankEnd
    for (let at = textEnd + this.blankStart; at < end; at++) bytes[at] = SPACE
  }
}
