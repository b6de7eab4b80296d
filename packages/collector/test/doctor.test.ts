import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyBatch, emptyIntegrity, tenantKeys } from '@aiwatch/store'
import { freePort, type RedisServer, type RedisServerOptions, startRedis, startRedisCluster, whyMissing } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { displayWidth } from '../src/cli/display-width.ts'
import { examine as examineAll } from '../src/cli/doctor/examine.ts'
import type { Level } from '../src/cli/doctor/finding.ts'
import { showRedis } from '../src/cli/find-redis.ts'
import { isWell } from '../src/cli/render-findings.ts'
import type { StartFile } from '../src/cli/start-file.ts'
import { startCollector } from '../src/index.ts'
import { type Run, runCli } from './run-cli.ts'
import { QUIET } from './run-collector.ts'
import { testCall, toBatch } from './write-calls.ts'

/** As provisioning/redis/redis.conf. */
const WELL_SET: Record<string, string> = {
  'maxmemory-policy': 'noeviction',
  'hash-max-listpack-value': '128',
  'latency-monitor-threshold': '10',
}

const open: { close(): unknown }[] = []
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiwatch-doctor-'))
})
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close()
})

async function serve(options: RedisServerOptions = {}): Promise<{ server: RedisServer; redis: Redis }> {
  const server = await startRedis({ appendonly: true, ...options, config: { ...WELL_SET, ...options.config } })
  const redis = new Redis(server.url)
  redis.on('error', () => {})
  open.push({ close: () => server.stop() }, { close: () => redis.disconnect() })
  return { server, redis }
}

/** In a folder without `.aiwatch`, with ports that nobody listens on. */
async function doctor(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const [analytics, timeseries] = [await freePort(), await freePort()]
  const ports = { ANALYTICS_PORT: String(analytics), TIMESERIES_PORT: String(timeseries), AIWATCH_URL: `http://127.0.0.1:${analytics}` }
  return runCli(['doctor', ...args], { cwd: folder, env: { ...ports, ...env } })
}

/** The checks in this process: what the command prints with --json, without the time that a process takes. */
async function examine(
  url: string,
  { tenant = 'default', env = {}, startFile }: { tenant?: string; env?: NodeJS.ProcessEnv; startFile?: StartFile } = {},
) {
  const [analytics, timeseries] = [await freePort(), await freePort()]
  const environment = { ANALYTICS_PORT: String(analytics), TIMESERIES_PORT: String(timeseries), ...env }
  const redis = { urls: [url], source: '--redis' }
  const collector = new URL(env['AIWATCH_URL'] ?? `http://127.0.0.1:${analytics}`)
  const findings = await examineAll({ redis, redisShown: showRedis(redis), collector, tenant, environment, startFile })
  const of = (check: string) => findings.filter((finding) => finding.check === check)
  return { findings, code: isWell(findings, false) ? 0 : 1, of }
}

