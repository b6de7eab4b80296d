/** All checks of `aiwatch doctor`, in the order in which they are shown. */
import { connectRedis, type RedisClient, toStoreError } from '@aiwatch/store'
import { readConfig } from '../../config.ts'
import type { FoundRedis } from '../find-redis.ts'
import type { StartFile } from '../start-file.ts'
import { collectorChecks, type PortQuestion } from './check-collector.ts'
import { permissionChecks } from './check-permissions.ts'
import { serverChecks } from './check-server.ts'
import { settingChecks } from './check-settings.ts'
import { speedChecks } from './check-speed.ts'
import { tenantChecks } from './check-tenant.ts'
import { type Check, type Finding, ok, problem } from './finding.ts'
import { type LookedAtRedis, openRedis } from './open-redis.ts'
import { runChecks } from './run-checks.ts'

export interface Examination {
  redis: FoundRedis
  /** The address without its password. */
  redisShown: string
  collector: URL
  tenant: string
  environment: NodeJS.ProcessEnv
  startFile: StartFile | undefined
}

const KINDS = { redis: 'Redis', stack: 'Redis with RedisTimeSeries', valkey: 'Valkey' }

/** In a cluster the tenant's keys are on the node of their slot: that client finds it. */
function tenantClient({ redis, server }: LookedAtRedis, urls: readonly string[]): { client: RedisClient; close(): void } {
  if (server.mode !== 'cluster') return { client: redis, close: () => {} }
  return connectRedis(urls, { role: 'reader', commandTimeoutMs: 3000, connectTimeoutMs: 3000, connectionName: 'aiwatch-doctor' })
}

async function examineRedis({ redis: found, redisShown, tenant }: Examination): Promise<Finding[]> {
  let looked: LookedAtRedis
  try {
    looked = await openRedis(found.urls[0] as string)
  } catch (error) {
    const from = found.source === 'default' ? 'the default, since nothing else is set' : `from ${found.source}`
    const what = `${redisShown} (${from}) cannot be used: ${toStoreError(error).message}`
    const advice = 'start it (npm start brings one), or give its address by --redis or AIWATCH_REDIS_URL'
    return [{ check: 'redis', ...problem(what, advice) }]
  }
  const { client, close } = tenantClient(looked, found.urls)
  try {
    const { kind, timeseriesVersion } = looked.server
    const reachable: Check = { name: 'redis', run: async () => ok(`${KINDS[kind]} answers at ${redisShown}`) }
    const checks = [...serverChecks(looked), ...speedChecks(looked), ...permissionChecks(looked, tenant)]
    return await runChecks([reachable, ...checks, ...tenantChecks({ redis: client, tenant, timeseriesVersion })])
  } finally {
    close()
    looked.redis.disconnect()
  }
}

function portOf(environment: NodeJS.ProcessEnv, setting: string, fallback: number): number {
  try {
    const config = readConfig({ [setting]: environment[setting] })
    return setting === 'ANALYTICS_PORT' ? config.analyticsPort : config.timeseriesPort
  } catch {
    return fallback
  }
}

function portsOf(environment: NodeJS.ProcessEnv): PortQuestion[] {
  const host = environment['AIWATCH_LISTEN'] || '127.0.0.1'
  return [
    { host, port: portOf(environment, 'ANALYTICS_PORT', 8081), name: 'aiwatch analytics', setting: 'ANALYTICS_PORT' },
    { host, port: portOf(environment, 'TIMESERIES_PORT', 8082), name: 'aiwatch time series', setting: 'TIMESERIES_PORT' },
  ].filter(({ port }) => port !== 0)
}

/** Runs every check; what cannot be looked at is a finding as well. */
export async function examine(examination: Examination): Promise<Finding[]> {
  const { environment, startFile, collector } = examination
  const own = await runChecks(settingChecks({ environment, startFile, nodeVersion: process.versions.node }))
  const redis = await examineRedis(examination)
  const ports = portsOf(environment)
  return [...own, ...redis, ...(await runChecks(collectorChecks({ url: collector, ports })))]
}
