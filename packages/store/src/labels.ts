/**
 * Names of apps, providers and models as labels. RedisTimeSeries 1.12 refuses or misreads `%`, `,`, `(`, `)`, `=` and `!` in
 * label values, so they and control characters are percent-encoded there, and decoded when read.
 */
import { createHash } from 'node:crypto'

/** Longest label in bytes. */
export const MAX_LABEL_BYTES = 128
const HASH_CHARACTERS = 8

function encodeWhere(text: string, mustEncode: (code: number) => boolean): string {
  let encoded = ''
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    encoded += code < 0x80 && mustEncode(code) ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : text[i]
  }
  return encoded
}

const LABEL_SPECIALS = new Set([...'%,()=!'].map((character) => character.charCodeAt(0)))
const isLabelSpecial = (code: number) => code < 0x20 || code === 0x7f || LABEL_SPECIALS.has(code)

/**
 * A name as it is kept: empty becomes `unknown`; lone surrogates become U+FFFD; one whose encoded form is over 128 bytes is cut
 * between characters and gets `~` and a hash of the whole, so that different names stay different.
 */
export function boundLabel(name: string): string {
  if (name === '') return 'unknown'
  const whole = name.isWellFormed() ? name : name.toWellFormed()
  if (whole.length <= MAX_LABEL_BYTES / 3 || Buffer.byteLength(encodeLabel(whole)) <= MAX_LABEL_BYTES) return whole
  const hash = createHash('sha256').update(whole).digest('base64url').slice(0, HASH_CHARACTERS)
  let room = MAX_LABEL_BYTES - HASH_CHARACTERS - 1
  let cut = ''
  for (const character of whole) {
    room -= Buffer.byteLength(encodeLabel(character))
    if (room < 0) break
    cut += character
  }
  return `${cut}~${hash}`
}

/** The form of a bounded name as a RedisTimeSeries label value. */
export function encodeLabel(name: string): string {
  return encodeWhere(name, isLabelSpecial)
}

/** The form of a bounded name as a part of a series' HTTP name: `:` is encoded as well. */
export function encodeNamePart(name: string): string {
  return encodeWhere(name, (code) => code === 0x3a || isLabelSpecial(code))
}

/** Undoes `encodeLabel` and `encodeNamePart`; text that is not percent-encoded comes back as it is. */
export function decodeLabel(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
