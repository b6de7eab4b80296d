/** Where server-sent events end in a text, and what they carry. Texts are bytes as Latin-1 characters: offsets are byte offsets. */

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const SPACE = 32

const { utf8Slice } = Buffer.prototype

/** Index after the blank line that ends the event at `from`; -1 when it has not ended. Line ends may be LF or CRLF. */
export function eventEnd(text: string, from: number): number {
  for (let at = text.indexOf('\n', from); at !== -1; at = text.indexOf('\n', at + 1)) {
    const next = text.charCodeAt(at + 1)
    if (next === LINE_FEED) return at + 2
    if (next === CARRIAGE_RETURN && text.charCodeAt(at + 2) === LINE_FEED) return at + 3
  }
  return -1
}

/** The `data` of the event from `start` to `end`: its lines joined, each without one leading space. */
export function eventData(data: Uint8Array, text: string, start: number, end: number): string {
  let joined: string | undefined
  for (let at = start; at < end; ) {
    const feed = text.indexOf('\n', at)
    const lineEnd = feed === -1 || feed >= end ? end : feed
    if (text.startsWith('data:', at)) {
      const from = text.charCodeAt(at + 5) === SPACE ? at + 6 : at + 5
      const to = text.charCodeAt(lineEnd - 1) === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd
      const line = utf8Slice.call(data, from, Math.max(from, to))
      joined = joined === undefined ? line : `${joined}\n${line}`
    }
    at = lineEnd + 1
  }
  return joined ?? ''
}
