/** The metrics of a tenant's calls, from what Redis holds. */
import { CODE, callsCode, type Integrity, LATENCY_BUCKETS_SECONDS, OUTCOMES, type Sums } from '@aiwatch/store'
import { NANO_USD_PER_USD, usdOf } from '../analytics/money.ts'
import type { Exposition } from '../analytics/read-exposition.ts'
import { toSnakeCase } from '../analytics/snake-case.ts'
import { addSums, byModel, countCalls, countErrors, namesOf } from '../analytics/sums.ts'
import { counter, type Family, gauge, type Labels, type Sample } from './family.ts'
import { recentFamilies } from './recent-families.ts'

type Values = Sample[]

interface CellSums {
  labels: Labels
  sums: Sums
}

function withNames({ totals, cells }: Exposition): CellSums[] {
  // Two ids can have the same name for an instant (a cell whose name is under way); a series may be printed once only.
  const byName = new Map<string, CellSums>()
  for (const [id, sums] of totals) {
    const { app, provider, model } = namesOf(cells, id)
    const key = JSON.stringify([app, provider, model])
    const known = byName.get(key)
    if (known) addSums(known.sums, sums)
    else byName.set(key, { labels: { app, provider, model }, sums: new Map(sums) })
  }
  return [...byName.values()]
}

/** Counters per cell of one code, in `scale`-ths; cells that never had it are left out. */
function perCell(cells: readonly CellSums[], code: number, scale = 1): Values {
  return cells.filter(({ sums }) => sums.has(code)).map(({ labels, sums }) => ({ labels, value: (sums.get(code) ?? 0) / scale }))
}

function callsByOutcome(cells: readonly CellSums[]): Values {
  return cells.flatMap(({ labels, sums }) =>
    OUTCOMES.filter((outcome) => outcome === 'ok' || sums.has(callsCode(outcome))).map((outcome) => ({
      labels: { ...labels, outcome },
      value: sums.get(callsCode(outcome)) ?? 0,
    })),
  )
}

function tokensByDirection(cells: readonly CellSums[], inputCode: number, outputCode: number): Values {
  return cells.flatMap(({ labels, sums }) => [
    { labels: { ...labels, direction: 'input' }, value: sums.get(inputCode) ?? 0 },
    { labels: { ...labels, direction: 'output' }, value: sums.get(outputCode) ?? 0 },
  ])
}

function totalFamilies(exposition: Exposition): Family[] {
  const cells = withNames(exposition)
  const one = (name: string, help: string, code: number, scale?: number) => counter(name, help, perCell(cells, code, scale))
  return [
    counter('token_analytics_calls_total', 'Calls that ended, by outcome.', callsByOutcome(cells)),
    counter(
      'token_analytics_tokens_total',
      'Tokens; input includes cached ones, output includes reasoning.',
      tokensByDirection(cells, CODE.inputTokens, CODE.outputTokens),
    ),
    counter(
      'token_analytics_estimated_tokens_total',
      'The part of the tokens that no provider reported.',
      tokensByDirection(cells, CODE.estimatedInputTokens, CODE.estimatedOutputTokens),
    ),
    one('token_analytics_cache_read_tokens_total', 'Input tokens read from a prompt cache.', CODE.cacheReadTokens),
    one('token_analytics_cache_write_tokens_total', 'Input tokens written to a prompt cache.', CODE.cacheWriteTokens),
    one('token_analytics_reasoning_tokens_total', 'Output tokens spent on reasoning.', CODE.reasoningTokens),
    one('token_analytics_cost_usd_total', 'Cost in USD of the calls whose price is known.', CODE.costNanoUsd, NANO_USD_PER_USD),
    one('token_analytics_cache_saved_usd_total', 'USD that prompt caches saved.', CODE.cacheSavedNanoUsd, NANO_USD_PER_USD),
    one('token_analytics_unpriced_calls_total', 'Calls with usage whose model has no known price: in no cost.', CODE.unpricedCalls),
    one('token_analytics_wasted_tokens_total', 'Tokens of attempts whose answer nobody got.', CODE.wastedTokens),
    one('token_analytics_wasted_usd_total', 'Cost in USD of attempts whose answer nobody got.', CODE.wastedNanoUsd, NANO_USD_PER_USD),
    one('token_analytics_wasted_attempts_total', 'HTTP exchanges beyond the last of their call.', CODE.wastedAttempts),
  ]
}

function responseTimes(models: Map<string, Sums>): Values {
  const name = 'token_analytics_response_time_seconds'
  const values: Values = []
  for (const [model, sums] of models) {
    let count = 0
    for (const [index, bound] of [...LATENCY_BUCKETS_SECONDS, '+Inf'].entries()) {
      count += sums.get(CODE.latencyHistogram + index) ?? 0
      values.push({ metricName: `${name}_bucket`, labels: { model, le: bound }, value: count })
    }
    values.push({ metricName: `${name}_sum`, labels: { model }, value: (sums.get(CODE.durationMs) ?? 0) / 1000 })
    values.push({ metricName: `${name}_count`, labels: { model }, value: count })
  }
  return values
}

function modelUsage(models: Map<string, Sums>): Values {
  const values: Values = []
  for (const [model, sums] of models) {
    const calls = countCalls(sums)
    const usage: Record<string, number> = {
      requests: calls,
      errors: countErrors(sums),
      input_tokens: sums.get(CODE.inputTokens) ?? 0,
      output_tokens: sums.get(CODE.outputTokens) ?? 0,
      cost_usd: usdOf(sums, CODE.costNanoUsd),
      avg_response_time: calls > 0 ? (sums.get(CODE.durationMs) ?? 0) / calls / 1000 : 0,
    }
    for (const [metric, value] of Object.entries(usage)) values.push({ labels: { model, metric }, value })
  }
  return values
}

function integrityValues(integrity: Integrity): Values {
  return Object.entries(integrity).map(([name, value]) => ({ labels: { counter: toSnakeCase(name) }, value }))
}

export function tokenFamilies(exposition: Exposition): Family[] {
  const models = byModel(exposition.totals, exposition.cells)
  return [
    ...recentFamilies(exposition),
    gauge('token_analytics_model_usage', 'Usage of a model since the beginning.', modelUsage(models)),
    {
      name: 'token_analytics_response_time_seconds',
      help: 'Duration of calls in seconds, retries included, since the beginning.',
      type: 'histogram',
      values: responseTimes(models),
    },
    ...totalFamilies(exposition),
    counter(
      'token_analytics_integrity_total',
      'What was applied, refused, late or lost, since the beginning: batches for the counters named so, calls or rows for the others.',
      integrityValues(exposition.integrity),
    ),
  ]
}
