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

export async function querySeries(
  reader: StoreReader,
  query: SeriesQuery,
  options: { nowMs: number; maxPoints: number },
): Promise<SeriesAnswer> {
  const series = openSeries(reader, query.key, options.nowMs)
  if (query.bucketMs !== undefined) series.assertBucket(query.startMs, query.bucketMs)
  assertPoints(series, query, options.maxPoints)
  const samples = await series.read(query)
  const { key, aggregation, bucketMs, startMs } = query
  const data = aggregation === undefined ? samples : aggregateSamples(samples, { aggregation, bucketMs, startMs })
  return { key, data, labels: series.labels(startMs) }
}

/** Answers or errors, in the order asked. Errors that concern no single query are thrown. */
export function querySeveral(
  reader: StoreReader,
  queries: readonly SeriesQuery[],
  options: { nowMs: number; maxPoints: number },
): Promise<(SeriesAnswer | QuestionError)[]> {
  return Promise.all(
    queries.map(async (query) => {
      try {
        return await querySeries(reader, query, options)
      } catch (error) {
        if (error instanceof QuestionError && error.kind !== 'redis_away') return error
        throw error
      }
    }),
  )
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
