/** `GET /v1/models` and `/v1/models/{id}`. */
import { callsCode, ERROR_TYPES, type StoreReader, type Sums } from '@aiwatch/store'
import type { Figures, Model, Models } from '../../contract/index.ts'
import { QuestionError } from '../../errors.ts'
import { mergeAll, namesOf } from '../sums.ts'
import { breakDown } from './breakdown.ts'
import { type CellFilter, cellsThrough } from './cell-filter.ts'
import { type CellSketches, sketchesOf, toFigures } from './figures.ts'
import { groupByModel, type ModelGroup } from './model-groups.ts'
import { planBefore, planWindow, type WindowMs } from './plan-window.ts'
import {
  describeAccuracy,
  describeWindow,
  onlyCells,
  readCellSketches,
  readFigures,
  readLatencyPoints,
  readPoints,
  readSums,
} from './read-window.ts'

export type ModelSort = 'calls' | 'cost' | 'tokens' | 'errors' | 'latency'

const RANKS: Record<ModelSort, (figures: Figures) => number> = {
  calls: (figures) => figures.calls,
  cost: (figures) => figures.cost_usd,
  tokens: (figures) => figures.input_tokens + figures.output_tokens,
  errors: (figures) => figures.errors,
  latency: (figures) => figures.latency_p95_seconds ?? 0,
}

function toRow(group: ModelGroup, byCell: CellSketches, windowSeconds: number): Models['models'][number] {
  const { model, providers, apps, cells, sums } = group
  const figures = toFigures(sums, sketchesOf(cells, byCell), windowSeconds)
  return { model, providers, apps, figures, time_per_call: breakDown(sums) }
}

export interface ModelsQuestion {
  filter: CellFilter
  window: WindowMs
  sort: ModelSort
  limit: number
}

export async function answerModels(reader: StoreReader, { filter, window, sort, limit }: ModelsQuestion, nowMs: number): Promise<Models> {
  const plan = planWindow(window, nowMs)
  const [allSums, names] = await Promise.all([reader.sums(plan.from, plan.to), reader.cells()])
  const through = cellsThrough(filter, names)
  const sums = onlyCells(allSums, through)
  const byCell = await readCellSketches(reader, plan, new Set(sums.keys()))
  const rows = groupByModel(sums, names).map((group) => toRow(group, byCell, plan.to - plan.from))
  const rank = RANKS[sort]
  rows.sort((a, b) => rank(b.figures) - rank(a.figures) || a.model.localeCompare(b.model))
  return {
    window: describeWindow(plan),
    models: rows.slice(0, limit),
    models_in_all: rows.length,
    accuracy: describeAccuracy(plan),
  }
}

export interface ModelQuestion {
  model: string
  filter: Omit<CellFilter, 'model'>
  window: WindowMs
}

function countErrorTypes(sums: Sums): Model['errors'] {
  return ERROR_TYPES.map((type) => ({ error_type: type, calls: sums.get(callsCode(type)) ?? 0 }))
    .filter(({ calls }) => calls > 0)
    .sort((a, b) => b.calls - a.calls)
}

/** Throws an `unknown_key` error for a model that nothing was recorded for. */
export async function answerModel(reader: StoreReader, { model, filter, window }: ModelQuestion, nowMs: number): Promise<Model> {
  const plan = planWindow(window, nowMs)
  const names = await reader.cells()
  const cells = cellsThrough({ ...filter, model: [model] }, names) ?? new Set<string>()
  if (cells.size === 0)
    throw new QuestionError(
      'unknown_key',
      `nothing was recorded for the model ${JSON.stringify(model.slice(0, 200))} under this filter`,
      'id',
    )
  const before = planBefore(plan, nowMs)
  const [sums, byCell, previous, points, latencyPoints] = await Promise.all([
    readSums(reader, plan, cells),
    readCellSketches(reader, plan, cells),
    before ? readFigures(reader, before, cells) : undefined,
    readPoints(reader, plan, cells),
    readLatencyPoints(reader, plan, cells),
  ])
  const seconds = plan.to - plan.from
  const total = mergeAll(sums)
  const apps = new Map<string, string[]>()
  for (const cell of sums.keys()) {
    const app = namesOf(names, cell).app
    apps.set(app, [...(apps.get(app) ?? []), cell])
  }
  return {
    window: describeWindow(plan),
    step_seconds: plan.stepSeconds,
    model,
    providers: [...new Set([...cells].map((cell) => namesOf(names, cell).provider))].sort(),
    apps: [...apps]
      .map(([app, own]) => {
        const ownSums = mergeAll(new Map(own.map((cell) => [cell, sums.get(cell) as Sums])))
        return { app, figures: toFigures(ownSums, sketchesOf(own, byCell), seconds) }
      })
      .sort((a, b) => b.figures.calls - a.figures.calls),
    figures: toFigures(total, sketchesOf([...cells], byCell), seconds),
    previous: previous?.figures ?? null,
    time_per_call: breakDown(total),
    points,
    latency_step_seconds: plan.latencyStepSeconds,
    latency_points: latencyPoints,
    errors: countErrorTypes(total),
    accuracy: describeAccuracy(plan),
  }
}
