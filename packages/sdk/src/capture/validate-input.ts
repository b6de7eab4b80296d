/** Checks what a program hands to AIWatch. Nothing is thrown: what is wrong is reported by its field and left out, the rest is kept. */
import { OUTCOMES, type Outcome, type Usage } from '@aiwatch/store'
import { isObject } from '../dialects/reading.ts'
import type { Attribution } from './capture-types.ts'

export type Report = (error: TypeError) => void

/** One caller's input under a name, field by field. */
export class InputReader {
  readonly #source: Record<string, unknown>
  readonly #where: string
  readonly #report: Report

  constructor(source: unknown, where: string, report: Report) {
    this.#where = where
    this.#report = report
    if (!isObject(source)) report(new TypeError(`${where}: expected an object, got ${describe(source)}`))
    this.#source = isObject(source) ? source : {}
  }

  #wrong(field: string, expected: string): undefined {
    this.#report(new TypeError(`${this.#where}: ${field} must be ${expected}, got ${describe(this.#source[field])}`))
    return undefined
  }

  raw(field: string): unknown {
    return this.#source[field]
  }

  text(field: string): string | undefined {
    const value = this.#source[field]
    if (value === undefined || value === null) return undefined
    return typeof value === 'string' && value !== '' ? value : this.#wrong(field, 'a string that is not empty')
  }

  /** A name that the call cannot be without; `unknown` when it is missing or wrong. */
  name(field: string): string {
    if (this.#source[field] === undefined || this.#source[field] === null) this.#wrong(field, 'a string that is not empty')
    return this.text(field) ?? 'unknown'
  }

  amount(field: string): number | undefined {
    const value = this.#source[field]
    if (value === undefined || value === null) return undefined
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : this.#wrong(field, 'a number that is not negative')
  }

  count(field: string): number | undefined {
    const value = this.amount(field)
    return value === undefined || Number.isSafeInteger(value) ? value : this.#wrong(field, 'an integer')
  }

  flag(field: string): boolean | undefined {
    const value = this.#source[field]
    if (value === undefined || value === null) return undefined
    return typeof value === 'boolean' ? value : this.#wrong(field, 'true or false')
  }

  outcome(field: string): Outcome | undefined {
    const value = this.#source[field]
    if (value === undefined || value === null) return undefined
    return (OUTCOMES as readonly unknown[]).includes(value) ? (value as Outcome) : this.#wrong(field, `one of ${OUTCOMES.join(', ')}`)
  }

  attribution(): Attribution {
    const attribution: Attribution = {}
    const user = this.text('user')
    const session = this.text('session')
    const tags = this.tags('tags')
    if (user !== undefined) attribution.user = user
    if (session !== undefined) attribution.session = session
    if (tags) attribution.tags = tags
    return attribution
  }

  tags(field: string): Record<string, string> | undefined {
    const value = this.#source[field]
    if (value === undefined || value === null) return undefined
    if (!isObject(value)) return this.#wrong(field, 'an object of strings')
    const tags: Record<string, string> = {}
    for (const [name, tag] of Object.entries(value)) {
      if (tag === undefined || tag === null) continue
      if (typeof tag === 'string' || typeof tag === 'number' || typeof tag === 'boolean') tags[name] = String(tag)
      else this.#report(new TypeError(`${this.#where}: ${field}.${name} must be a string, got ${describe(tag)}`))
    }
    return tags
  }

  /** Token counts; a detail that is greater than its total is cut to it. */
  usage(): Partial<Usage> {
    const usage: Partial<Usage> = {}
    for (const field of USAGE_FIELDS) {
      const count = this.count(field)
      if (count !== undefined) usage[field] = count
    }
    return usage
  }

  /** The details of a complete usage, held to their totals. */
  subset(part: number | undefined, whole: number, field: string): number {
    if (part === undefined || part <= whole) return part ?? 0
    this.#report(new TypeError(`${this.#where}: ${field} must not exceed its total of ${whole}, got ${part}`))
    return whole
  }
}

const USAGE_FIELDS = [
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'reasoningTokens',
  'inputAudioTokens',
  'inputImageTokens',
  'outputAudioTokens',
  'outputImageTokens',
] as const

/** A complete usage out of what was given; undefined when nothing was. */
export function completeUsage(given: Partial<Usage>, reader: InputReader): Usage | undefined {
  if (Object.keys(given).length === 0) return undefined
  const inputTokens = given.inputTokens ?? 0
  const outputTokens = given.outputTokens ?? 0
  const cacheReadTokens = reader.subset(given.cacheReadTokens, inputTokens, 'cacheReadTokens')
  const cacheWriteTokens = reader.subset(given.cacheWriteTokens, inputTokens - cacheReadTokens, 'cacheWriteTokens')
  const usage: Usage = {
    inputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens,
    reasoningTokens: reader.subset(given.reasoningTokens, outputTokens, 'reasoningTokens'),
    source: 'reported',
  }
  if (given.cacheWrite1hTokens) usage.cacheWrite1hTokens = reader.subset(given.cacheWrite1hTokens, cacheWriteTokens, 'cacheWrite1hTokens')
  if (given.inputAudioTokens) usage.inputAudioTokens = reader.subset(given.inputAudioTokens, inputTokens, 'inputAudioTokens')
  if (given.inputImageTokens) usage.inputImageTokens = reader.subset(given.inputImageTokens, inputTokens, 'inputImageTokens')
  if (given.outputAudioTokens) usage.outputAudioTokens = reader.subset(given.outputAudioTokens, outputTokens, 'outputAudioTokens')
  if (given.outputImageTokens) usage.outputImageTokens = reader.subset(given.outputImageTokens, outputTokens, 'outputImageTokens')
  return usage
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string'
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `${typeof value}`
}
