/** `GET /v1/errors`. */
import { callsCode, ERROR_TYPES, type ErrorPattern, type ErrorType, type StoreReader } from '@aiwatch/store'
import type { Errors } from '../../contract/index.ts'
import { invalid } from '../../errors.ts'
import { isoOrNull } from '../instants.ts'
import { countCalls, countErrors, errorRate, mergeAll, namesOf } from '../sums.ts'
import { type CellFilter, cellsThrough } from './cell-filter.ts'
import { planWindow, type WindowMs } from './plan-window.ts'
import { describeWindow, onlyCells } from './read-window.ts'

export interface ErrorsQuestion {
  filter: CellFilter
  window: WindowMs
  outcome: string | undefined
}

function typesOf(outcome: string | undefined): readonly ErrorType[] {
  if (outcome === undefined) return ERROR_TYPES
  const type = ERROR_TYPES.find((name) => name === outcome)
  if (!type) throw invalid('outcome', `outcome must be one of ${ERROR_TYPES.join(', ')}, got ${JSON.stringify(outcome)}`)
  return [type]
}

function seenBy(patterns: readonly ErrorPattern[]): Map<string, ErrorPattern> {
  return new Map(patterns.map((pattern) => [`${pattern.type} ${pattern.cell}`, pattern]))
}

export async function answerErrors(reader: StoreReader, { filter, window, outcome }: ErrorsQuestion, nowMs: number): Promise<Errors> {
  const types = typesOf(outcome)
  const plan = planWindow(window, nowMs)
  const naming = reader.cells()
  const choosing = naming.then((names) => cellsThrough(filter, names))
  const [allSums, names, through, known, stepSums] = await Promise.all([
    reader.sums(plan.from, plan.to),
    naming,
    choosing,
    reader.errors(),
    reader.steps(plan.tier, plan.from, plan.to, plan.stepSeconds, choosing),
  ])
  const sums = onlyCells(allSums, through)
  const seen = seenBy(known)
  const patterns: Errors['patterns'] = []
  for (const [id, own] of sums) {
    const calls = countCalls(own)
    for (const type of types) {
      const count = own.get(callsCode(type)) ?? 0
      if (count <= 0) continue
      const cell = namesOf(names, id)
      const pattern = seen.get(`${type} ${id}`)
      patterns.push({
        error_type: type,
        app: cell.app,
        provider: cell.provider,
        model: cell.model,
        calls: count,
        share_of_calls: count / calls,
        first_seen: isoOrNull(pattern?.firstSeenMs),
        last_seen: isoOrNull(pattern?.lastSeenMs),
        is_new: (pattern?.firstSeenMs ?? 0) >= plan.from * 1000,
      })
    }
  }
  const steps = [...stepSums]
  const heatmap = types.map((type) => ({
    error_type: type,
    buckets: steps
      .map(([start, own]) => ({ timestamp: start * 1000, calls: own.get(callsCode(type)) ?? 0 }))
      .filter(({ calls }) => calls > 0),
  }))
  const total = mergeAll(sums)
  return {
    window: describeWindow(plan),
    step_seconds: plan.stepSeconds,
    calls: countCalls(total),
    errors: countErrors(total),
    error_rate: errorRate(total),
    patterns: patterns.sort((a, b) => b.calls - a.calls || a.model.localeCompare(b.model)),
    heatmap: heatmap.filter((row) => row.buckets.length > 0),
  }
}