describe('aiwatch doctor', () => {
  it('finds no fault with a Redis that is set as it should be, in 80 columns', async () => {
    const { server } = await serve()
    const { code, out, error } = await doctor(['--redis', server.url])
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).not.toContain('\u001b')
    expect(out).not.toMatch(/^problem/m)
    expect(out).toMatch(/^ok +version +Redis 7|^ok +version +valkey/m)
    expect(out).toMatch(/^ok +persistence +append-only file on/m)
    expect(out).toMatch(/^ok +packing/m)
    for (const line of out.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80)
  })

  it('says of a Redis that is away what to do, and looks at the rest', async () => {
    const { code, of, findings } = await examine(`redis://:secret@127.0.0.1:${await freePort()}`)
    expect(code).toBe(1)
    expect(of('redis')).toMatchObject([{ level: 'problem', what: expect.stringContaining('ECONNREFUSED'), advice: expect.any(String) }])
    expect(of('port')).toHaveLength(2)
    expect(of('collector')).toMatchObject([{ level: 'warning' }])
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  it.each<[string, RedisServerOptions, string, Level, RegExp, number]>([
    [
      'evicts',
      { maxmemory: '100mb', config: { 'maxmemory-policy': 'allkeys-lru' } },
      'eviction',
      'problem',
      /allkeys-lru: Redis deletes/,
      1,
    ],
    ['would evict', { config: { 'maxmemory-policy': 'volatile-ttl' } }, 'eviction', 'warning', /volatile-ttl/, 0],
    ['is nearly full', { maxmemory: '1mb' }, 'memory', 'problem', /nearly full/, 1],
    ['saves nothing', { appendonly: false }, 'persistence', 'warning', /nothing is saved to disk/, 0],
    [
      'takes snapshots only',
      { appendonly: false, config: { save: '3600 1' } },
      'persistence',
      'warning',
      /snapshots only \(save 3600 1\)/,
      0,
    ],
    ['leaves flushing to the system', { appendfsync: 'no' }, 'persistence', 'warning', /appendfsync no/, 0],
    [
      'unpacks small hashes',
      { config: { 'hash-max-listpack-entries': '128' } },
      'packing',
      'warning',
      /hash-max-listpack-entries is 128/,
      0,
    ],
    ['walks long hashes', { config: { 'hash-max-listpack-entries': '20000' } }, 'packing', 'warning', /is 20000: writes/, 0],
  ])('tells that Redis %s', async (_case, options, check, level, what, status) => {
    const { server } = await serve(options)
    const { code, of } = await examine(server.url)
    expect(of(check)).toContainEqual({ check, level, what: expect.stringMatching(what), advice: expect.stringMatching(/\S/) })
    expect(code).toBe(status)
  })

  it('counts warnings as problems with --strict', async () => {
    const { server } = await serve({ appendonly: false })
    const { code, out } = await doctor(['--redis', server.url, '--strict', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({ well: false, counts: { problem: 0 } })
    expect((await doctor(['--redis', server.url])).code).toBe(0)
  })

  it('tells that it is a replica, and of whom', async () => {
    const { server: primary } = await serve()
    const { server: replica, redis } = await serve()
    await redis.replicaof('127.0.0.1', primary.port)
    const { code, of } = await examine(replica.url)
    expect(code).toBe(1)
    expect(of('role')).toMatchObject([{ level: 'problem', what: expect.stringContaining(`a replica of 127.0.0.1:${primary.port}`) }])
  })

  it('tells that the password is missing or wrong, without showing it', async () => {
    const { server } = await serve({ requirepass: 'right' })
    for (const url of [`redis://127.0.0.1:${server.port}`, `redis://:hunter2@127.0.0.1:${server.port}`]) {
      const { code, findings, of } = await examine(url)
      expect(code).toBe(1)
      expect(of('redis')).toMatchObject([{ level: 'problem', what: expect.stringMatching(/user or password/) }])
      expect(JSON.stringify(findings)).not.toContain('hunter2')
    }
    expect((await examine(server.url)).of('redis')).toMatchObject([{ level: 'ok' }])
  })

  it('tells what the user may not do, and says "not allowed to look" of the rest', async () => {
    const { server, redis } = await serve()
    await redis.call('ACL', 'SETUSER', 'writer', 'on', '>pw', '~aiw:*', '+@all', '-@admin', '-@dangerous', '+info', '-zadd', '-hgetall')
    const { code, of } = await examine(`redis://writer:pw@127.0.0.1:${server.port}`)
    expect(code).toBe(1)
    expect(of('permissions')).toMatchObject([
      { level: 'problem', what: 'the user may not: ZADD, HGETALL', advice: expect.stringContaining('ACL') },
    ])
    for (const check of ['slow log', 'packing'])
      expect(of(check)).toMatchObject([{ level: 'unknown', what: expect.stringContaining('not allowed') }])
    expect(of('integrity')).toMatchObject([{ level: 'unknown', what: 'not allowed to look' }])
    await redis.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '~aiw:*', '+@read', '+info', '+time', '+ping')
    expect((await examine(`redis://reader:pw@127.0.0.1:${server.port}`)).of('permissions')).toMatchObject([
      { level: 'problem', what: expect.stringContaining('may not run scripts') },
    ])
  })

  it('tells what was lost, by whom, and whose clock is wrong', async () => {
    const { server, redis } = await serve()
    const now = Date.now()
    const integrity = { ...emptyIntegrity(), dropped: 7 }
    await applyBatch(redis, { ...toBatch([testCall({ endedMs: now })], { writer: 'a', sequence: 1 }), integrity })
    await applyBatch(redis, { ...toBatch([testCall({ endedMs: now + 90_000 })], { writer: 'b', sequence: 1 }), origin: 'web-7:12' })
    await redis.hset(tenantKeys('default').writer('a'), 'first', 2)
    const { code, of } = await examine(server.url)
    expect(code).toBe(0)
    expect(of('integrity').map(({ level, what }) => `${level} ${what}`)).toEqual([
      expect.stringContaining('warning 7 calls that programs dropped'),
      expect.stringContaining('warning 1 calls ahead of the clock'),
    ])
    expect(of('writers').map(({ what }) => what)).toEqual([
      expect.stringContaining('1 writers have half a batch'),
      expect.stringMatching(/clocks of writers run ahead: web-7:12 (89|90) s/),
    ])
  })

  it('tells that the tenant cannot be served here, and that another tenant has the data', async () => {
    const { server, redis } = await serve()
    await redis.set(tenantKeys('default').backend, 'module')
    expect((await examine(server.url)).of('time series')).toMatchObject([
      { level: 'problem', what: expect.stringContaining('kept as RedisTimeSeries') },
    ])
    await redis.flushall()
    await applyBatch(redis, toBatch([testCall({ endedMs: Date.now() })], { writer: 'a', sequence: 1, tenant: 'acme' }))
    expect((await examine(server.url)).of('tenant')).toMatchObject([{ level: 'warning', what: expect.stringContaining('there is acme') }])
    expect((await examine(server.url, { tenant: 'acme' })).of('tenant')).toMatchObject([{ level: 'ok' }])
  })

  it.skipIf(whyMissing('redis+timeseries') !== undefined)('tells that series wait to be published', async () => {
    const { server, redis } = await serve({ kind: 'redis+timeseries' })
    expect((await examine(server.url)).of('publication')).toMatchObject([{ level: 'ok' }])
    await redis.zadd(tenantKeys('default').unpublished, Date.now() - 120_000, '1m:0')
    const { code, of } = await examine(server.url)
    expect(code).toBe(1)
    expect(of('publication')).toMatchObject([{ level: 'problem', what: expect.stringContaining('1 time buckets wait') }])
    expect(of('time series')).toMatchObject([{ level: 'ok', what: expect.stringMatching(/RedisTimeSeries 1\.\d+\.\d+ is loaded/) }])
  })

  it('finds the tenant on its node of a cluster', async () => {
    const cluster = await startRedisCluster({ nodes: 3 })
    open.push({ close: () => cluster.stop() })
    for (const { port } of cluster.nodes) {
      const { of } = await examine(`redis://127.0.0.1:${port}`)
      expect(of('version')).toMatchObject([{ what: expect.stringContaining('cluster') }])
      expect(of('integrity')).toMatchObject([{ level: 'ok' }])
    }
  })

  it('looks at the collector, its sampler and its ports', async () => {
    const { server } = await serve()
    const collector = await startCollector({ ...QUIET, redisUrl: server.url, sampler: true })
    open.push(collector)
    const env = {
      AIWATCH_URL: collector.analyticsUrl,
      ANALYTICS_PORT: new URL(collector.analyticsUrl).port,
      TIMESERIES_PORT: new URL(collector.timeseriesUrl).port,
    }
    const { code, of } = await examine(server.url, { env })
    expect(code).toBe(0)
    expect(of('port').map(({ level, what }) => `${level} ${what}`)).toEqual([
      expect.stringMatching(/^ok .*aiwatch analytics/),
      expect.stringMatching(/^ok .*aiwatch time series/),
    ])
    expect(of('collector')).toMatchObject([{ level: 'ok', what: expect.stringContaining('time series: plain') }])
    expect(of('sampler')).toMatchObject([{ level: 'ok' }])
  })

  it('tells that somebody else has a port', async () => {
    const other: Server = createServer((_request, response) => response.end('hello'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => other.close() })
    const { server } = await serve()
    const { port } = other.address() as AddressInfo
    const { code, of } = await examine(server.url, { env: { TIMESERIES_PORT: String(port) } })
    expect(code).toBe(1)
    expect(of('port')).toContainEqual(expect.objectContaining({ level: 'problem', advice: expect.stringContaining('TIMESERIES_PORT') }))
  })

  it('tells of variables that nobody reads, that are wrong, and that contradict each other', async () => {
    const { server } = await serve()
    const startFile = { path: '/x/.aiwatch/env', variables: new Map([['AIWATCH_REDIS_URL', 'redis://127.0.0.1:6390']]) }
    const env = { AIWATCH_TENNANT: 'x', AIWATCH_MAX_POINTS: '-1', REDIS_URL: server.url, AIWATCH_REDIS_URL: 'redis://127.0.0.1:1' }
    const { code, of } = await examine(server.url, { env, startFile })
    expect(code).toBe(1)
    expect(of('variables')).toMatchObject([
      { level: 'warning', what: expect.stringContaining('AIWATCH_TENNANT'), advice: 'rename it to AIWATCH_TENANT' },
      { level: 'problem', what: expect.stringContaining('AIWATCH_MAX_POINTS') },
    ])
    expect(of('addresses').map(({ what }) => what)).toEqual([
      expect.stringContaining('name different servers'),
      expect.stringContaining('is not the Redis that npm start runs'),
    ])
  })

  it('takes the Redis from what npm start wrote', async () => {
    const { server } = await serve()
    mkdirSync(join(folder, '.aiwatch'))
    writeFileSync(join(folder, '.aiwatch', 'env'), `AIWATCH_REDIS_URL=${server.url}\n`)
    const { out } = await doctor(['--json'])
    rmSync(join(folder, '.aiwatch'), { recursive: true })
    expect(JSON.parse(out)).toMatchObject({ redis: server.url, well: true })
  })

  it.each([
    [['--since', '1h'], /doctor takes no --since/],
    [['--redis', 'nonsense'], /--redis: not a URL/],
    [['now'], /doctor takes no "now"/],
  ])('ends with 2 and says why for %j', async (args, reason) => {
    const { code, error } = await doctor(args)
    expect(code).toBe(2)
    expect(error).toMatch(reason)
  })
})
