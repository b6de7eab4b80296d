/** Server-sent events out of the chunks in which they come. */
export interface SseEvent {
  /** `message` where the sender names none. */
  event: string
  id?: string
  data: string
}

/** Many times what an event of figures comes to. */
const MAX_EVENT_CHARS = 1_000_000
const BLANK_LINE = /\r\n\r\n|\n\n|\r\r/
const LINE_END = /\r\n|\n|\r/

/** Undefined for comments and for what has no data. */
function readEvent(block: string): SseEvent | undefined {
  let event = 'message'
  let id: string | undefined
  const data: string[] = []
  for (const line of block.split(LINE_END)) {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'id') id = value
    else if (field === 'data') data.push(value)
  }
  return data.length === 0 ? undefined : { event, ...(id === undefined ? {} : { id }), data: data.join('\n') }
}

export class SseParser {
  private readonly decoder = new TextDecoder()
  private pending = ''

  /** The events that this chunk completes. Throws when one event does not end. */
  push(chunk: Uint8Array): SseEvent[] {
    const blocks = (this.pending + this.decoder.decode(chunk, { stream: true })).split(BLANK_LINE)
    this.pending = blocks.pop() ?? ''
    if (this.pending.length > MAX_EVENT_CHARS) throw new Error('an event of the stream is longer than can be')
    return blocks.flatMap((block) => readEvent(block) ?? [])
  }
}
