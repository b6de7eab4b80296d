import type { Redis } from 'ioredis'

/** What INFO says about the server, as far as the collector shows it. */
export interface ServerInfo {
  version: string
  /** `standalone`, `sentinel` or `cluster`. */
  mode: string
  role: string
  uptimeSeconds: number
  usedMemoryBytes: number
  peakMemoryBytes: number
  /** 0: no limit. */
  maxMemoryBytes: number
  fragmentationRatio: number
  connectedClients: number
  evictedKeys: number
  commandsProcessed: number
  /** Set while the server reads its files at start. */
  loading: boolean
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

export function toServerInfo(fields: Map<string, string>): ServerInfo {
  const number = (name: string) => {
    const value = Number(fields.get(name))
    return Number.isFinite(value) ? value : 0
  }
  const valkey = fields.get('valkey_version')
  return {
    version: valkey ? `valkey ${valkey}` : (fields.get('redis_version') ?? 'unknown'),
    mode: fields.get('redis_mode') ?? fields.get('server_mode') ?? 'standalone',
    role: fields.get('role') ?? 'unknown',
    uptimeSeconds: number('uptime_in_seconds'),
    usedMemoryBytes: number('used_memory'),
    peakMemoryBytes: number('used_memory_peak'),
    maxMemoryBytes: number('maxmemory'),
    fragmentationRatio: number('mem_fragmentation_ratio'),
    connectedClients: number('connected_clients'),
    evictedKeys: number('evicted_keys'),
    commandsProcessed: number('total_commands_processed'),
    loading: fields.get('loading') === '1',
  }
}

export async function readServerInfo(redis: Redis): Promise<ServerInfo> {
  return toServerInfo(parseInfo(await redis.info()))
}
