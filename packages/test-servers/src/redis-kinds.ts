import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * - `redis`: the system's redis-server (Debian 12: 7.0), no module.
 * - `redis+timeseries`: the same with the RedisTimeSeries module loaded.
 * - `stack`: Redis 7.4 with RedisTimeSeries 1.12, of Redis Stack.
 * - `valkey`: Valkey 9.1, no module.
 */
export const REDIS_KINDS = ['redis', 'redis+timeseries', 'stack', 'valkey'] as const
export type RedisKind = (typeof REDIS_KINDS)[number]

/** Kinds that answer TS.* commands. */
export const TIMESERIES_KINDS: readonly RedisKind[] = ['redis+timeseries', 'stack']
/** Kinds that do not. */
export const PLAIN_KINDS: readonly RedisKind[] = ['redis', 'valkey']

export interface RedisProgram {
  /** Path of the server. */
  server: string
  version: string
  product: 'redis' | 'valkey'
  /** After all settings. */
  arguments: string[]
  /** Folder of libraries that the system does not have. */
  libraryPath?: string
  /** Path of the TimeSeries module. */
  module?: string
}

type Found = RedisProgram | { missing: string }

/** Set by the set-up of the tests; read by every worker. */
const VARIABLE = 'AIWATCH_TEST_SERVERS'
let found: Record<RedisKind, Found> | undefined

/** What the set-up found. A program started without it (a benchmark) looks, and fetches, by itself. */
function foundServers(): Record<RedisKind, Found> {
  if (found) return found
  let text = process.env[VARIABLE]
  if (!text) {
    const script = fileURLToPath(new URL('../../../scripts/redis/print-test-servers.mjs', import.meta.url))
    text = execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    process.env[VARIABLE] = text
  }
  found = JSON.parse(text) as Record<RedisKind, Found>
  return found
}

/** Why a kind cannot be started here, or undefined when it can. */
export function whyMissing(kind: RedisKind): string | undefined {
  const entry = foundServers()[kind]
  return 'missing' in entry ? entry.missing : undefined
}

/** The program of a kind. Throws an error that says why it cannot be had. */
export function findRedisProgram(kind: RedisKind): RedisProgram {
  const entry = foundServers()[kind]
  if ('missing' in entry) throw new Error(`Redis of kind ${kind} cannot be had: ${entry.missing}`)
  return entry
}

/** True when a server of this kind answers TS.* commands. */
export function hasTimeSeries(kind: RedisKind): boolean {
  return TIMESERIES_KINDS.includes(kind)
}
