/** What an endpoint hands over to be delivered. */
import type { AnswerPlan } from './plan-answer.ts'

/** One server-sent event. */
export interface Frame {
  text: string
  /** Visible output tokens that it carries. */
  tokens: number
  /** Sent at once, before the model has its first token. */
  isEarly?: boolean
}

export interface JsonAnswer {
  kind: 'json'
  plan: AnswerPlan
  body: string
}

export interface StreamAnswer {
  kind: 'stream'
  plan: AnswerPlan
  frames: Frame[]
  /** Some frame carries usage. */
  sendsUsage: boolean
  /** What stands in the place of the second half when the stream is to fail (faults `stream_error` and `failed`). */
  failure: { error: string; failed: string }
}

export type Answer = JsonAnswer | StreamAnswer

/** Laid over the usage that an endpoint made; a null control leaves it out. Serialised as the field's value. */
export function overrideUsage(usage: object, override: Record<string, unknown> | null | undefined): object | undefined {
  if (override === null) return undefined
  return override === undefined ? usage : { ...usage, ...override }
}

/** How many frames are sent before a stream breaks: half of them, one with content at least. */
export function breakingPoint(frames: readonly Frame[]): number {
  const firstContent = frames.findIndex((frame) => frame.tokens > 0)
  return Math.max(firstContent + 1, frames.length >> 1)
}
