/** How many columns of a terminal a text takes. Names come from anywhere: wide characters, emoji, escape sequences. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** First and last code points of wide ranges, from EastAsianWidth.txt of Unicode 16 (W and F, without emoji, which a property tells). */
const WIDE_RANGES: readonly [number, number][] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2fb],
  [0x20000, 0x3fffd],
]

/** Control characters would move the cursor or colour the screen; bidirectional ones would reorder the row. */
const UNPRINTABLE = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069\uFEFF]/gu
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

function isWide(codePoint: number): boolean {
  return WIDE_RANGES.some(([first, last]) => codePoint >= first && codePoint <= last)
}

function graphemeWidth(grapheme: string): number {
  const codePoint = grapheme.codePointAt(0) as number
  if (codePoint < 0x300) return 1
  if (ZERO_WIDTH.test(grapheme)) return 0
  return EMOJI.test(grapheme) || isWide(codePoint) ? 2 : 1
}

/** The text with every character that a terminal would obey replaced by `?`. */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, '?')
}

/** Columns that a printable text takes. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment)
  return width
}

/** The text, cut to at most `columns` with an ellipsis, and filled up to them with spaces. */
export function fitColumns(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const safe = printable(text)
  let fitted = safe
  let width = displayWidth(safe)
  if (width > columns) {
    fitted = ''
    width = 0
    for (const { segment } of segmenter.segment(safe)) {
      const next = graphemeWidth(segment)
      if (width + next > columns - 1) break
      fitted += segment
      width += next
    }
    if (columns > 0) {
      fitted += '…'
      width++
    }
  }
  const fill = ' '.repeat(Math.max(0, columns - width))
  return align === 'left' ? fitted + fill : fill + fitted
}
