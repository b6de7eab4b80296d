/** The wiring of the collector: read this first. */
import { openReader } from '@aiwatch/store'
import { measureSlot } from './analytics/measure-slot.ts'
import { singleFlight } from './analytics/single-flight.ts'
import { analyticsRoutes } from './api/analytics-routes.ts'
import { type Authorise, createAuthorise, createKnownKeys, type KnownKeys } from './api/authorise.ts'
import { type AppOptions, createApp } from './api/create-app.ts'
import { docsRoutes } from './api/docs/docs-routes.ts'
import type { Health } from './api/health-route.ts'
import { timeseriesRoutes } from './api/timeseries-routes.ts'
import { createAnswers } from './api/v1/create-answers.ts'
import { mountedOperations } from './api/v1/mounted-operations.ts'
import { Replies } from './api/v1/replies.ts'
import { type CollectorConfig, type CollectorOptions, isLoopback, resolveConfig } from './config.ts'
import { redisAway } from './errors.ts'
import { type Publisher, startPublisher } from './jobs/publisher.ts'
import { type Sampler, startSampler } from './jobs/sampler.ts'
import { type Listening, listen } from './listen.ts'
import { createLog, type Log } from './log.ts'
import { assertMayListen } from './may-listen.ts'
import { createOperationMetrics, type OperationMetrics } from './metrics/operation-metrics.ts'
import { renderMetrics } from './metrics/render-metrics.ts'
import { measureRequests } from './metrics/request-metrics.ts'
import { checkRedis } from './redis/check-redis.ts'
import { readRedisState } from './redis/read-redis-state.ts'
import { openRedisConnection, type RedisConnection } from './redis/redis-connection.ts'
import { serveStream } from './stream/serve-stream.ts'
import { StreamHubs } from './stream/stream-hubs.ts'
import { createSystemMeter, type SystemMeter } from './system/read-system-state.ts'
import { BoundedMap } from './tenants/bounded-map.ts'
import { openTenant, type Tenant } from './tenants/open-tenant.ts'
import { VERSION } from './version.ts'

export interface Collector {
  analyticsUrl: string
  timeseriesUrl: string
  close(): Promise<void>
}

/** How long the start waits for Redis, and the end for requests under way. */
const REDIS_START_MS = 1000
const CLOSE_GRACE_MS = 1000
/** Tenants whose readers are kept, with what they cached. */
const MAX_OPEN_TENANTS = 100

interface Parts {
  connection: RedisConnection
  config: CollectorConfig
  log: Log
  keys: KnownKeys
  sampler: Sampler | undefined
}

interface Answering extends Parts {
  operations: OperationMetrics
  tenants: BoundedMap<Tenant>
  hubs: StreamHubs
  meter: SystemMeter
  authorise: Authorise
  replies: Replies
}

function openAnswering(parts: Parts): Answering {
  const { connection, config, log, keys } = parts
  const operations = createOperationMetrics()
  const tenants = new BoundedMap(MAX_OPEN_TENANTS, (tenant) => openTenant(tenant, { connection, config, log, operations }))
  const { authorise, authoriseNow } = createAuthorise({ keys, defaultTenant: config.tenant, isLoopback: isLoopback(config.listen) })
  return {
    ...parts,
    operations,
    tenants,
    hubs: new StreamHubs((tenant) => ({ reader: tenants.get(tenant).reader, ask: connection.ask, log })),
    meter: createSystemMeter(),
    authorise,
    replies: new Replies(authoriseNow),
  }
}

function healthOf({ connection, config, sampler, tenants }: Answering): () => Promise<Health> {
  const startedMs = Date.now()
  return singleFlight(async () => {
    const { check } = await checkRedis(connection, () => tenants.get(config.tenant).backend())
    return {
      status: check.status === 'up' ? 'ok' : 'unavailable',
      version: VERSION,
      uptime_seconds: Math.round((Date.now() - startedMs) / 1000),
      checks: { redis: check, sampler: sampler?.check() ?? { status: 'off' } },
    }
  })
}

