/** Reads what a window holds: sums, sketches and their course. */
import {
  CODE,
  countSketch,
  mergeSketches,
  SKETCH_LEVELS,
  SKETCH_RELATIVE_ERROR,
  type SketchCounters,
  type SketchKind,
  type StoreReader,
  type Sums,
} from '@aiwatch/store'
import type { LatencyPoint, Point } from '../../contract/index.ts'
import { isoOf } from '../instants.ts'
import { usdOf } from '../money.ts'
import { countCalls, countErrors, mergeAll } from '../sums.ts'
import { type CellSketches, quantilesSeconds, type Sketches, toFigures } from './figures.ts'
import { roundDown, type WindowPlan } from './plan-window.ts'

export type Cells = ReadonlySet<string> | undefined
interface Range {
  from: number
  to: number
}

export function onlyCells(sums: Map<string, Sums>, cells: Cells): Map<string, Sums> {
  return cells ? new Map([...sums].filter(([cell]) => cells.has(cell))) : sums
}

/** Sums per cell over a range of seconds. */
export async function readSums(reader: StoreReader, { from, to }: Range, cells: Cells): Promise<Map<string, Sums>> {
  return onlyCells(await reader.sums(from, to), cells)
}

type SketchPlan = Pick<WindowPlan, 'from' | 'to' | 'level' | 'minutesFrom'>

/** Hours are long: what is left of the window after the last whole one is taken from minutes. Where they are gone, the whole hour counts. */
function sketchRanges({ level, from, to, minutesFrom }: SketchPlan): [WindowPlan['level'], number, number][] {
  const start = roundDown(from, SKETCH_LEVELS[level].seconds)
  if (level !== '1h') return [[level, start, to]]
  const split = Math.max(start, minutesFrom)
  return [
    ['1h', start, split],
    ['1m', split, to],
  ]
}

async function readMerged(reader: StoreReader, kind: SketchKind, plan: SketchPlan, cells: Cells) {
  return mergeSketches(await Promise.all(sketchRanges(plan).map(([level, from, to]) => reader.sketch(level, kind, from, to, cells))))
}

/** What was measured in the window, all cells together. The start is rounded down to the sketches' buckets. */
async function readSketches(reader: StoreReader, plan: SketchPlan, cells: Cells): Promise<Sketches> {
  const [latency, firstToken, perOutputToken] = await Promise.all(
    (['latency', 'first_token', 'per_output_token'] as const).map((kind) => readMerged(reader, kind, plan, cells)),
  )
  return { latency: latency ?? [], firstToken: firstToken ?? [], perOutputToken: perOutputToken ?? [] }
}

/** What a window adds up to, and its sums per cell. */
export async function readFigures(reader: StoreReader, plan: WindowPlan, cells: Cells) {
  const [sums, sketches] = await Promise.all([readSums(reader, plan, cells), readSketches(reader, plan, cells)])
  return { sums, figures: toFigures(mergeAll(sums), sketches, plan.to - plan.from) }
}

/** The same for each cell. */
export async function readCellSketches(reader: StoreReader, plan: SketchPlan, cells: ReadonlySet<string>): Promise<CellSketches> {
  const found: CellSketches = new Map()
  const kinds = [
    ['latency', 'latency'],
    ['first_token', 'firstToken'],
    ['per_output_token', 'perOutputToken'],
  ] as const
  await Promise.all(
    kinds.flatMap(([kind, name]) =>
      sketchRanges(plan).map(async ([level, from, to]) => {
        for (const [cell, buckets] of await reader.cellSketches(level, kind, from, to, cells)) {
          const sketches = found.get(cell) ?? { latency: [], firstToken: [], perOutputToken: [] }
          found.set(cell, sketches)
          for (const { counters } of buckets) sketches[name].push(counters)
        }
      }),
    ),
  )
  return found
}

function pointOf(timestamp: number, sums: Sums): Point {
  return {
    timestamp,
    calls: countCalls(sums),
    errors: countErrors(sums),
    input_tokens: sums.get(CODE.inputTokens) ?? 0,
    output_tokens: sums.get(CODE.outputTokens) ?? 0,
    cost_usd: usdOf(sums, CODE.costNanoUsd),
  }
}

/** The course of the window: a point per step, empty ones too. */
export async function readPoints(reader: StoreReader, plan: WindowPlan, cells: Cells): Promise<Point[]> {
  const steps = await reader.steps(plan.tier, plan.from, plan.to, plan.stepSeconds, cells)
  const points: Point[] = []
  for (let start = roundDown(plan.from, plan.stepSeconds); start < plan.to; start += plan.stepSeconds) {
    points.push(pointOf(start * 1000, steps.get(start) ?? new Map()))
  }
  return points
}

/** Sketches of buckets, of one time perhaps several, by start of the step that they lie in. */
export function mergeSteps(
  buckets: readonly { start: number; counters: SketchCounters }[],
  stepSeconds: number,
): Map<number, SketchCounters> {
  const steps = new Map<number, SketchCounters[]>()
  for (const { start, counters } of buckets) {
    const step = roundDown(start, stepSeconds)
    const held = steps.get(step)
    if (held) held.push(counters)
    else steps.set(step, [counters])
  }
  return new Map([...steps].map(([step, sketches]) => [step, mergeSketches(sketches)]))
}

/** Sketches of a kind by start of the step. */
async function readStepSketches(
  reader: StoreReader,
  kind: SketchKind,
  plan: WindowPlan,
  cells: Cells,
): Promise<Map<number, SketchCounters>> {
  const buckets = await reader.sketches(plan.level, kind, roundDown(plan.from, SKETCH_LEVELS[plan.level].seconds), plan.to, cells)
  return mergeSteps(buckets, plan.latencyStepSeconds)
}

export async function readLatencyPoints(reader: StoreReader, plan: WindowPlan, cells: Cells): Promise<LatencyPoint[]> {
  const [latency, firstToken] = await Promise.all([
    readStepSketches(reader, 'latency', plan, cells),
    readStepSketches(reader, 'first_token', plan, cells),
  ])
  return [...latency]
    .sort((a, b) => a[0] - b[0])
    .map(([start, counters]) => {
      const [p50 = null, p95 = null, p99 = null] = quantilesSeconds(counters, [0.5, 0.95, 0.99])
      const [first = null] = quantilesSeconds(firstToken.get(start) ?? [], [0.5])
      return {
        timestamp: start * 1000,
        calls: countSketch(counters),
        latency_p50_seconds: p50,
        latency_p95_seconds: p95,
        latency_p99_seconds: p99,
        first_token_p50_seconds: first,
      }
    })
}

const iso = (seconds: number) => isoOf(seconds * 1000)

export const describeWindow = ({ from, to }: Range) => ({ from: iso(from), to: iso(to) })

export function describeAccuracy({ pastRetentionBefore }: WindowPlan) {
  return {
    percentile_error: SKETCH_RELATIVE_ERROR,
    past_retention_before: pastRetentionBefore === undefined ? null : iso(pastRetentionBefore),
  }
}
