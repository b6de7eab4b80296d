import type { Frame } from './frame.ts'

/** One part of a reply of the API, as what a panel shows. */
export interface Part<Reply> {
  /** For the query editor. */
  title(): string
  toFrames(reply: Reply): Frame[]
}

export type Parts<Reply> = Record<string, Part<Reply>>
