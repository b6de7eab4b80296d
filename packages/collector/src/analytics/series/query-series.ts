/** The questions of port 8082. Each asks everything it needs at once: one round trip to Redis. */
import { listSeriesNames, type StoreReader } from '@aiwatch/store'
import { invalid, QuestionError, unknownKey } from '../../errors.ts'
import { type Aggregation, aggregateSamples, type DataPoint } from './aggregate-samples.ts'
import { openCellSeries } from './cell-series.ts'
import { isSeedKey, openSeedSeries, SEED_KEYS } from './seed-series.ts'
import type { Labels, SeriesSource } from './series-source.ts'

export interface SeriesQuery {
  key: string
  /** Milliseconds since the epoch; both ends are inclusive. */
  startMs: number
  endMs: number
  aggregation: Aggregation | undefined
  bucketMs: number | undefined
}

export interface SeriesAnswer {
  key: string
  data: DataPoint[]
  labels: Labels
}

export interface LatestAnswer extends DataPoint {
  key: string
  labels: Labels
}

export interface QueryLimits {
  nowMs: number
  /** Most points in the answer of one query. */
  maxPoints: number
  /** Most stored buckets read for all queries of a request. */
  maxBuckets: number
}

function openSeries(reader: StoreReader, key: string, nowMs: number): SeriesSource {
  return isSeedKey(reader.tenant, key) ? openSeedSeries(reader, key, nowMs) : openCellSeries(reader, key, nowMs)
}

/** Refuses before anything is read. The bound is on what the range could hold, whatever is in it. */
function assertPoints(series: SeriesSource, { startMs, endMs, aggregation, bucketMs }: SeriesQuery, maxPoints: number): void {
  if (aggregation !== undefined && bucketMs === undefined) return
  const stepMs = bucketMs ?? series.stepMs(startMs)
  const points = Math.floor((endMs - startMs) / stepMs) + 1
  if (points <= maxPoints) return
  throw bucketMs === undefined
    ? invalid('start_time', `the range could hold ${points} points, at most ${maxPoints} are answered: move start_time, or aggregate`)
    : invalid(
        'bucket_duration',
        `the range holds ${points} buckets, at most ${maxPoints} are answered: raise bucket_duration or move start_time`,
      )
}

/** Refuses before anything is read. An aggregation makes an answer small, not what it is computed from. */
function assertBuckets(buckets: number, takenBuckets: number, maxBuckets: number): void {
  if (takenBuckets + buckets <= maxBuckets) return
  const others = takenBuckets === 0 ? '' : `, the queries before it ${takenBuckets}`
  throw invalid(
    'start_time',
    `the range holds ${buckets} stored buckets${others}, at most ${maxBuckets} are read for a request: move start_time`,
  )
}

interface Plan {
  query: SeriesQuery
  series: SeriesSource
  /** What the query reads. */
  buckets: number
}

/** Throws what can be said against the query without Redis. `takenBuckets` are read for other queries of the request. */
function planQuery(reader: StoreReader, query: SeriesQuery, limits: QueryLimits, takenBuckets: number): Plan {
  const series = openSeries(reader, query.key, limits.nowMs)
  if (query.bucketMs !== undefined) series.assertBucket(query.startMs, query.bucketMs)
  assertPoints(series, query, limits.maxPoints)
  const buckets = series.bucketsRead(query)
  assertBuckets(buckets, takenBuckets, limits.maxBuckets)
  return { query, series, buckets }
}

async function readPlan({ query, series }: Plan): Promise<SeriesAnswer> {
  const samples = await series.read(query)
  const { key, aggregation, bucketMs, startMs } = query
  const data = aggregation === undefined ? samples : aggregateSamples(samples, { aggregation, bucketMs, startMs })
  return { key, data, labels: series.labels(startMs) }
}

export async function querySeries(reader: StoreReader, query: SeriesQuery, limits: QueryLimits): Promise<SeriesAnswer> {
  return readPlan(planQuery(reader, query, limits, 0))
}

/** The error as the answer of one query; errors that concern no single query are thrown on. */
function toAnswer(error: unknown): QuestionError {
  if (error instanceof QuestionError && error.kind !== 'redis_away') return error
  throw error
}

function planSeveral(reader: StoreReader, queries: readonly SeriesQuery[], limits: QueryLimits): (Plan | QuestionError)[] {
  let takenBuckets = 0
  return queries.map((query) => {
    try {
      const plan = planQuery(reader, query, limits, takenBuckets)
      takenBuckets += plan.buckets
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
): Promise<(SeriesAnswer | QuestionError)[]> {
  const plans = planSeveral(reader, queries, limits)
  return Promise.all(plans.map((plan) => (plan instanceof QuestionError ? plan : readPlan(plan).catch(toAnswer))))
}

export async function readLatest(reader: StoreReader, key: string, nowMs: number): Promise<LatestAnswer> {
  const found = await openSeries(reader, key, nowMs).latest()
  if (!found) throw unknownKey(key, 'it has no value yet')
  return { key, ...found.point, labels: found.labels }
}

export interface KeyRow {
  key: string
  labels: Labels
}

/** The sampled metrics, and every series of a cell that has a value, by name. At most `limit`. */
export async function listKeys(reader: StoreReader, nowMs: number, limit: number): Promise<{ keys: KeyRow[]; truncated: boolean }> {
  const all = [...SEED_KEYS, ...(await listSeriesNames(reader))]
  const keys = all.slice(0, limit).map((key) => {
    const { tier: _, ...labels } = openSeries(reader, key, nowMs).labels(nowMs)
    return { key, labels }
  })
  return { keys, truncated: all.length > limit }
}
