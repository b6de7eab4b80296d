/** What answers for one tenant: its reader, and the questions of both ports. */
import { openReader, readWriters, requireBackend, type StoreReader } from '@aiwatch/store'
import { readAnalytics } from '../analytics/read-analytics.ts'
import { readExposition } from '../analytics/read-exposition.ts'
import { type IntegrityReport, readIntegrityReport } from '../analytics/read-integrity-report.ts'
import { listKeys } from '../analytics/series/list-keys.ts'
import { querySeries, querySeveral, readLatest } from '../analytics/series/query-series.ts'
import { singleFlight } from '../analytics/single-flight.ts'
import type { AnalyticsQuestions } from '../api/analytics-routes.ts'
import type { TimeseriesQuestions } from '../api/timeseries-routes.ts'
import { Answer, AnswerCache } from '../api/v1/answer-cache.ts'
import type { CollectorConfig } from '../config.ts'
import type { Log } from '../log.ts'
import type { OperationMetrics } from '../metrics/operation-metrics.ts'
import { renderMetrics } from '../metrics/render-metrics.ts'
import type { SeriesBackendName } from '../redis/check-redis.ts'
import type { RedisConnection } from '../redis/redis-connection.ts'

/** Memory for closed buckets: of the collector's own tenant as much as the reader takes by default, of each other one less. */
const OTHER_TENANT_CACHE_BYTES = 4 * 1024 * 1024

export interface TenantSources {
  connection: RedisConnection
  config: CollectorConfig
  log: Log
  operations: OperationMetrics
}

export interface Tenant extends AnalyticsQuestions, TimeseriesQuestions {
  reader: StoreReader
  /** With at most so many writers. */
  integrity(writers: number): Promise<IntegrityReport>
  /** How the tenant's series are kept; without data, how they would be. Rejects when this Redis cannot serve them. */
  backend(): Promise<SeriesBackendName>
}

export function openTenant(tenant: string, { connection, config, log, operations }: TenantSources): Tenant {
  const { redis } = connection
  const reader = openReader(redis, { tenant, ...(tenant === config.tenant ? {} : { cacheBytes: OTHER_TENANT_CACHE_BYTES }) })
  const ask = <Answer>(operation: string, question: () => Promise<Answer>) => operations.measure(operation, () => connection.ask(question))
  const limits = () => ({ nowMs: Date.now(), maxPoints: config.maxPoints, maxBuckets: config.maxBuckets })
  const answers = new AnswerCache(config.answerCacheMs)
  const readFamilies = () => ask('exposition', () => readExposition(reader, Date.now()))
  return {
    reader,
    backend: async () => {
      const [kept, served] = await Promise.all([reader.backend(), requireBackend(redis, tenant)])
      return kept ?? served
    },
    analytics: () => answers.get('analytics', async () => Answer.of(await ask('analytics', () => readAnalytics(reader, Date.now())))),
    metrics: singleFlight(() => renderMetrics({ log, connection, operations, readExposition: readFamilies })),
    integrity: (writers) =>
      ask('integrity', () => readIntegrityReport({ reader, readWriters: () => readWriters(redis, tenant, writers) }, Date.now())),
    query: (query) => ask('query_range', () => querySeries(reader, query, limits())),
    queries: (queries) => ask('query_multi_range', () => querySeveral(reader, queries, limits())),
    latest: (key) => ask('get_latest', () => readLatest(reader, key, Date.now())),
    keys: (question) => ask('list_keys', () => listKeys(reader, Date.now(), question)),
  }
}
