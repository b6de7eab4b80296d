/** `GET /v1/overview`. Everything is asked at once; under a filter the names of cells come first, which the reader knows after the first time. */
import { bucketStart, type Cell, CODE, type StoreReader, type Sums } from '@aiwatch/store'
import type { Overview } from '../../contract/index.ts'
import { byModel, countCalls, mergeAll } from '../sums.ts'
import { ACTIVE_WINDOWS_MS, bucketsWithOpen, DAY_BUCKETS } from '../windows.ts'
import { type CellFilter, cellsThrough, isFiltered } from './cell-filter.ts'
import { toFigures, usdOf } from './figures.ts'
import { planWindow, type WindowMs, type WindowPlan } from './plan-window.ts'
import { describeAccuracy, describeWindow, readLatencyPoints, readPoints, readSketches, readSums } from './read-window.ts'

const TOP = 10
const DAY_SECONDS = 86_400
type Cells = ReadonlySet<string> | undefined

async function readFigures(reader: StoreReader, plan: WindowPlan, cells: Cells) {
  const [sums, sketches] = await Promise.all([readSums(reader, plan, cells), readSketches(reader, plan, cells)])
  return { sums, figures: toFigures(mergeAll(sums), sketches, plan.to - plan.from) }
}

/** The window of the same length before; undefined when it is not kept. */
function planBefore(plan: WindowPlan, nowMs: number): WindowPlan | undefined {
  const length = plan.to - plan.from
  const before = planWindow({ fromMs: (plan.from - length) * 1000, toMs: plan.from * 1000 }, nowMs)
  return before.pastRetentionBefore === undefined ? before : undefined
}

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
  const [active, top] = await Promise.all([reader.active(ACTIVE_WINDOWS_MS), reader.topUsers('user_tokens', day.from, day.to, TOP)])
  return {
    active: {
      users_5m: active.users[0] ?? 0,
      users_1h: active.users[2] ?? 0,
      users_24h: active.users[3] ?? 0,
      sessions_30m: active.sessions[4] ?? 0,
    },
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
    cost_usd: cost / 1e9,
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