/** The metrics of this process alone: which figures of a tenant may be told is not known. */
function ownMetricsOf({ connection, log, operations }: Answering): () => Promise<string> {
  const readExposition = () => Promise.reject(redisAway(connection.trouble() ?? 'API keys cannot be read yet'))
  return singleFlight(() => renderMetrics({ log, connection, operations, readExposition }))
}

function operationsOf({ connection, config, log, sampler, tenants, hubs, meter, authorise, replies }: Answering) {
  const { redis, ask } = connection
  const answers = createAnswers({
    tenantOf: (tenant) => tenants.get(tenant),
    ask,
    maxQueries: config.maxQueries,
    redisState: async (tenant) => readRedisState({ redis, tenant, timeseries: await tenants.get(tenant).backend() }),
    systemState: () => {
      const { status, last_slot = null } = sampler?.check() ?? { status: 'off' }
      return meter.read({ status, last_slot })
    },
  })
  return mountedOperations({
    answers,
    authorise,
    log,
    serveStream: (request, response, { caller, query }) => serveStream(request, response, query, hubs.of(caller.tenant)),
    maxBodyBytes: config.maxBodyBytes,
    cacheMs: config.answerCacheMs,
    replies,
  })
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

async function listenOnBoth(answering: Answering): Promise<[Listening, Listening]> {
  const { config, log, authorise, operations, tenants, replies } = answering
  const { maxBodyBytes, maxQueries, listen: host, tenant: defaultTenant } = config
  const common = {
    version: VERSION,
    log,
    maxBodyBytes,
    authorise,
    measure: measureRequests(operations.registry),
    defaultTenant,
    isLoopback: isLoopback(host),
  } satisfies Partial<AppOptions>
  const questions = { of: (tenant: string) => tenants.get(tenant), health: healthOf(answering), ownMetrics: ownMetricsOf(answering) }
  const analyticsApp = createApp({
    ...common,
    name: 'aiwatch analytics',
    routes: [...analyticsRoutes(questions, replies), ...docsRoutes(VERSION)],
    mounted: operationsOf(answering),
    replies,
  })
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
 * Starts a collector: both ports, the sampler and the publisher. Redis need not be there yet. Throws a ConfigError for a setting that cannot be used
 * (an address beyond loopback while there is no API key is one), an Error that names the setting when a port cannot be had.
 */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const config = resolveConfig(options)
  const log = createLog(config.logLevel)
  const connection = openRedisConnection(config.redisUrl, config.redisTimeoutMs)
  connection.redis.on('ready', () => log.info('Redis is ready'))
  const keys = createKnownKeys(connection)
  let sampler: Sampler | undefined
  let publisher: Publisher | undefined
  let answering: Answering | undefined
  const stop = () => {
    sampler?.stop()
    publisher?.stop()
    answering?.hubs.close()
    answering?.meter.close()
  }
  try {
    await connection.settled(REDIS_START_MS)
    const trouble = connection.trouble()
    if (trouble) log.error('Redis cannot be used yet; requests are answered with 503 until it can', { reason: trouble })
    await assertMayListen({ address: config.listen, tenant: config.tenant, keys, connection, log })
    sampler = openSampler(connection, config, log)
    publisher = config.publisher ? startPublisher({ connection, log }) : undefined
    answering = openAnswering({ connection, config, log, keys, sampler })
    const [analytics, timeseries] = await listenOnBoth(answering)
    log.info('collector listens', { analytics: analytics.url, timeseries: timeseries.url, tenant: config.tenant })
    return {
      analyticsUrl: analytics.url,
      timeseriesUrl: timeseries.url,
      close: async () => {
        stop()
        await Promise.all([analytics.close(CLOSE_GRACE_MS), timeseries.close(CLOSE_GRACE_MS)])
        connection.close()
      },
    }
  } catch (error) {
    stop()
    connection.close()
    throw error
  }
}
