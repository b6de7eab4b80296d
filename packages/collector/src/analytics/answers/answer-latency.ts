/** `GET /v1/latency`. */
import { countSketch, mergeSketches, SKETCH_LEVELS, type SketchCounters, type SketchKind, type StoreReader } from '@aiwatch/store'
import type { Latency } from '../../contract/index.ts'
import { countCalls } from '../sums.ts'
import { breakDown } from './breakdown.ts'
import { type CellFilter, cellsThrough } from './cell-filter.ts'
import { quantilesSeconds } from './figures.ts'
import { groupByModel } from './model-groups.ts'
import { planWindow, roundDown, type WindowMs } from './plan-window.ts'
import { describeAccuracy, describeWindow, mergeSteps, onlyCells } from './read-window.ts'

const MAX_MODELS = 20

export interface LatencyQuestion {
  filter: CellFilter
  window: WindowMs
  kind: SketchKind
}

type ModelLatency = Latency['models'][number]

function pointsOf(steps: Map<number, SketchCounters>): ModelLatency['points'] {
  return [...steps]
    .sort((a, b) => a[0] - b[0])
    .map(([start, counters]) => {
      const [p50 = null, p95 = null, p99 = null] = quantilesSeconds(counters, [0.5, 0.95, 0.99])
      return { timestamp: start * 1000, calls: countSketch(counters), p50_seconds: p50, p95_seconds: p95, p99_seconds: p99 }
    })
}

export async function answerLatency(reader: StoreReader, { filter, window, kind }: LatencyQuestion, nowMs: number): Promise<Latency> {
  const plan = planWindow(window, nowMs)
  const [allSums, names] = await Promise.all([reader.sums(plan.from, plan.to), reader.cells()])
  const groups = groupByModel(onlyCells(allSums, cellsThrough(filter, names)), names)
    .sort((a, b) => countCalls(b.sums) - countCalls(a.sums) || a.model.localeCompare(b.model))
    .slice(0, MAX_MODELS)
  const cells = new Set(groups.flatMap((group) => group.cells))
  const byCell = await reader.cellSketches(plan.level, kind, roundDown(plan.from, SKETCH_LEVELS[plan.level].seconds), plan.to, cells)
  const models = groups.map((group): ModelLatency => {
    const buckets = group.cells.flatMap((cell) => byCell.get(cell) ?? [])
    const whole = mergeSketches(buckets.map(({ counters }) => counters))
    const [p50 = null, p90 = null, p95 = null, p99 = null] = quantilesSeconds(whole, [0.5, 0.9, 0.95, 0.99])
    return {
      model: group.model,
      calls: countSketch(whole),
      p50_seconds: p50,
      p90_seconds: p90,
      p95_seconds: p95,
      p99_seconds: p99,
      time_per_call: breakDown(group.sums),
      points: pointsOf(mergeSteps(buckets, plan.latencyStepSeconds)),
    }
  })
  return { window: describeWindow(plan), step_seconds: plan.latencyStepSeconds, models, accuracy: describeAccuracy(plan) }
}
