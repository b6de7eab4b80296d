import type { DataPoint } from './aggregate-samples.ts'

export type Labels = Record<string, string>

export interface Range {
  startMs: number
  /** Inclusive. */
  endMs: number
}

/** A key of `/query` as something that can be read: a sampled metric, or a series of a cell in its tiers. */
export interface SeriesSource {
  /** Milliseconds between samples of a range that starts here. */
  stepMs(startMs: number): number
  /** How many buckets or samples `read` asks for, at most. */
  bucketsRead(range: Range): number
  /** Throws when samples of this range cannot be put into buckets of this length. */
  assertBucket(startMs: number, bucketMs: number): void
  /** Samples of the range, oldest first. Throws an `unknown_key` error when there is no such series. */
  read(range: Range): Promise<DataPoint[]>
  labels(startMs: number): Labels
  /** The newest value and the labels of where it was found; undefined when there is none. Throws as `read` does. */
  latest(): Promise<{ point: DataPoint; labels: Labels } | undefined>
}
