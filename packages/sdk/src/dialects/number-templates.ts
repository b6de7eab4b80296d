/**
 * Reads JSON texts that one program writes again and again with other numbers in them, such as usage: once one has been parsed, the next are
 * recognised by what stands between the numbers, which are read in place. That takes a tenth of the time, and little code, which matters where
 * each answer finds it gone from the processor's caches.
 */
import { isObject, type JsonObject } from './reading.ts'

/** Providers and versions of theirs that one program calls at a time. */
const MAX_TEMPLATES = 4
/** A text with more of them is not worth it. */
const MAX_NUMBERS = 32
/** Digits of a number that every double of it is exact in. */
const MAX_DIGITS = 15

const ZERO = 48
const NINE = 57

/** Strings, which are passed over, and numbers. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g
const COUNT = new RegExp(`^(?:0|[1-9]\\d{0,${MAX_DIGITS - 1}})$`)

interface Slot {
  /** Where the number stands in the parsed value; undefined when a later field of the same name hides it. */
  holder: JsonObject | undefined
  key: string
}

/** Where each of the numbers stands; they were made different from each other. */
function findSlots(value: unknown, slots: Slot[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value)) {
    if (typeof child === 'number') slots[child] = { holder: value as JsonObject, key }
    else findSlots(child, slots)
  }
}

/** `text` without its numbers, and where each of them belongs. */
class NumberTemplate {
  private readonly head: string
  /** What follows each number. */
  private readonly texts: readonly string[]
  private readonly slots: readonly Slot[]
  private readonly value: JsonObject

  private constructor(head: string, texts: readonly string[], slots: readonly Slot[], value: JsonObject) {
    this.head = head
    this.texts = texts
    this.slots = slots
    this.value = value
  }

  /** Of the members of an object, with the brace that closes it. Undefined when not all numbers are counts. */
  static of(text: string): NumberTemplate | undefined {
    const texts: string[] = []
    let from = 0
    for (const { 0: token, index } of text.matchAll(TOKENS)) {
      if (token.startsWith('"')) continue
      if (!COUNT.test(token)) return undefined
      texts.push(text.slice(from, index))
      from = index + token.length
    }
    if (texts.length === 0 || texts.length > MAX_NUMBERS) return undefined
    texts.push(text.slice(from))
    const value: unknown = JSON.parse(`{${texts.reduce((whole, part, i) => `${whole}${i - 1}${part}`)}`)
    if (!isObject(value)) return undefined
    const slots = Array.from(texts.slice(1), (): Slot => ({ holder: undefined, key: '' }))
    findSlots(value, slots)
    return new NumberTemplate(texts[0] as string, texts.slice(1), slots, value)
  }

  /** Undefined when the text from `from` to `to` is another one. */
  read(text: string, from: number, to: number): JsonObject | undefined {
    const { head, slots, texts } = this
    if (!text.startsWith(head, from)) return undefined
    let at = from + head.length
    for (let i = 0; i < slots.length; i++) {
      const start = at
      let number = 0
      for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(++at)) number = number * 10 + code - ZERO
      const isCount = at > start && at - start <= MAX_DIGITS && (text.charCodeAt(start) !== ZERO || at === start + 1)
      if (!isCount || !text.startsWith(texts[i] as string, at)) return undefined
      at += (texts[i] as string).length
      const { holder, key } = slots[i] as Slot
      if (holder) holder[key] = number
    }
    return at === to ? this.value : undefined
  }
}

/** Texts that are not alike are not worth more templates than this, and one more for each time that one was of use. */
const MAX_IN_VAIN = 16

export class NumberTemplates {
  private readonly templates: NumberTemplate[] = []
  private credit = MAX_IN_VAIN

  /**
   * The object whose members, with the brace that closes it, stand in the text from `from` to `to`. It is the same one again and again: it must
   * be read before the next call, and nothing of it kept. Throws a SyntaxError when it is no JSON.
   */
  parse(text: string, from: number, to = text.length): JsonObject {
    for (const template of this.templates) {
      const value = template.read(text, from, to)
      if (!value) continue
      this.credit = Math.min(this.credit + 1, MAX_IN_VAIN)
      return value
    }
    const members = text.slice(from, to)
    const value: unknown = JSON.parse(`{${members}`)
    if (!isObject(value)) throw new SyntaxError('not an object')
    this.learn(members)
    return value
  }

  private learn(members: string): void {
    if (this.credit === 0) return
    this.credit--
    const template = NumberTemplate.of(members)
    if (!template) return
    if (this.templates.length >= MAX_TEMPLATES) this.templates.pop()
    this.templates.unshift(template)
  }
}
