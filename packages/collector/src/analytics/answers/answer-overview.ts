/** `GET /v1/overview`. Everything is asked at once; under a filter the names of cells come first, which the reader knows after the first time. */
import { bucketStart, type Cell, CODE, type StoreReader, type Sums } from '@aiwatch/store'
import type { Overview } from '../../contract/index.ts'
import { toUsd, usdOf } from '../money.ts'
import { readActive } from '../read-active.ts'
import { byModel, countCalls, mergeAll } from '../sums.ts'
import { bucketsWithOpen, DAY_BUCKETS } from '../windows.ts'
import { type CellFilter, cellsThrough, isFiltered } from './cell-filter.ts'
import { describeActive } from './describe-active.ts'
import { planBefore, planWindow, type WindowMs } from './plan-window.ts'
import { type Cells, describeAccuracy, describeWindow, readFigures, readLatencyPoints, readPoints, readSums } from './read-window.ts'

const TOP = 10
const DAY_SECONDS = 86_400

async function readCosts(reader: StoreReader, nowMs: number, cells: Cells) {
  const now = nowMs / 1000
  const midnight = bucketStart(nowMs, DAY_SECONDS)
  const cost = async (from: number, to: number) => usdOf(mergeAll(await readSums(reader, { from, to }, cells)), CODE.costNanoUsd)
  const [today, yesterday, soFar] = await Promise.all([
    cost(midnight, now + 10),
    cost(midnight - DAY_SECONDS, midnight),
    cost(midnight - DAY_SECONDS, now - DAY_SECONDS),
  ])
  return { cost_today_usd: today, cost_yesterday_usd: yesterday, cost_yesterday_so_far_usd: soFar }
}

async function readAudience(reader: StoreReader, nowMs: number): Promise<Pick<Overview, 'active' | 'top_users'>> {
  const day = bucketsWithOpen(nowMs, DAY_BUCKETS)
  const [active, top] = await Promise.all([readActive(reader), reader.topUsers('user_tokens', day.from, day.to, TOP)])
  return {
    active: describeActive(active),
    top_users: top.map(({ member, value, totals }) => ({ user_id: totals?.name ?? member, key: member, tokens: value })),
  }
}

function mixOf(sums: Map<string, Sums>, cells: Map<string, Cell>): Overview['models'] {
  const rows = [...byModel(sums, cells)].map(([model, own]) => ({ model, calls: countCalls(own), cost: own.get(CODE.costNanoUsd) ?? 0 }))
  rows.sort((a, b) => b.calls - a.calls || a.model.localeCompare(b.model))
  const all = rows.reduce((total, row) => total + row.calls, 0)
  const rest = rows.slice(TOP).reduce((sum, row) => ({ model: 'other', calls: sum.calls + row.calls, cost: sum.cost + row.cost }), {
    model: 'other',
    calls: 0,
    cost: 0,
  })
  return [...rows.slice(0, TOP), ...(rest.calls > 0 ? [rest] : [])].map(({ model, calls, cost }) => ({
    model,
    calls,
    share_of_calls: all > 0 ? calls / all : 0,
    cost_usd: toUsd(cost),
  }))
}

export async function answerOverview(reader: StoreReader, filter: CellFilter, window: WindowMs, nowMs: number): Promise<Overview> {
  const plan = planWindow(window, nowMs)
  const before = planBefore(plan, nowMs)
  const cells = isFiltered(filter) ? cellsThrough(filter, await reader.cells()) : undefined
  const [names, current, previous, audience, costs, points, latencyPoints] = await Promise.all([
    reader.cells(),
    readFigures(reader, plan, cells),
    before ? readFigures(reader, before, cells) : undefined,
    cells ? { active: null, top_users: null } : readAudience(reader, nowMs),
    readCosts(reader, nowMs, cells),
    readPoints(reader, plan, cells),
    readLatencyPoints(reader, plan, cells),
  ])
  return {
    window: describeWindow(plan),
    previous_window: describeWindow({ from: plan.from - (plan.to - plan.from), to: plan.from }),
    step_seconds: plan.stepSeconds,
    figures: current.figures,
    previous: previous?.figures ?? null,
    ...audience,
    points,
    latency_step_seconds: plan.latencyStepSeconds,
    latency_points: latencyPoints,
    models: mixOf(current.sums, names),
    ...costs,
    accuracy: describeAccuracy(plan),
  }
}
