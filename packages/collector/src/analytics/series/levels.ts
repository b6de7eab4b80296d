/** The lengths in which values are stored, and for how long. */
import { SETTLE_SECONDS, SKETCH_LEVELS, type SketchLevel, TIERS, type Tier } from '@aiwatch/store'

export interface Level<Name extends string = string> {
  /** Undefined for the sampled metrics, which have only one. */
  name: Name | undefined
  stepMs: number
  keepMs: number
  /** How long after the end of its bucket all of it has arrived, while Redis can be reached: until then the finer level knows more. */
  settleMs: number
}

export type CellSketchLevel = Exclude<SketchLevel, '10s'>

const SETTLE_MS = SETTLE_SECONDS * 1000
/** Writers send sketches of hours and days up to 60 s late. */
const COARSE_SKETCH_SETTLE_MS = SETTLE_MS + 60_000

const level = <Name extends string>(name: Name, { seconds, keepSeconds }: { seconds: number; keepSeconds: number }, settleMs: number) => ({
  name,
  stepMs: seconds * 1000,
  keepMs: keepSeconds * 1000,
  settleMs,
})

/** Finest first. */
export const TIER_LEVELS: readonly Level<Tier>[] = [
  level('10s', TIERS['10s'], 0),
  level('1m', TIERS['1m'], SETTLE_MS),
  level('1h', TIERS['1h'], SETTLE_MS),
]

/** Finest first. Those of single cells: sketches of 10 s are kept only for all cells together. */
export const CELL_SKETCH_LEVELS: readonly Level<CellSketchLevel>[] = [
  level('1m', SKETCH_LEVELS['1m'], SETTLE_MS),
  level('1h', SKETCH_LEVELS['1h'], COARSE_SKETCH_SETTLE_MS),
  level('1d', SKETCH_LEVELS['1d'], COARSE_SKETCH_SETTLE_MS),
]

/** Names that a caller may force. */
export const LEVEL_NAMES = ['10s', '1m', '1h', '1d'] as const
export type LevelName = (typeof LEVEL_NAMES)[number]
