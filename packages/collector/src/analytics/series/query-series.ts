/** The questions of port 8082. Each asks everything it needs at once: one round trip to Redis, and one more the first time names are needed. */
import type { StoreReader } from '@aiwatch/store'
import { QuestionError, unknownKey } from '../../errors.ts'
import { isPercentile } from './aggregations.ts'
import { parseCellKey } from './cell-key.ts'
import { SKETCH_ONLY } from './cell-metrics.ts'
import { openCellSeries } from './cell-series.ts'
import type { DataPoint } from './data-point.ts'
import { hasLearnedCells, learnCells } from './known-cells.ts'
import type { LabelAnswer } from './label-answer.ts'
import { planLabelQuery, sketchOnly } from './plan-label-query.ts'
import { assertBuckets, type Labels, type PlannedQuery } from './planned-query.ts'
import { isSeedKey, openSeedSeries } from './seed-series.ts'
import type { KeyQuery, LabelQuery, QueryLimits, SeriesQuery } from './series-query.ts'
import type { SeriesAnswer, SeriesSource } from './series-source.ts'
import { planSketchSeries } from './sketch-series.ts'

export interface LatestAnswer extends DataPoint {
  key: string
  labels: Labels
}

export type QueryAnswer = SeriesAnswer | LabelAnswer

const asksLabels = (query: SeriesQuery): query is LabelQuery => 'metric' in query

export function openSeries(reader: StoreReader, key: string, nowMs: number): SeriesSource {
  return isSeedKey(reader.tenant, key) ? openSeedSeries(reader, key) : openCellSeries(reader, key, nowMs)
}

function planKeyQuery(reader: StoreReader, query: KeyQuery, limits: QueryLimits): PlannedQuery<SeriesAnswer> {
  const { key, aggregation } = query
  if (!isSeedKey(reader.tenant, key)) {
    const sketched = isPercentile(aggregation) ? planSketchSeries(reader, { ...query, aggregation }, limits) : undefined
    if (sketched) return sketched
    if (parseCellKey(key).metric === SKETCH_ONLY) throw sketchOnly()
  }
  return openSeries(reader, key, limits.nowMs).plan(query, limits)
}

/** Throws what can be said against the query without Redis. `taken` buckets are read for other queries of the request. */
function planQuery(reader: StoreReader, query: SeriesQuery, limits: QueryLimits, taken: number): PlannedQuery<QueryAnswer> {
  const plan = asksLabels(query) ? planLabelQuery(reader, query, limits) : planKeyQuery(reader, query, limits)
  assertBuckets(plan.buckets, taken, limits.maxBuckets)
  return plan
}

/** The error as the answer of one query; errors that concern no single query are thrown on. */
function toAnswer(error: unknown): QuestionError {
  if (error instanceof QuestionError && error.kind !== 'redis_away') return error
  throw error
}

function planSeveral(
  reader: StoreReader,
  queries: readonly SeriesQuery[],
  limits: QueryLimits,
): (PlannedQuery<QueryAnswer> | QuestionError)[] {
  let taken = 0
  return queries.map((query) => {
    try {
      const plan = planQuery(reader, query, limits, taken)
      taken += plan.buckets
      return plan
    } catch (error) {
      return toAnswer(error)
    }
  })
}

/**
 * Answers or errors, in the order asked. Errors that concern no single query are thrown. The limit on buckets holds for all together:
 * a query that does not fit beside those before it is refused, and takes no room from those behind it.
 */
export async function querySeveral(
  reader: StoreReader,
  queries: readonly SeriesQuery[],
  limits: QueryLimits,
): Promise<(QueryAnswer | QuestionError)[]> {
  if (queries.some(asksLabels) && !hasLearnedCells(reader)) await learnCells(reader)
  const plans = planSeveral(reader, queries, limits)
  return Promise.all(plans.map((plan) => (plan instanceof QuestionError ? plan : plan.read().catch(toAnswer))))
}

export async function querySeries(reader: StoreReader, query: SeriesQuery, limits: QueryLimits): Promise<QueryAnswer> {
  const [answer] = await querySeveral(reader, [query], limits)
  if (answer instanceof QuestionError) throw answer
  return answer as QueryAnswer
}

export async function readLatest(reader: StoreReader, key: string, nowMs: number): Promise<LatestAnswer> {
  const found = await openSeries(reader, key, nowMs).latest()
  if (!found) throw unknownKey(key, 'it has no value yet')
  return { key, ...found.point, labels: found.labels }
}
