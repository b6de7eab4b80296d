import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { StoreError } from './errors.ts'
import { letProcessEnd } from './let-process-end.ts'
import type { RedisClient } from './redis-client.ts'

export interface RedisNode {
  host: string
  port: number
}

export interface ConnectOptions {
  /**
   * `writer`: commands fail at once while there is no connection, because the caller keeps its data itself; the connection does not keep the
   * process alive, and an attempt to connect does so for 2 s at most. `reader`: commands wait for the connection within `commandTimeoutMs`, and those of one tick share a round trip.
   */
  role: 'writer' | 'reader'
  /** Told of every connection error; without it they are ignored (the connection is tried again all the same). */
  onError?: (error: Error) => void
  /** Time in milliseconds for an answer. Default 5000. 0: no bound, for a caller with a deadline of its own; no timers then hold the process. */
  commandTimeoutMs?: number
  /** Time in milliseconds for a connection. Default 5000. */
  connectTimeoutMs?: number
  /** Name of the setting that the URL came from, for messages. Default `redis`. */
  setting?: string
  /** Shown by CLIENT LIST. Default `aiwatch`. */
  connectionName?: string
}

export interface Connection {
  client: RedisClient
  /** Ends a connection made here; leaves a client that was given alone. */
  close(): void
}

const DEFAULT_TIMEOUT_MS = 5000
/** Waits between attempts to connect grow from the first to the second, each by chance shortened by up to half. */
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 5000

function invalid(setting: string, text: string): StoreError {
  return new StoreError(`${setting}: ${text}`, { code: 'invalid_setting', retryable: false })
}

/** A Redis URL that can be used. Throws a StoreError that names the setting; passwords are not in its text. */
export function parseRedisUrl(text: string, setting = 'redis'): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url) throw invalid(setting, 'not a URL; expected redis://[user:password@]host[:port], or rediss:// for TLS')
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw invalid(setting, `the URL must begin with redis:// or rediss://, got ${url.protocol}//`)
  }
  if (url.hostname === '') throw invalid(setting, 'the URL has no host')
  const database = url.pathname.replace(/^\//, '')
  if (database !== '' && database !== '0') {
    throw invalid(setting, `only database 0 can be used (a cluster has no other), the URL names ${JSON.stringify(database)}`)
  }
  if (url.search !== '') throw invalid(setting, `parameters are not supported, the URL has ${url.search}`)
  return url
}

/** Time in milliseconds before the attempt with this number (from 1). */
export function retryDelayMs(attempt: number): number {
  const full = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 16))
  return Math.round(full * (0.5 + Math.random() / 2))
}

/** ioredis knows it, its types do not: how long it waits for a socket to close, which for one that is closed already is a timer that holds the process. */
const DISCONNECT_TIMEOUT = { disconnectTimeout: 100 }

function redisOptions(options: ConnectOptions): RedisOptions {
  const isWriter = options.role === 'writer'
  return {
    ...DISCONNECT_TIMEOUT,
    lazyConnect: true,
    connectionName: options.connectionName ?? 'aiwatch',
    connectTimeout: options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(options.commandTimeoutMs === 0 ? {} : { commandTimeout: options.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS }),
    retryStrategy: retryDelayMs,
    // A writer must not send a batch a second time behind the back of its flusher, nor queue batches that the flusher holds anyway.
    enableOfflineQueue: !isWriter,
    maxRetriesPerRequest: isWriter ? 0 : 1,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: !isWriter,
    // A primary that became a replica says READONLY: the next connection goes to whoever is primary now.
    reconnectOnError: (error) => error.message.includes('READONLY'),
  }
}

function toNode(url: URL): RedisNode {
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 6379 : Number(url.port) }
}

function credentials(url: URL): RedisOptions {
  return {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: { servername: toNode(url).host } } : {}),
  }
}

function openSingle(url: URL, options: ConnectOptions): Redis {
  const client = new Redis({ ...redisOptions(options), ...toNode(url), ...credentials(url) })
  if (options.role === 'writer') letProcessEnd(client)
  return client
}

function openCluster(urls: URL[], options: ConnectOptions): Cluster {
  const first = urls[0] as URL
  const { retryStrategy: _, lazyConnect, enableOfflineQueue, enableAutoPipelining, ...perNode } = redisOptions(options)
  const client = new Cluster(urls.map(toNode), {
    lazyConnect: lazyConnect ?? true,
    enableOfflineQueue: enableOfflineQueue ?? true,
    enableAutoPipelining: enableAutoPipelining ?? false,
    clusterRetryStrategy: retryDelayMs,
    redisOptions: { ...perNode, ...credentials(first) },
  })
  if (options.role === 'writer') client.on('+node', letProcessEnd)
  return client
}

/** True for an ioredis client, of whatever copy of ioredis. */
function isClient(value: unknown): value is RedisClient {
  return typeof value === 'object' && value !== null && 'call' in value && 'pipeline' in value && 'status' in value
}

/**
 * A connection from a URL (`redis://`, or `rediss://` for TLS; user and password in it), from the URLs of some nodes of a cluster, or an ioredis
 * client as it is. A connection made here connects at its first command, tries again for ever with growing waits, and never throws
 * by itself. Throws a StoreError that names the setting when it is not usable.
 */
export function connectRedis(target: string | readonly string[] | RedisClient, options: ConnectOptions): Connection {
  if (isClient(target)) return { client: target, close: () => {} }
  const setting = options.setting ?? 'redis'
  const texts: unknown[] = typeof target === 'string' ? [target] : Array.isArray(target) ? target : []
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string')) {
    throw invalid(setting, 'expected a URL, a list of URLs of cluster nodes, or an ioredis client')
  }
  const urls = texts.map((text) => parseRedisUrl(text as string, setting))
  const client = typeof target === 'string' ? openSingle(urls[0] as URL, options) : openCluster(urls, options)
  client.on('error', (error: Error) => options.onError?.(error))
  return { client, close: () => client.disconnect() }
}
