/** The state of Redis as `/health` and `/metrics` show it. */

import { parseInfo, readServerInfo, type ServerInfo, type ServerKind } from './read-server-info.ts'
import type { RedisConnection } from './redis-connection.ts'

export type SeriesBackendName = 'plain' | 'module'

export interface RedisCheck {
  status: 'up' | 'down'
  latency_ms?: number
  mode?: string
  kind?: ServerKind
  /** How the tenant's series are kept: as RedisTimeSeries or in hashes. Of a tenant without data: how they would be. */
  timeseries?: SeriesBackendName
  version?: string
  role?: string
  error?: string
}

const LOADING_PROBE_MS = 500

/** While Redis loads its files it answers INFO and nothing else; ioredis lets it through before the connection is ready. */
async function readLoadingState(connection: RedisConnection): Promise<string | undefined> {
  if (connection.redis.status !== 'connect') return undefined
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LOADING_PROBE_MS, undefined)
  })
  try {
    const text = await Promise.race([connection.redis.info('persistence'), tooLate])
    if (text === undefined) return undefined
    const fields = parseInfo(text)
    if (fields.get('loading') !== '1') return undefined
    return `LOADING: Redis is loading its data, ${fields.get('loading_eta_seconds') ?? '?'} s to go`
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

export interface RedisState {
  check: RedisCheck
  /** Absent while Redis is down. */
  info?: ServerInfo
}

/**
 * One PING, timed, INFO, and in what form the series are kept, told by `backend` (undefined: no data yet). Never throws, and takes no longer than the
 * connection's time limit.
 */
export async function checkRedis(
  connection: RedisConnection,
  backend: () => Promise<SeriesBackendName | undefined> = async () => undefined,
): Promise<RedisState> {
  try {
    const started = performance.now()
    let latencyMs = 0
    const [info, kept] = await connection.ask(() =>
      Promise.all([
        readServerInfo(connection.redis),
        backend(),
        connection.redis.ping().then(() => {
          latencyMs = performance.now() - started
        }),
      ]),
    )
    const { version, kind, mode, role } = info
    const timeseries = kept ?? (info.timeseriesVersion ? 'module' : 'plain')
    return { check: { status: 'up', latency_ms: Math.round(latencyMs * 100) / 100, mode, kind, timeseries, version, role }, info }
  } catch (error) {
    const reason = (await readLoadingState(connection)) ?? (error as Error).message.replace(/^Redis does not answer: /, '')
    return { check: { status: 'down', error: reason } }
  }
}
