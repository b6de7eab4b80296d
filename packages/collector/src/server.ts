/** The wiring of the collector: read this first. */
import { openReader, readWriters, resolveBackend } from '@aiwatch/store'
import { measureSlot } from './analytics/measure-slot.ts'
import { readAnalytics } from './analytics/read-analytics.ts'
import { readExposition } from './analytics/read-exposition.ts'
import { readIntegrityReport } from './analytics/read-integrity-report.ts'
import { listKeys } from './analytics/series/list-keys.ts'
import { querySeries, querySeveral, readLatest } from './analytics/series/query-series.ts'
import { singleFlight } from './analytics/single-flight.ts'
import { type AnalyticsQuestions, analyticsRoutes } from './api/analytics-routes.ts'
import { createApp } from './api/create-app.ts'
import type { Health } from './api/health-route.ts'
import { type TimeseriesQuestions, timeseriesRoutes } from './api/timeseries-routes.ts'
import { type CollectorConfig, type CollectorOptions, resolveConfig } from './config.ts'
import { type Publisher, startPublisher } from './jobs/publisher.ts'
import { type Sampler, startSampler } from './jobs/sampler.ts'
import { type Listening, listen } from './listen.ts'
import { createLog, type Log } from './log.ts'
import { createOperationMetrics } from './metrics/operation-metrics.ts'
import { renderMetrics } from './metrics/render-metrics.ts'
import { checkRedis } from './redis/check-redis.ts'
import { openRedisConnection, type RedisConnection } from './redis/redis-connection.ts'
import { VERSION } from './version.ts'

export interface Collector {
  analyticsUrl: string
  timeseriesUrl: string
  close(): Promise<void>
}

/** How long the start waits for Redis, and the end for requests under way. */
const REDIS_START_MS = 1000
const CLOSE_GRACE_MS = 1000

type Questions = AnalyticsQuestions & TimeseriesQuestions

interface Parts {
  connection: RedisConnection
  config: CollectorConfig
  log: Log
  sampler: Sampler | undefined
}

function answerFrom({ connection, config, log, sampler }: Parts): Questions {
  const operations = createOperationMetrics()
  const reader = openReader(connection.redis, { tenant: config.tenant })
  const startedMs = Date.now()
  const ask = <Answer>(operation: string, question: () => Promise<Answer>) => operations.measure(operation, () => connection.ask(question))
  const limits = () => ({ nowMs: Date.now(), maxPoints: config.maxPoints, maxBuckets: config.maxBuckets })

  const backend = async () => (await reader.backend()) ?? (await resolveBackend(connection.redis, config.tenant)).backend
  const health = async (): Promise<Health> => {
    const { check } = await checkRedis(connection, backend)
    return {
      status: check.status === 'up' ? 'ok' : 'unavailable',
      version: VERSION,
      uptime_seconds: Math.round((Date.now() - startedMs) / 1000),
      checks: { redis: check, sampler: sampler?.check() ?? { status: 'off' } },
    }
  }
  const readFamilies = () => ask('exposition', () => readExposition(reader, Date.now()))
  return {
    analytics: singleFlight(() => ask('analytics', () => readAnalytics(reader, Date.now()))),
    metrics: singleFlight(() => renderMetrics({ log, connection, operations, readExposition: readFamilies })),
    health: singleFlight(health),
    integrity: (writers) =>
      ask('integrity', () =>
        readIntegrityReport({ reader, readWriters: () => readWriters(connection.redis, config.tenant, writers) }, Date.now()),
      ),
    query: (query) => ask('query_range', () => querySeries(reader, query, limits())),
    queries: (queries) => ask('query_multi_range', () => querySeveral(reader, queries, limits())),
    latest: (key) => ask('get_latest', () => readLatest(reader, key, Date.now())),
    keys: (question) => ask('list_keys', () => listKeys(reader, Date.now(), question)),
  }
}

function openSampler(connection: RedisConnection, config: CollectorConfig, log: Log): Sampler | undefined {
  if (!config.sampler) return undefined
  return startSampler({
    connection,
    log,
    tenant: config.tenant,
    measure: (tenant, slotMs) => measureSlot(openReader(connection.redis, { tenant, now: () => slotMs }), slotMs),
  })
}

async function listenOnBoth(questions: Questions, config: CollectorConfig, log: Log): Promise<[Listening, Listening]> {
  const { maxBodyBytes, maxQueries, listen: host } = config
  const common = { version: VERSION, log, maxBodyBytes }
  const analyticsApp = createApp({ ...common, name: 'aiwatch analytics', routes: analyticsRoutes(questions) })
  const timeseriesApp = createApp({ ...common, name: 'aiwatch time series', routes: timeseriesRoutes(questions, { maxQueries }) })
  const analytics = await listen(analyticsApp, { host, port: config.analyticsPort, setting: 'ANALYTICS_PORT' })
  try {
    return [analytics, await listen(timeseriesApp, { host, port: config.timeseriesPort, setting: 'TIMESERIES_PORT' })]
  } catch (error) {
    await analytics.close(0)
    throw error
  }
}

/**
 * Starts a collector: both ports, the sampler and the publisher. Redis need not be there yet. Throws a ConfigError for a setting that cannot be used,
 * an Error that names the setting when a port cannot be had.
 */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const config = resolveConfig(options)
  const log = createLog(config.logLevel)
  const connection = openRedisConnection(config.redisUrl, config.redisTimeoutMs)
  connection.redis.on('ready', () => log.info('Redis is ready'))
  let sampler: Sampler | undefined
  let publisher: Publisher | undefined
  const stopJobs = () => {
    sampler?.stop()
    publisher?.stop()
  }
  try {
    await connection.settled(REDIS_START_MS)
    const trouble = connection.trouble()
    if (trouble) log.error('Redis cannot be used yet; requests are answered with 503 until it can', { reason: trouble })
    sampler = openSampler(connection, config, log)
    publisher = startPublisher({ connection, log })
    const [analytics, timeseries] = await listenOnBoth(answerFrom({ connection, config, log, sampler }), config, log)
    log.info('collector listens', { analytics: analytics.url, timeseries: timeseries.url, tenant: config.tenant })
    return {
      analyticsUrl: analytics.url,
      timeseriesUrl: timeseries.url,
      close: async () => {
        stopJobs()
        await Promise.all([analytics.close(CLOSE_GRACE_MS), timeseries.close(CLOSE_GRACE_MS)])
        connection.close()
      },
    }
  } catch (error) {
    stopJobs()
    connection.close()
    throw error
  }
}
