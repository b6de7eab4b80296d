/** The state of Redis as `GET /v1/redis` tells it. What a managed Redis does not let us look at is null. */
import type { Redis } from 'ioredis'
import { Memory } from '../analytics/answers/memory.ts'
import type { RedisState } from '../contract/index.ts'
import { parseInfo, toServerInfo } from './read-server-info.ts'
import { sampleKeyFamilies } from './sample-key-families.ts'

const SLOW_LOG_ENTRIES = 20
const MAX_COMMAND_CHARACTERS = 200

type SlowLog = RedisState['slow_log']

/** Keys of a tenant go on after its name; those of the whole server (`aiw:{keys}`) do not. */
const TENANT_TAG = /\{[^{}]*\}:?/g

/** A command's arguments may hold names: they are shown when all its keys are the tenant's, else only the command is. */
function describeCommand(parts: readonly string[], tenant: string): string {
  const tags = parts.flatMap((part) => part.match(TENANT_TAG) ?? [])
  const isOwn = tags.length > 0 && tags.every((tag) => tag === `{${tenant}}:`)
  return isOwn || parts.length === 1 ? parts.join(' ').slice(0, MAX_COMMAND_CHARACTERS) : `${parts[0]} …`
}

function toSlowLog(entries: unknown, tenant: string): SlowLog {
  if (!Array.isArray(entries)) return null
  return entries.flatMap((entry) => {
    const [, atSeconds, microseconds, command, client] = entry as [number, number, number, unknown[], string?]
    if (typeof atSeconds !== 'number' || typeof microseconds !== 'number' || !Array.isArray(command)) return []
    return {
      at: new Date(atSeconds * 1000).toISOString(),
      duration_seconds: microseconds / 1e6,
      command: describeCommand(command.map(String), tenant),
      client: client ?? '',
    }
  })
}

/** Undefined when the server does not allow it. */
async function allowed<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked
  } catch (error) {
    if (/NOPERM|unknown command|ERR unknown|disabled|not allowed/i.test((error as Error).message)) return undefined
    throw error
  }
}

export interface RedisStateSources {
  redis: Redis
  tenant: string
  timeseries: RedisState['timeseries']
}

/** The sample is of all keys of the server, whoever asks. */
const families = new WeakMap<Redis, Memory<RedisState['keys']>>()
const FAMILIES_KEEP_MS = 60_000

function readFamilies(redis: Redis): Promise<RedisState['keys']> {
  const memory = families.get(redis) ?? new Memory<RedisState['keys']>(FAMILIES_KEEP_MS)
  families.set(redis, memory)
  return memory.get('all', async () => (await allowed(sampleKeyFamilies(redis))) ?? [])
}

export async function readRedisState({ redis, tenant, timeseries }: RedisStateSources): Promise<RedisState> {
  const started = performance.now()
  let latencySeconds = 0
  const [text, slowLog, policy] = await Promise.all([
    redis.info(),
    allowed(redis.slowlog('GET', SLOW_LOG_ENTRIES) as Promise<unknown>),
    allowed(redis.config('GET', 'maxmemory-policy') as Promise<unknown>),
    redis.ping().then(() => {
      latencySeconds = (performance.now() - started) / 1000
    }),
  ])
  const fields = parseInfo(text)
  const number = (name: string) => Number(fields.get(name)) || 0
  const keys = await readFamilies(redis)
  const used = number('used_memory')
  const max = number('maxmemory')
  const lastSave = number('rdb_last_save_time')
  const { kind, version, mode, role } = toServerInfo(text)
  return {
    kind,
    version,
    mode,
    role,
    timeseries,
    uptime_seconds: number('uptime_in_seconds'),
    latency_seconds: latencySeconds,
    memory: {
      used_bytes: used,
      peak_bytes: number('used_memory_peak'),
      max_bytes: max,
      used_share: max > 0 ? Math.min(1, used / max) : 0,
      fragmentation_ratio: number('mem_fragmentation_ratio'),
      eviction_policy: fields.get('maxmemory_policy') ?? (Array.isArray(policy) ? String(policy[1]) : 'unknown'),
    },
    commands_per_second: number('instantaneous_ops_per_sec'),
    clients: number('connected_clients'),
    blocked_clients: number('blocked_clients'),
    evicted_keys: number('evicted_keys'),
    persistence: {
      append_only: fields.get('aof_enabled') === '1',
      last_save: lastSave > 0 ? new Date(lastSave * 1000).toISOString() : null,
      last_save_ok: fields.get('rdb_last_bgsave_status') !== 'err',
      changes_since_save: number('rdb_changes_since_last_save'),
      loading: fields.get('loading') === '1',
    },
    slow_log: slowLog === undefined ? null : toSlowLog(slowLog, tenant),
    keys,
  }
}
