import { CODE, publishSeries, tenantKeys, toCell, userKey } from '@aiwatch/store'
import { type RedisKind, type RedisServer, startRedis, whyMissing } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { packUserRecord, USER_CODES, unpackUserRecord } from '../../store/src/audience/user-record.ts'
import { packMessage } from '../../store/src/pack-message.ts'
import { unpackVector } from '../../store/src/unpack-vector.ts'
import type { Difference } from '../src/analytics/verify/difference.ts'
import { verifyTenant } from '../src/analytics/verify/verify-tenant.ts'
import { parseSince } from '../src/cli/parse-since.ts'
import { isConsistent } from '../src/cli/render-verify.ts'
import { runCli } from './run-cli.ts'
import { CallWriter, testCall } from './write-calls.ts'

const HOUR_MS = 3600_000
const cell = toCell('shop', 'openai', 'gpt-4o').id
const keys = tenantKeys('default')

let server: RedisServer
let redis: Redis
/** Middle of a closed hour, some hours ago. */
let thenMs = 0

async function verify(since = '24h', tenant = 'default') {
  const report = await verifyTenant(redis, { tenant, sinceSeconds: parseSince(since, Date.now()) })
  return { ...report, equal: isConsistent(report) }
}

/** Changes one number of a packed vector. */
async function corrupt(key: string, field: string, code: number, by: number): Promise<void> {
  const vector = unpackVector((await redis.hgetBuffer(key, field)) as Buffer)
  const at = vector.findIndex((entry, i) => i % 2 === 0 && entry === code)
  if (at < 0) throw new Error(`${key} ${field} has no code ${code}`)
  vector[at + 1] = (vector[at + 1] as number) + by
  await redis.hset(key, field, packMessage(vector))
}

/** Changes one of the totals of a user. */
async function corruptUser(key: string, code: (typeof USER_CODES)[number], by: number): Promise<void> {
  const record = unpackUserRecord((await redis.hgetBuffer(key, 'r')) as Buffer)
  const totals = record.totals.map((value, i) => (USER_CODES[i] === code ? value + by : value))
  await redis.hset(key, 'r', packUserRecord({ ...record, totals }))
}

async function serve(kind?: RedisKind): Promise<void> {
  server = await startRedis(kind === undefined ? {} : { kind })
  redis = new Redis(server.url)
}

async function stop(): Promise<void> {
  redis.disconnect()
  await server.stop()
}

async function writeAnew(): Promise<void> {
  await redis.flushall()
  thenMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS + 25 * 60_000
  const writer = new CallWriter(redis)
  const at = (seconds: number, call = {}) => testCall({ endedMs: thenMs + seconds * 1000, user: 'ada', durationMs: 500.125, ...call })
  await writer.write([at(0), at(1), at(70, { user: 'bob' }), at(1900, { model: 'gpt-4o-mini', outcome: 'timeout' })])
  await writer.write([at(HOUR_MS / 1000, { user: undefined }), at(0), testCall({ endedMs: Date.now(), user: 'eve' })])
}

const start = (seconds: number) => Math.floor(thenMs / 1000 / seconds) * seconds

