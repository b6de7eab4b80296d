/** Options of AIWatch: what they are, where else they can be set, and what they are when they are not. */
import type { Cluster, Redis } from 'ioredis'
import type { AIWatchError } from './errors.ts'

/** Price of a model in US dollars per million tokens. */
export interface ModelPriceOverride {
  inputPerMillionUsd: number
  outputPerMillionUsd: number
  /** Default: the price of input. */
  cacheReadPerMillionUsd?: number
  /** Default: the price of input. */
  cacheWritePerMillionUsd?: number
}

export interface ClusterNode {
  host: string
  port: number
}

export interface AIWatchOptions {
  /**
   * Where batches go: a URL (`redis://`, or `rediss://` for TLS; database 0), nodes of one cluster as URLs or `{ host, port }`, or an ioredis
   * instance of yours, which is used and never closed (without `keyPrefix`, database 0).
   * Variables: `AIWATCH_REDIS_URL`, then `REDIS_URL`; several nodes separated by commas. Default `redis://127.0.0.1:6379`.
   * A variable that cannot be used switches AIWatch off, because it would else write to a Redis that nobody named.
   */
  redis?: string | Redis | Cluster | (string | ClusterNode)[]
  /** Organisation that the calls belong to, `[a-z0-9_-]{1,64}`. Variable: `AIWATCH_TENANT`. Default `default`. */
  tenant?: string
  /** Name of this program in every figure. Variable: `AIWATCH_APP`. Default: `npm_package_name` where npm set it, else `default`. */
  app?: string
  /** Tags of every call; `with()` adds to them. Variable: `AIWATCH_TAGS`, as `name=value,name=value`. Default: none. */
  tags?: Record<string, string>
  /**
   * `plain`: user ids are kept as given. `hashed`: HMAC-SHA256 with `secret` of them is kept instead. Variable: `AIWATCH_USER_IDS`.
   * Default `plain`. A variable that asks for hashing without a secret, or for what does not exist, leaves user ids out: never `plain`.
   */
  userIds?: 'plain' | 'hashed'
  /** Key for `userIds: 'hashed'`, at least 16 characters, the same in every process. Variable: `AIWATCH_SECRET`. */
  secret?: string
  /** Time between two flushes in milliseconds, 10 to 60,000. Variable: `AIWATCH_FLUSH_INTERVAL_MS`. Default 1000. */
  flushIntervalMs?: number
  /**
   * Bound on what is held in memory while nothing is acknowledged, in bytes, at least 65,536. Variable: `AIWATCH_MAX_BUFFER_BYTES`.
   * Default 33,554,432 (32 MiB). Past it fine detail goes first, then detail per user, and whole calls last; each is counted in `stats()`.
   */
  maxBufferBytes?: number
  /**
   * Whether streams are asked for their usage where the provider does not send it unasked. `request`: asked, and the extra chunk is hidden
   * from the caller. `observe`: never asked, usage is estimated then. Variable: `AIWATCH_STREAM_USAGE`. Default `request`.
   */
  streamUsage?: 'request' | 'observe'
  /**
   * Prices that go before the built-in table, by `provider/model` or by model. Variable: `AIWATCH_PRICES`, the same as JSON. Default: none.
   */
  prices?: Record<string, ModelPriceOverride>
  /** Told what goes wrong inside AIWatch; errors that it throws are ignored. Default: one `console.warn` per kind of trouble. No variable. */
  onError?: (error: AIWatchError) => void
  /** `false`: clients, fetch and results pass through untouched, nothing is counted. Variable: `AIWATCH_ENABLED`. Default true. */
  enabled?: boolean
  /** How long `close()` waits for acknowledgement in milliseconds, 0 to 600,000. Variable: `AIWATCH_CLOSE_TIMEOUT_MS`. Default 5000. */
  closeTimeoutMs?: number
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  /** One URL, URLs of the nodes of a cluster, or a client. */
  redis: string | string[] | Redis | Cluster
  tenant: string
  app: string
  tags: Record<string, string>
  /** `none`: user ids are left out, because they were to be hashed and cannot be. */
  userIds: 'plain' | 'hashed' | 'none'
  secret: string | undefined
  flushIntervalMs: number
  maxBufferBytes: number
  streamUsage: 'request' | 'observe'
  prices: Record<string, ModelPriceOverride>
  onError: ((error: AIWatchError) => void) | undefined
  enabled: boolean
  closeTimeoutMs: number
  /** What is wrong with environment variables, one sentence each. Their defaults are used. */
  warnings: string[]
}

export const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379'
