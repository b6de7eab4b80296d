/** A Redis, a collector on it and a client of both, for one test file. */
import { type RedisKind, type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import type { Analytics } from '../src/analytics/read-analytics.ts'
import { type Collector, type CollectorOptions, startCollector } from '../src/index.ts'

export interface Reply<Body> {
  status: number
  body: Body
}

export interface ErrorReply {
  error: string
  field?: string
}

export async function getJson<Body>(url: string): Promise<Reply<Body>> {
  const response = await fetch(url)
  return { status: response.status, body: (await response.json()) as Body }
}

export async function postJson<Body>(url: string, body: unknown): Promise<Reply<Body>> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } })
  return { status: response.status, body: (await response.json()) as Body }
}

/** The machine that tests may be slow: only the tests of a Redis in trouble wait for less. */
export const QUIET: CollectorOptions = {
  analyticsPort: 0,
  timeseriesPort: 0,
  sampler: false,
  publisher: false,
  answerCacheMs: 0,
  logLevel: 'silent',
  redisTimeoutMs: 20_000,
}

export interface Stage {
  server: RedisServer
  redis: Redis
  collector: Collector
  analytics(): Promise<Analytics>
  query<Body>(body: unknown): Promise<Reply<Body>>
  stop(): Promise<void>
}

/** `kind`: of the Redis; by default the system's. */
export async function openStage({ kind, ...options }: CollectorOptions & { kind?: RedisKind } = {}): Promise<Stage> {
  const server = await startRedis({ kind })
  const redis = new Redis(server.url)
  const collector = await startCollector({ ...QUIET, redisUrl: server.url, ...options })
  return {
    server,
    redis,
    collector,
    analytics: async () => {
      const { status, body } = await getJson<Analytics>(`${collector.analyticsUrl}/analytics`)
      if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(body)}`)
      return body
    },
    query: (body) => postJson(`${collector.timeseriesUrl}/query`, body),
    stop: async () => {
      await collector.close()
      redis.disconnect()
      await server.stop()
    },
  }
}

/** Calls again until `isRight`, for at most ten seconds; returns the last value. */
export async function eventually<Value>(read: () => Promise<Value>, isRight: (value: Value) => boolean): Promise<Value> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const value = await read()
    if (isRight(value) || Date.now() > deadline) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
