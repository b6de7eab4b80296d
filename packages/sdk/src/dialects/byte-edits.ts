/** Changes to a piece of a stream: parts cut out, parts overwritten with spaces. */

const SPACE = 32
const COMMA = 44

export interface BlankSpan {
  start: number
  end: number
}

interface Edit {
  start: number
  end: number
  cut: boolean
}

export class ByteEdits {
  private edits: Edit[] = []

  cut(start: number, end: number): void {
    this.edits.push({ start, end, cut: true })
  }

  /**
   * Overwrites the JSON field from `from` to `to` with spaces, together with one comma beside it: JSON allows them, and the length
   * stays, so that nothing need be moved.
   */
  blankField(text: string, from: number, to: number): BlankSpan {
    const edit = { start: from, end: to, cut: false }
    let before = from - 1
    while (text.charCodeAt(before) === SPACE) before--
    if (text.charCodeAt(before) === COMMA) edit.start = before
    else {
      let after = to
      while (text.charCodeAt(after) === SPACE) after++
      if (text.charCodeAt(after) === COMMA) edit.end = after + 1
    }
    this.edits.push(edit)
    return edit
  }

  /**
   * The first `length` bytes of `data` as edited, and forgets the edits; undefined when nothing is left. Spaces are written in place:
   * only what came because we asked is overwritten, and copies of each chunk were measured to cost more than all the rest.
   */
  apply(data: Uint8Array, length: number): Uint8Array | undefined {
    const edits = this.edits
    const bytes = length === data.length ? data : data.subarray(0, length)
    if (edits.length === 0) return length === 0 ? undefined : bytes
    this.edits = []
    const kept: Uint8Array[] = []
    let keptTo = 0
    for (const { start, end, cut } of edits) {
      if (cut) {
        if (start > keptTo) kept.push(bytes.subarray(keptTo, start))
        keptTo = end
      } else for (let at = start; at < end; at++) bytes[at] = SPACE
    }
    if (keptTo === 0) return bytes
    if (length > keptTo) kept.push(bytes.subarray(keptTo, length))
    return kept.length === 0 ? undefined : concatenate(kept)
  }
}

/** The parts as one array: the part itself when there is but one. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