describe('aiwatch verify', () => {
  beforeAll(() => serve())
  afterAll(stop)
  beforeEach(writeAnew)

  it('finds nothing in what writers wrote, late and just now', async () => {
    const report = await verify()
    expect(report).toMatchObject({ equal: true, calls: 7, users: 3, differences: [], explained: [], corruptFields: 0 })
    expect(report.hours).toBeGreaterThanOrEqual(22)
    for (const { check, compared } of report.checks) expect(compared, check).toBeGreaterThan(0)
    expect(report.checks.map(({ check }) => check)).toEqual(['tiers', 'totals', 'histogram', 'sketches', 'boards', 'users'])
  })

  it.each<[string, () => Promise<unknown>, Partial<Difference>, () => string]>([
    [
      'a minute',
      () => corrupt(keys.series('1m', start(60)), cell, CODE.inputTokens, 1),
      { check: 'tiers', metric: 'tokens input', cell, expected: 300, found: 301 },
      () => keys.series('1m', start(60)),
    ],
    [
      'a bucket of 10 s',
      () => corrupt(keys.series('10s', start(10)), cell, CODE.callsOk, 2),
      { check: 'tiers', metric: 'calls ok', expected: 3, found: 5 },
      () => keys.series('10s', start(10)),
    ],
    [
      'an hour',
      () => corrupt(keys.series('1h', start(3600)), cell, CODE.durationMs, 0.001),
      { check: 'tiers', metric: 'duration_ms', found: expect.closeTo(2000.501, 6) as unknown as number },
      () => keys.series('1h', start(3600)),
    ],
    [
      'a lifetime total',
      () => corrupt(keys.totals, cell, CODE.costNanoUsd, -1),
      { check: 'totals', metric: 'cost_nano_usd', expected: 6_000_000, found: 5_999_999 },
      () => keys.totals,
    ],
    [
      'a bar of the latency histogram',
      () => corrupt(keys.totals, cell, CODE.latencyHistogram + 4, 1),
      { check: 'histogram', expected: 6, found: 7 },
      () => keys.totals,
    ],
    [
      'a total of a user',
      () => corruptUser(keys.user(userKey('bob')), CODE.outputTokens, 5),
      { check: 'users', metric: 'tokens output', expected: 20, found: 25 },
      () => keys.user(userKey('bob')),
    ],
    [
      'a leaderboard',
      () => redis.zincrby(keys.board('user_tokens', start(3600)), 10_000, userKey('ada')),
      { check: 'boards', metric: 'tokens', expected: 600, found: 10_600 },
      () => keys.board('user_tokens', start(3600)),
    ],
  ])('finds one changed number in %s, and only that', async (_place, change, difference, key) => {
    await change()
    const report = await verify()
    expect(report.equal).toBe(false)
    expect(report.differences).toHaveLength(1)
    expect(report.differences[0]).toMatchObject(difference)
    expect(report.differences[0]?.keys).toContain(key())
    expect(report.explained).toEqual([])
  })

  it('finds a latency sketch that lacks a call', async () => {
    const key = keys.sketch('1h', start(3600))
    await redis.hdel(key, `l:${cell}`)
    const report = await verify()
    expect(report).toMatchObject({ equal: false, differences: [{ check: 'sketches', cell, expected: 4, found: 0, keys: [key] }] })
  })

  it('finds a field that cannot be read', async () => {
    await redis.hset(keys.series('1h', start(3600)), cell, 'garbage')
    const report = await verify()
    expect(report.equal).toBe(false)
    expect(report.corruptFields).toBeGreaterThan(0)
    expect(report.differences.some(({ keys: places }) => places.includes(keys.series('1h', start(3600))))).toBe(true)
  })

  it('explains hours that have more than their minutes by coarsening, where writers told of it', async () => {
    await corrupt(keys.series('1h', start(3600)), cell, CODE.inputTokens, 50)
    await corrupt(keys.totals, cell, CODE.inputTokens, 50)
    expect((await verify()).differences).toMatchObject([{ check: 'tiers', expected: 400, found: 450 }])
    await redis.hset(keys.integrity, 'coarsenedRows', 3)
    expect(await verify()).toMatchObject({
      equal: true,
      differences: [],
      explained: [{ check: 'tiers', expected: 400, found: 450, explained: expect.stringContaining('3 rows') }],
    })
  })

  it('explains totals that have more than the hours by calls that came too late for any bucket', async () => {
    await new CallWriter(redis).write([testCall({ endedMs: Date.now() - 26 * HOUR_MS })])
    const report = await verify()
    expect(report).toMatchObject({ equal: true, differences: [] })
    expect(report.explained.every(({ check, explained }) => check === 'totals' && explained?.includes('1 calls came too late'))).toBe(true)
    expect(report.explained.length).toBeGreaterThan(0)
  })

  it('prints keys and numbers in 80 columns', async () => {
    await corrupt(keys.series('1m', start(60)), cell, CODE.inputTokens, 1)
    const { code, out, error } = await runCli(['verify'], { env: { AIWATCH_REDIS_URL: server.url } })
    expect({ code, error }).toEqual({ code: 1, error: '' })
    expect(out).toContain('expected 300, found 301 (+1)')
    expect(out).toContain(keys.series('1m', start(60)))
    expect(out).toContain('There are differences.')
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('takes another range, and another tenant', async () => {
    expect((await verify('2d')).hours).toBeGreaterThan(44)
    expect(await verify('24h', 'nobody')).toMatchObject({ equal: true, calls: 0, users: 0 })
  })

  it('prints one JSON object for programs', async () => {
    const { code, out, error } = await runCli(['verify', '--redis', server.url, '--json', '--since', '2h'])
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(JSON.parse(out)).toMatchObject({ equal: true, tenant: 'default', calls: 7, differences: [], integrity: { appliedBatches: 2 } })
  })

  it('says that there is no Redis, with status 1', async () => {
    const { code, out, error } = await runCli(['verify', '--redis', 'redis://127.0.0.1:9'])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(error).toMatch(/not reachable/)
  })

  it.each([
    [['--since', 'yesterday'], /--since must be a span such as 24h/],
    [['--since', '2999-01-01T00:00:00Z'], /future/],
    [['--tenant', 'No Tenant'], /tenant must match/],
    [['--redis', 'http://x'], /--redis: the URL must begin with redis/],
    [['--strict'], /verify takes no --strict/],
  ])('ends with 2 and says why for %j', async (args, reason) => {
    const { code, error } = await runCli(['verify', ...args])
    expect(code).toBe(2)
    expect(error).toMatch(reason)
  })
})

describe.skipIf(whyMissing('stack') !== undefined)('aiwatch verify on RedisTimeSeries', () => {
  beforeAll(() => serve('stack'))
  afterAll(stop)
  beforeEach(async () => {
    await writeAnew()
    await publishSeries(redis, 'default', { all: true })
  })
  const hourSeries = () => keys.timeSeries('1h', CODE.inputTokens, cell)

  it('finds nothing in what was written and published', async () => {
    const report = await verify()
    expect(report).toMatchObject({ equal: true, backend: 'module', calls: 7, users: 3, differences: [], explained: [] })
    expect(report.checks.find(({ check }) => check === 'published')?.compared).toBeGreaterThan(20)
  })

  it('finds one changed sample of a published series, and only that', async () => {
    await redis.call('TS.ADD', hourSeries(), start(3600) * 1000, 401, 'ON_DUPLICATE', 'LAST')
    const report = await verify()
    expect(report.equal).toBe(false)
    expect(report.differences).toMatchObject([
      { check: 'published', cell, metric: 'tokens input', expected: 400, found: 401, keys: [hourSeries(), keys.series('1h', start(3600))] },
    ])
  })

  it('finds a changed sample in 10 s buckets that are read from their series', async () => {
    await redis.call('TS.ADD', keys.timeSeries('10s', CODE.callsOk, cell), start(10) * 1000, 9, 'ON_DUPLICATE', 'LAST')
    expect((await verify()).differences).toMatchObject([{ check: 'tiers', cell, metric: 'calls ok', expected: 3, found: 9 }])
  })

  it('explains a sample that is not published yet when nobody publishes', async () => {
    await redis.call('TS.DEL', hourSeries(), start(3600) * 1000, start(3600) * 1000)
    expect((await verify()).differences).toMatchObject([{ check: 'published', expected: 400, found: 0 }])
    await redis.zadd(keys.unpublished, Date.now() - 120_000, '1h:0')
    expect(await verify()).toMatchObject({
      equal: true,
      explained: [{ check: 'published', explained: expect.stringContaining('no collector runs') }],
    })
  })
})
