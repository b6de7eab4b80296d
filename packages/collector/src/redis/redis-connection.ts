/**
 * The collector's connection to Redis. It never blocks a request: a question asked while Redis is away fails at once, one that
 * is not answered in time fails then, and the connection comes back by itself.
 */

import { type StoreError, type StoreErrorCode, toStoreError } from '@aiwatch/store'
import { Redis } from 'ioredis'
import { QuestionError, redisAway } from '../errors.ts'

const FIRST_RETRY_MS = 50
const MAX_RETRY_MS = 1000
/**
 * A connection on which a question waits for so long, with no answer to any other meanwhile, is given up: behind some failures (a lost
 * route) it never closes by itself.
 */
const SILENT_CONNECTION_MS = 10_000

export interface RedisConnection {
  readonly redis: Redis
  /** Runs the question, or throws a `redis_away` error that says why it cannot be answered now. */
  ask<Answer>(question: () => Promise<Answer>): Promise<Answer>
  /** Why Redis cannot be used now; undefined when it can. */
  trouble(): string | undefined
  /** Resolves when Redis is ready, when the first attempt has failed, or after `limitMs`. */
  settled(limitMs: number): Promise<void>
  close(): void
}

/** What Redis or the network says when it cannot serve now, or not us. All else is a fault of the collector. */
const CANNOT_SERVE: ReadonlySet<StoreErrorCode> = new Set([
  'out_of_memory',
  'read_only',
  'loading',
  'unavailable',
  'busy',
  'auth',
  'misconf',
  'unsupported',
  'connection',
  'timeout',
])

/**
 * Errors that hide others: Node wraps two refused addresses (IPv4, IPv6) in an AggregateError without a text, and Redis answers EXECABORT
 * for a transaction whose commands it refused one by one before.
 */
function unwrap(error: unknown): unknown {
  const { errors, previousErrors } = error as { errors?: unknown[]; previousErrors?: unknown[] }
  return errors?.[0] ?? previousErrors?.[0] ?? error
}

function toAway(error: unknown): unknown {
  if (error instanceof QuestionError) return error
  const storeError = toStoreError(unwrap(error))
  return CANNOT_SERVE.has(storeError.code) ? redisAway(storeError.message) : error
}

function deadline(limitMs: number): { expired: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<never>((_, reject) => {
    // One more turn of the event loop: when this process was busy, the reply may lie in the socket unread.
    timer = setTimeout(() => setImmediate(() => reject(redisAway(`no reply within ${limitMs} ms`))), limitMs)
  })
  return { expired, cancel: () => clearTimeout(timer) }
}

/** Connects in the background. `timeoutMs` bounds how long a question waits. */
export function openRedisConnection(url: string, timeoutMs: number): RedisConnection {
  const redis = new Redis(url, {
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5000,
    retryStrategy: (attempt) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), MAX_RETRY_MS),
    connectionName: 'aiwatch-collector',
  })
  let lastError: StoreError | undefined
  let wasReady = false
  let lastAnswerMs = 0
  /** When each question that has no answer yet was asked, the oldest first; those whose asker gave up are among them. */
  const unanswered = new Set<{ askedMs: number }>()
  redis.on('error', (error) => {
    lastError = toStoreError(unwrap(error))
  })
  redis.on('connect', () => {
    // A refused password is told after the connection stands, so it stays the reason; that nobody listened no longer is.
    if (lastError?.code === 'connection' || lastError?.code === 'timeout') lastError = undefined
  })
  redis.on('ready', () => {
    wasReady = true
    lastError = undefined
    lastAnswerMs = Date.now()
  })

  const trouble = () => {
    if (redis.status === 'ready') return undefined
    if (lastError) return lastError.message
    if (redis.status === 'connect') return 'connected, but it is not ready: it loads its data or does not reply'
    return wasReady ? 'the connection was lost, and is tried again' : 'not connected yet'
  }

  const track = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    const waiting = { askedMs: Date.now() }
    unanswered.add(waiting)
    try {
      const answer = await question()
      lastAnswerMs = Date.now()
      return answer
    } finally {
      unanswered.delete(waiting)
    }
  }

  /** A connection that nobody asked anything is not silent, so this counts from the oldest question at the earliest. */
  const silentForMs = () => {
    const [oldest] = unanswered
    return oldest ? Date.now() - Math.max(oldest.askedMs, lastAnswerMs) : 0
  }

  return {
    redis,
    trouble,
    async ask(question) {
      const reason = trouble()
      if (reason) throw redisAway(reason)
      const { expired, cancel } = deadline(timeoutMs)
      try {
        return await Promise.race([track(question), expired])
      } catch (error) {
        if (redis.status === 'ready' && silentForMs() > SILENT_CONNECTION_MS) redis.disconnect(true)
        throw toAway(error)
      } finally {
        cancel()
      }
    },
    settled: (limitMs) =>
      new Promise((resolve) => {
        if (redis.status === 'ready') return resolve()
        const timer = setTimeout(resolve, limitMs)
        const settle = () => {
          clearTimeout(timer)
          resolve()
        }
        redis.once('ready', settle)
        redis.once('error', settle)
      }),
    close: () => redis.disconnect(),
  }
}
