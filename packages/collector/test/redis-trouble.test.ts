import { freePort, type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { type Collector, type CollectorOptions, startCollector } from '../src/index.ts'
import { parseExposition } from './parse-exposition.ts'
import { type ErrorReply, eventually, getJson, postJson, QUIET, type Reply } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

interface HealthBody {
  status: string
  checks: { redis: { status: string; error?: string } }
}

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close()
})

async function startServer(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  open.push({ close: () => server.stop() })
  return server
}

async function start(redisUrl: string, options: CollectorOptions = {}): Promise<Collector> {
  const collector = await startCollector({ ...QUIET, redisUrl, redisTimeoutMs: 300, ...options })
  open.push(collector)
  return collector
}

const health = (collector: Collector) => getJson<HealthBody>(`${collector.analyticsUrl}/health`)
const isUp = (reply: Reply<HealthBody>) => reply.status === 200

/** Every route that needs Redis answers with 503 and the reason; `/metrics` answers, and says that Redis is away. */
async function expectAway(collector: Collector, reason: RegExp): Promise<void> {
  const range = { key: 'metrics:error_rate', start_time: 'now-1h', end_time: 'now' }
  const replies = await Promise.all([
    getJson<ErrorReply>(`${collector.analyticsUrl}/analytics`),
    postJson<ErrorReply>(`${collector.timeseriesUrl}/query`, range),
    postJson<ErrorReply>(`${collector.timeseriesUrl}/multi-query`, [range]),
    getJson<ErrorReply>(`${collector.timeseriesUrl}/latest?key=metrics:error_rate`),
    getJson<ErrorReply>(`${collector.timeseriesUrl}/keys`),
  ])
  for (const { status, body } of replies) {
    expect(status).toBe(503)
    expect(body.error).toMatch(reason)
  }
  const { status, body } = await health(collector)
  expect(status).toBe(503)
  expect(body).toMatchObject({ status: 'unavailable', checks: { redis: { status: 'down', error: expect.stringMatching(reason) } } })
  const metrics = await fetch(`${collector.analyticsUrl}/metrics`)
  expect(metrics.status).toBe(200)
  const families = parseExposition(await metrics.text())
  expect(families.get('token_analytics_redis_up')?.samples).toEqual([
    { name: 'token_analytics_redis_up', labels: { reason: expect.stringMatching(reason) }, value: 0 },
  ])
  expect(families.has('process_cpu_seconds_total')).toBe(true)
  expect(families.has('token_analytics_calls_total')).toBe(false)
}

describe('Redis in trouble', () => {
  it('is not there at the start: the collector starts, says so, and recovers by itself', async () => {
    const port = await freePort()
    const collector = await start(`redis://127.0.0.1:${port}`)
    await expectAway(collector, /ECONNREFUSED/)
    await startServer({ port })
    expect(await eventually(() => health(collector), isUp)).toMatchObject({ status: 200, body: { status: 'ok' } })
    expect((await getJson(`${collector.analyticsUrl}/analytics`)).status).toBe(200)
  })

  it('is killed and restarted: answers stop and come back, with what was kept', async () => {
    const server = await startServer({ appendonly: true, appendfsync: 'always' })
    const redis = new Redis(server.url)
    redis.on('error', () => {})
    open.push({ close: async () => redis.disconnect() })
    await new CallWriter(redis).write([testCall({ endedMs: Date.now() })])
    const collector = await start(server.url)
    const before = await getJson<{ requests_5m: number }>(`${collector.analyticsUrl}/analytics`)
    expect(before.body.requests_5m).toBe(1)
    await server.kill()
    await eventually(
      () => health(collector),
      (reply) => reply.status === 503,
    )
    await expectAway(collector, /not reachable|connection was lost/)
    await server.restart()
    expect((await eventually(() => health(collector), isUp)).status).toBe(200)
    const after = await getJson<{ requests_5m: number }>(`${collector.analyticsUrl}/analytics`)
    expect(after.body.requests_5m).toBe(1)
  })

  it('does not answer though connected: requests fail within the time limit and recover', async () => {
    const server = await startServer()
    const collector = await start(server.url)
    expect((await health(collector)).status).toBe(200)
    server.pause()
    try {
      await expectAway(collector, /no reply within 300 ms/)
    } finally {
      server.resume()
    }
    expect((await eventually(() => health(collector), isUp)).status).toBe(200)
    expect((await getJson(`${collector.analyticsUrl}/analytics`)).status).toBe(200)
  })

  it('refuses the password: health says that it is the password', async () => {
    const server = await startServer({ requirepass: 'right' })
    await expectAway(await start(`redis://:wrong@127.0.0.1:${server.port}`), /user or password.*WRONGPASS/)
    await expectAway(await start(`redis://127.0.0.1:${server.port}`), /user or password.*NOAUTH/)
    expect((await health(await start(server.url))).status).toBe(200)
  })

  it('loads its data: health says so until it is done', async () => {
    // A key takes this many microseconds to load, so loading lasts some seconds.
    const server = await startServer({ config: { 'enable-debug-command': 'yes' } })
    const redis = new Redis(server.url)
    redis.on('error', () => {})
    open.push({ close: async () => redis.disconnect() })
    await redis.call('DEBUG', 'POPULATE', 3000)
    await redis.save()
    await redis.config('SET', 'key-load-delay', 1000, 'loading-process-events-interval-bytes', 1024)
    const reload = redis.call('DEBUG', 'RELOAD', 'NOSAVE').catch(() => {})
    const collector = await start(server.url)
    const loading = await eventually(
      () => health(collector),
      (reply) => /LOADING/.test(reply.body.checks.redis.error ?? ''),
    )
    expect(loading.body.checks.redis.error).toMatch(/LOADING/)
    expect((await getJson(`${collector.analyticsUrl}/analytics`)).status).toBe(503)
    await reload
    expect((await eventually(() => health(collector), isUp)).status).toBe(200)
  })

  it('is full: reads are answered all the same', async () => {
    // Less than an empty Redis takes: every write is refused.
    const server = await startServer({ maxmemory: '1' })
    const collector = await start(server.url, { sampler: true })
    expect((await getJson(`${collector.analyticsUrl}/analytics`)).status).toBe(200)
    const sampler = await eventually(
      () => getJson<{ checks: { sampler: { status: string; error?: string } } }>(`${collector.analyticsUrl}/health`),
      (reply) => reply.body.checks.sampler.status !== 'starting',
    )
    expect(sampler.body.checks.sampler).toMatchObject({ status: 'down', error: expect.stringMatching(/full.*OOM/) })
  })

  it('takes a port that is in use as a fault of the setting', async () => {
    const server = await startServer()
    await expect(startCollector({ ...QUIET, redisUrl: server.url, analyticsPort: server.port })).rejects.toThrow(
      `port ${server.port} on 127.0.0.1 is taken: set ANALYTICS_PORT to another`,
    )
    await expect(startCollector({ ...QUIET, redisUrl: server.url, timeseriesPort: server.port })).rejects.toThrow(/TIMESERIES_PORT/)
  })
})
