/** What a dialect learns of one answer, event by event. */
import type { ErrorType, Usage } from '@aiwatch/store'

export type TokenCounts = Omit<Usage, 'source'>

export type JsonObject = Record<string, unknown>

export interface Reading {
  /** As the provider named it. */
  model?: string
  /** Counts that the provider sent. Cumulative where it sends them often: the last ones stand. */
  counts?: TokenCounts
  /** Usage that came before the answer, and its counts: the input is final, the output is not. */
  startUsage?: JsonObject
  startCounts?: TokenCounts
  /** Output that the provider counted where it said nothing of the input. */
  outputAlone?: number
  /** The answer carried an error, or ended in one, whatever its HTTP status. */
  error?: ErrorType
  /** The answer said that it is whole: the terminal event arrived. */
  finished: boolean
  /** A choice said why it stopped; some servers send nothing after that. */
  stopped: boolean
  /** Events that carried content. An estimate of the output tokens where no counts arrive. */
  contentEvents: number
  /** Characters of the answer, of whole replies without usage only. */
  contentCharacters: number
  /** Cost that the provider reported, in nano-USD. */
  costNanoUsd?: number
  /** Measured by the provider, in milliseconds. */
  queueMs?: number
  prefillMs?: number
  decodeMs?: number
  /** Where the last event that bore plain text had it, from its first character to the quote after it; 0 when it had none. */
  textStart: number
  textEnd: number
  /** What could not be read. Field names and reasons, never values. */
  problems: string[]
}

export function newReading(): Reading {
  return { finished: false, stopped: false, contentEvents: 0, contentCharacters: 0, textStart: 0, textEnd: 0, problems: [] }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readModel(source: JsonObject, reading: Reading): void {
  if (typeof source.model === 'string' && source.model !== '') reading.model = source.model
}
