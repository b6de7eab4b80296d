/** `GET /v1/costs`. */
import { type Board, type Cell, CODE, type StoreReader, type Sums, userKey } from '@aiwatch/store'
import type { Costs } from '../../contract/index.ts'
import { invalid } from '../../errors.ts'
import { toUsd, usdOf } from '../money.ts'
import { byName, countCalls, mergeAll } from '../sums.ts'
import { type CellFilter, cellsThrough, isFiltered } from './cell-filter.ts'
import { planWindow, type WindowMs, type WindowPlan } from './plan-window.ts'
import { describeWindow, onlyCells } from './read-window.ts'

export type CostsBy = 'model' | 'app' | 'provider' | 'user' | 'tag'

export interface CostsQuestion {
  filter: CellFilter
  window: WindowMs
  by: CostsBy
  user: string | undefined
  tag: string | undefined
  limit: number
}

const BOARD_SECONDS = 7 * 24 * 3600
/** Users and tags are found among this many of the best by money, calls and tokens. */
const MAX_MEMBERS = 1000

function assertBy({ by, user, tag, filter }: CostsQuestion, plan: WindowPlan, nowMs: number): void {
  if (user !== undefined && by !== 'user') throw invalid('user', 'user can be given with by=user only')
  if (tag !== undefined && by !== 'tag') throw invalid('tag', 'tag can be given with by=tag only')
  if (by !== 'user' && by !== 'tag') return
  if (isFiltered(filter)) {
    const field = (['app', 'provider', 'model'] as const).find((part) => filter[part]) as string
    throw invalid(field, `${field} cannot be combined with by=${by}: money of users and tags is kept for all apps and models together`)
  }
  if (plan.from < nowMs / 1000 - BOARD_SECONDS - 3600)
    throw invalid('from', `from must be at most 7 days back with by=${by}: money of users and tags is kept that long`)
}

function cellRows(sums: Map<string, Sums>, names: Map<string, Cell>, by: 'model' | 'app' | 'provider'): Costs['rows'] {
  return [...byName(sums, names, by)].map(([name, own]) => ({
    name,
    key: null,
    cost_usd: usdOf(own, CODE.costNanoUsd),
    calls: countCalls(own),
    tokens: (own.get(CODE.inputTokens) ?? 0) + (own.get(CODE.outputTokens) ?? 0),
    unpriced_calls: own.get(CODE.unpricedCalls) ?? 0,
    cache_saved_usd: usdOf(own, CODE.cacheSavedNanoUsd),
    wasted_usd: usdOf(own, CODE.wastedNanoUsd),
  }))
}

interface Gains {
  cost: number
  calls: number
  tokens: number
}

const GAINS = ['cost', 'calls', 'tokens'] as const

/** What the best members gained on the three boards of the hours of the window, most money first. */
async function boardGains(reader: StoreReader, kind: 'user' | 'tag', plan: WindowPlan): Promise<Map<string, Gains>> {
  const top = async (name: (typeof GAINS)[number]) =>
    new Map((await reader.top(`${kind}_${name}` as Board, plan.from, plan.to, MAX_MEMBERS)).map(({ member, value }) => [member, value]))
  const [cost, calls, tokens] = await Promise.all([top('cost'), top('calls'), top('tokens')])
  // Those without a known price are on no board of money.
  const members = new Set([...cost.keys(), ...calls.keys(), ...tokens.keys()])
  return new Map(
    [...members].map((member) => [
      member,
      { cost: cost.get(member) ?? 0, calls: calls.get(member) ?? Number.NaN, tokens: tokens.get(member) ?? Number.NaN },
    ]),
  )
}

/** The same of one user, whatever the rank; empty when nothing was gained. */
async function userGains(reader: StoreReader, key: string, plan: WindowPlan): Promise<Map<string, Gains>> {
  const [cost = 0, calls = 0, tokens = 0] = await Promise.all(
    GAINS.map(async (name) => {
      const hours = await reader.gains(`user_${name}`, key, plan.from, plan.to)
      return hours.reduce((sum, { value }) => sum + value, 0)
    }),
  )
  return new Map(cost + calls + tokens > 0 ? [[key, { cost, calls, tokens }]] : [])
}

const known = (value: number) => (Number.isNaN(value) ? null : value)

async function memberRows(reader: StoreReader, question: CostsQuestion, plan: WindowPlan): Promise<Costs['rows']> {
  const { by, user, tag, limit } = question
  const found = user === undefined ? await boardGains(reader, by as 'user' | 'tag', plan) : await userGains(reader, userKey(user), plan)
  const gains = [...found].filter(([member]) => tag === undefined || member.startsWith(`${tag}=`))
  const shown = gains.sort((a, b) => b[1].cost - a[1].cost || (b[1].tokens || 0) - (a[1].tokens || 0)).slice(0, limit)
  const totals = by === 'user' ? await reader.users(shown.map(([member]) => member)) : []
  return shown.map(([member, { cost, calls, tokens }], i) => ({
    name: by === 'user' ? (totals[i]?.name ?? member) : member,
    key: by === 'user' ? member : null,
    cost_usd: toUsd(cost),
    calls: known(calls),
    tokens: known(tokens),
    unpriced_calls: null,
    cache_saved_usd: null,
    wasted_usd: null,
  }))
}

export async function answerCosts(reader: StoreReader, question: CostsQuestion, nowMs: number): Promise<Costs> {
  const plan = planWindow(question.window, nowMs)
  assertBy(question, plan, nowMs)
  const { by, limit } = question
  const naming = reader.cells()
  const choosing = naming.then((names) => cellsThrough(question.filter, names))
  const [allSums, names, through, steps, members] = await Promise.all([
    reader.sums(plan.from, plan.to),
    naming,
    choosing,
    reader.steps(plan.tier, plan.from, plan.to, plan.stepSeconds, choosing),
    by === 'user' || by === 'tag' ? memberRows(reader, question, plan) : undefined,
  ])
  const sums = onlyCells(allSums, through)
  const total = mergeAll(sums)
  const rows = members ?? cellRows(sums, names, by as 'model' | 'app' | 'provider')
  const unpriced = cellRows(sums, names, 'model').filter((row) => (row.unpriced_calls ?? 0) > 0)
  return {
    window: describeWindow(plan),
    step_seconds: plan.stepSeconds,
    cost_usd: usdOf(total, CODE.costNanoUsd),
    unpriced_calls: total.get(CODE.unpricedCalls) ?? 0,
    unpriced_models: unpriced
      .map(({ name, unpriced_calls, tokens }) => ({ model: name, calls: unpriced_calls ?? 0, tokens: tokens ?? 0 }))
      .sort((a, b) => b.calls - a.calls),
    cache_saved_usd: usdOf(total, CODE.cacheSavedNanoUsd),
    wasted_usd: usdOf(total, CODE.wastedNanoUsd),
    wasted_attempts: total.get(CODE.wastedAttempts) ?? 0,
    rows: rows.sort((a, b) => b.cost_usd - a.cost_usd || a.name.localeCompare(b.name)).slice(0, limit),
    points: [...steps].map(([start, own]) => ({
      timestamp: start * 1000,
      cost_usd: usdOf(own, CODE.costNanoUsd),
      cache_saved_usd: usdOf(own, CODE.cacheSavedNanoUsd),
      wasted_usd: usdOf(own, CODE.wastedNanoUsd),
    })),
  }
}
