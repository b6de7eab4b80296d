import type { Redis } from 'ioredis'

/** What INFO says about the server, as far as the collector shows it. */
export interface ServerInfo {
  kind: ServerKind
  version: string
  /** `standalone`, `sentinel` or `cluster`. */
  mode: string
  role: string
  uptimeSeconds: number
  usedMemoryBytes: number
  peakMemoryBytes: number
  /** 0: no limit. */
  maxMemoryBytes: number
  /** Of the machine; 0 where the server does not say it. */
  systemMemoryBytes: number
  fragmentationRatio: number
  connectedClients: number
  evictedKeys: number
  commandsProcessed: number
  /** Set while the server reads its files at start. */
  loading: boolean
  /** Version of the TimeSeries module, such as `1.12.2`; undefined without it. */
  timeseriesVersion?: string
}

/** `stack`: Redis before 8 with the TimeSeries module, whatever package it came in; Redis 8 has the module built in. */
export type ServerKind = 'redis' | 'stack' | 'valkey'

const FIRST_MAJOR_WITH_MODULE = 8

/** From the line `module:name=timeseries,ver=11202,…` of INFO: two digits each for minor and patch. */
function timeseriesVersion(info: string): string | undefined {
  const version = /^module:name=timeseries,ver=(\d+)/m.exec(info)?.[1]
  if (!version) return undefined
  const number = Number(version)
  return `${Math.floor(number / 10_000)}.${Math.floor(number / 100) % 100}.${number % 100}`
}

function kindOf(fields: Map<string, string>, timeseries: string | undefined): ServerKind {
  if (fields.has('valkey_version')) return 'valkey'
  return timeseries && Number.parseInt(fields.get('redis_version') ?? '', 10) < FIRST_MAJOR_WITH_MODULE ? 'stack' : 'redis'
}

/** The fields of an INFO reply. Valkey answers in the same form, with `valkey_version` beside a `redis_version` it is compatible with. */
export function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return fields
}

export function toServerInfo(info: string): ServerInfo {
  const fields = parseInfo(info)
  const timeseries = timeseriesVersion(info)
  const number = (name: string) => {
    const value = Number(fields.get(name))
    return Number.isFinite(value) ? value : 0
  }
  const valkey = fields.get('valkey_version')
  return {
    kind: kindOf(fields, timeseries),
    version: valkey ? `valkey ${valkey}` : (fields.get('redis_version') ?? 'unknown'),
    mode: fields.get('redis_mode') ?? fields.get('server_mode') ?? 'standalone',
    role: fields.get('role') ?? 'unknown',
    uptimeSeconds: number('uptime_in_seconds'),
    usedMemoryBytes: number('used_memory'),
    peakMemoryBytes: number('used_memory_peak'),
    maxMemoryBytes: number('maxmemory'),
    systemMemoryBytes: number('total_system_memory'),
    fragmentationRatio: number('mem_fragmentation_ratio'),
    connectedClients: number('connected_clients'),
    evictedKeys: number('evicted_keys'),
    commandsProcessed: number('total_commands_processed'),
    loading: fields.get('loading') === '1',
    ...(timeseries === undefined ? {} : { timeseriesVersion: timeseries }),
  }
}

export async function readServerInfo(redis: Redis): Promise<ServerInfo> {
  return toServerInfo(await redis.info())
}
