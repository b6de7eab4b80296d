import {
  applyBatch,
  type Cell,
  CODE,
  countUnpublished,
  emptyContents,
  openReader,
  publishSeries,
  splitBatch,
  type Tier,
  tenantKeys,
  toCell,
} from '@aiwatch/store'
import { TIMESERIES_KINDS } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from '../read/open-store.ts'
import { startOf } from './series-model.ts'

type Labels = Record<string, string>

async function labelsOf(redis: Redis, key: string): Promise<Labels> {
  const info = (await redis.call('TS.INFO', key)) as unknown[]
  return Object.fromEntries(info[info.indexOf('labels') + 1] as [string, string][])
}

async function infoOf(redis: Redis, key: string, field: string): Promise<unknown> {
  const info = (await redis.call('TS.INFO', key)) as unknown[]
  return info[info.indexOf(field) + 1]
}

const samplesOf = async (redis: Redis, key: string) =>
  ((await redis.call('TS.RANGE', key, '-', '+')) as [number, string][]).map(([time, value]) => [time, Number(value)])

describeOnEachRedis('publishing series', TIMESERIES_KINDS, (kind) => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore(kind)
  })
  afterAll(() => store.close())

  const begin = () => {
    const tenant = newTenant()
    return { tenant, keys: tenantKeys(tenant), writer: new TestWriter(store.redis, tenant), reader: openReader(store.redis, { tenant }) }
  }
  const publishAll = (tenant: string) => publishSeries(store.redis, tenant, { all: true })

  test('makes ordinary labelled series of absolute totals, and nothing is left to publish', async () => {
    const { tenant, keys, writer } = begin()
    const cell = toCell('my app', 'a=b', 'x (1), 100%!')
    const start = startOf('10s', 0)
    const write = (values: number[]) => writer.apply({ cells: [cell], series: [{ tier: '10s', start, cell: 0, values }] })
    await write([CODE.callsOk, 1, CODE.inputTokens, 1_123_456_789_012_345, CODE.durationMs, 0.1])
    expect(await publishAll(tenant)).toEqual({ values: 3, refused: 0 })
    await write([CODE.inputTokens, 1, CODE.durationMs, 0.2])
    expect(await publishAll(tenant)).toEqual({ values: 3, refused: 0 })
    expect(await publishAll(tenant)).toEqual({ values: 0, refused: 0 })
    const key = keys.timeSeries('10s', CODE.inputTokens, cell.id)
    expect(key).toBe(`aiw:{${tenant}}:ts:10s:tokens:input:${cell.id}`)
    expect(await labelsOf(store.redis, key)).toEqual({
      tenant,
      tier: '10s',
      metric: 'tokens',
      direction: 'input',
      app: 'my app',
      provider: 'a%3Db',
      model: 'x %281%29%2C 100%25%21',
      cell: cell.id,
    })
    expect(await labelsOf(store.redis, keys.timeSeries('10s', CODE.callsOk, cell.id))).toMatchObject({ metric: 'calls', outcome: 'ok' })
    expect(await samplesOf(store.redis, key)).toEqual([[start * 1000, 1_123_456_789_012_346]])
    expect(await samplesOf(store.redis, keys.timeSeries('10s', CODE.durationMs, cell.id))).toEqual([[start * 1000, 0.3]])
    expect(await store.redis.exists(keys.unpublished, keys.unpublishedCells('10s', start))).toBe(0)
  })

  test('gives each series the retention and the life of its tier, and DUPLICATE_POLICY LAST', async () => {
    const { tenant, keys, writer } = begin()
    const tiers: [Tier, number][] = [
      ['10s', 25],
      ['1m', 7 * 24 + 1],
      ['1h', 400 * 24 + 1],
    ]
    await writer.apply({ series: tiers.map(([tier]) => ({ tier, start: startOf(tier, 0), cell: 0, values: [CODE.callsOk, 1] })) })
    await publishAll(tenant)
    for (const [tier, hours] of tiers) {
      const key = keys.timeSeries(tier, CODE.callsOk, CELLS[0]?.id as string)
      expect(await infoOf(store.redis, key, 'retentionTime')).toBe(hours * 3_600_000)
      expect(await infoOf(store.redis, key, 'duplicatePolicy')).toBe('last')
      expect(await store.redis.ttl(key)).toBeGreaterThan(hours * 3600)
      expect(await store.redis.ttl(key)).toBeLessThanOrEqual((hours + 3) * 3600)
      await store.redis.expire(key, (hours - 1) * 3600)
    }
    await writer.apply({ series: tiers.map(([tier]) => ({ tier, start: startOf(tier, 0), cell: 0, values: [CODE.callsOk, 1] })) })
    await publishAll(tenant)
    for (const [tier, hours] of tiers) {
      expect(await store.redis.ttl(keys.timeSeries(tier, CODE.callsOk, CELLS[0]?.id as string))).toBeGreaterThan(hours * 3600)
    }
  })

  test('what TS.QUERYINDEX finds and TS.MRANGE groups is what the reader says', async () => {
    const { tenant, writer, reader } = begin()
    const starts = [0, 60, 120, 4000, 8000].map((age) => startOf('1m', age))
    for (const [i, start] of starts.entries()) {
      const series = CELLS.map((_, cell) => ({ tier: '1m' as const, start, cell, values: [CODE.inputTokens, (cell + 1) * 10 ** i] }))
      await writer.apply({ series })
    }
    await publishAll(tenant)
    const filter = [`tenant=${tenant}`, 'tier=1m', 'metric=tokens', 'direction=input']
    expect(((await store.redis.call('TS.QUERYINDEX', ...filter)) as string[]).length).toBe(CELLS.length)
    const grouped = (await store.redis.call('TS.MRANGE', '-', '+', 'FILTER', ...filter, 'GROUPBY', 'app', 'REDUCE', 'sum')) as [
      string,
      unknown,
      [number, string][],
    ][]
    const sums = new Map<number, number>()
    const metric = await reader.metric('1m', [CODE.inputTokens], startOf('1m', 9000), startOf('1m', -60))
    for (const { samples } of metric) for (const { start, value } of samples) sums.set(start, (sums.get(start) ?? 0) + value)
    expect(grouped.map(([, , samples]) => samples.map(([time, value]) => [time / 1000, Number(value)]))).toEqual([
      [...sums].sort((a, b) => a[0] - b[0]),
    ])
    expect(await reader.publishedMetric('1m', [CODE.inputTokens], startOf('1m', 9000), startOf('1m', -60))).toHaveLength(CELLS.length)
  })

  test('a hash expires early once all of it is published, and is kept whole as long as something is not', async () => {
    const { tenant, keys, writer } = begin()
    const start = startOf('10s', 0)
    const write = (cell: number) => writer.apply({ series: [{ tier: '10s', start, cell, values: [CODE.callsOk, 1] }] })
    const ttl = () => store.redis.ttl(keys.series('10s', start))
    await write(0)
    expect(await ttl()).toBeGreaterThan(24 * 3600)
    await publishAll(tenant)
    expect(await ttl()).toBeLessThanOrEqual(2 * 3600 + 10)
    await write(1)
    expect(await ttl()).toBeGreaterThan(24 * 3600)
    expect(await store.redis.ttl(keys.unpublishedCells('10s', start))).toBeGreaterThan(24 * 3600)
    expect(await store.redis.ttl(keys.unpublished)).toBeGreaterThan(24 * 3600)
  })

  test('a bucket that is not hot leaves no hash behind, and is warmed before it is added to', async () => {
    const { keys, writer, reader } = begin()
    const start = startOf('10s', 5 * 3600)
    const write = (values: number[]) => writer.apply({ series: [{ tier: '10s', start, cell: 0, values }] })
    await write([CODE.callsOk, 1, CODE.costNanoUsd, 0])
    expect(await store.redis.exists(keys.series('10s', start), keys.unpublished)).toBe(0)
    await write([CODE.callsOk, 2, CODE.inputTokens, 5])
    const [bucket] = await reader.buckets('10s', start, start + 10)
    expect(bucket?.cells.get(CELLS[0]?.id as string)).toEqual(
      new Map([
        [CODE.callsOk, 3],
        [CODE.inputTokens, 5],
        [CODE.costNanoUsd, 0],
      ]),
    )
  })

  test('many values take many steps, by many publishers at once, and each is written', async () => {
    const { tenant, writer, reader } = begin()
    const cells = Array.from({ length: 300 }, (_, i) => toCell('app', 'vendor', `model ${i}`))
    const start = startOf('1h', 0)
    const codes = [CODE.callsOk, CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd, CODE.durationMs]
    await writer.apply({
      cells,
      series: cells.map((_, cell) => ({ tier: '1h', start, cell, values: codes.flatMap((code) => [code, cell]) })),
    })
    expect((await publishSeries(store.redis, tenant, { all: true, maxRuns: 1 })).values).toBeLessThan(300)
    await Promise.all([publishAll(tenant), publishAll(tenant), publishAll(tenant)])
    const published = await reader.publishedMetric('1h', [CODE.costNanoUsd], start, start + 3600)
    expect(published?.map(({ samples }) => samples[0]?.value).sort((a = 0, b = 0) => a - b)).toEqual(cells.map((_, i) => i))
  })

  test('rows for many buckets that are not hot go in scripts that stay short', async () => {
    const { tenant, reader } = begin()
    const starts = Array.from({ length: 400 }, (_, i) => startOf('10s', 7200 + i * 10))
    const values = [CODE.callsOk, 1, CODE.inputTokens, 10, CODE.outputTokens, 2]
    const rows = {
      ...emptyContents(tenant, 'writer'),
      cells: [CELLS[0] as Cell],
      series: starts.map((start) => ({ tier: '10s' as const, start, cell: 0, values })),
    }
    const parts = [...splitBatch(rows), ...splitBatch(rows)]
    expect(parts.length).toBeGreaterThan(8)
    for (const [i, part] of parts.entries()) await applyBatch(store.redis, { ...part, sequence: i + 1 })
    const samples = await reader.cellBuckets('10s', CELLS[0]?.id as string, startOf('10s', 7200 + 4000), startOf('10s', 7000))
    expect(samples.map(({ sums }) => sums.get(CODE.inputTokens))).toEqual(starts.map(() => 20))
  })

  test('cells beyond the limit are published as other', async () => {
    const { tenant, keys, writer, reader } = begin()
    const cells = Array.from({ length: 1003 }, (_, i) => toCell('app', 'vendor', `model ${i}`))
    await store.redis.hset(keys.cells, Object.fromEntries(cells.slice(0, 1000).map((cell) => [cell.id, '["app","vendor","m"]'])))
    const start = startOf('10s', 0)
    await writer.apply({
      cells: cells.slice(999),
      series: [0, 1, 2, 3].map((cell) => ({ tier: '10s', start, cell, values: [CODE.callsOk, 1] })),
    })
    await publishAll(tenant)
    const published = await reader.publishedMetric('10s', [CODE.callsOk], start, start + 10)
    expect(published?.map(({ samples }) => samples[0]?.value).sort()).toEqual([1, 3])
    expect(await labelsOf(store.redis, keys.timeSeries('10s', CODE.callsOk, toCell('other', 'other', 'other').id))).toMatchObject({
      app: 'other',
      provider: 'other',
      model: 'other',
    })
  })

  test('a key that is something else is refused and counted once; the rest is published', async () => {
    const { tenant, keys, writer, reader } = begin()
    const start = startOf('10s', 0)
    await store.redis.set(keys.timeSeries('10s', CODE.inputTokens, CELLS[0]?.id as string), 'mine', 'EX', 100)
    await writer.apply({ series: [{ tier: '10s', start, cell: 0, values: [CODE.callsOk, 1, CODE.inputTokens, 5] }] })
    expect(await publishAll(tenant)).toMatchObject({ values: 1, refused: 1, firstRefusal: expect.stringContaining('TSDB') })
    expect((await reader.integrity()).refusedOperations).toBe(1)
    expect(await countUnpublished(store.redis, tenant)).toBe(0)
  })

  test('a writer publishes in passing what is due, its own and what others left', async () => {
    const { tenant, keys, writer } = begin()
    const start = startOf('10s', 0)
    await writer.apply({ series: [{ tier: '10s', start, cell: 0, values: [CODE.callsOk, 1] }] })
    expect(await countUnpublished(store.redis, tenant)).toBe(0)
    await store.redis.zadd(keys.unpublished, Date.now() - 5000, `10s:${start}`)
    expect(await countUnpublished(store.redis, tenant, 4000)).toBe(1)
    const other = new Redis(store.server.url)
    await applyBatch(other, { ...emptyContents(tenant, 'other'), sequence: 1 })
    for (let i = 0; i < 100 && (await store.redis.exists(keys.unpublished)) === 1; i++) await new Promise((done) => setTimeout(done, 10))
    other.disconnect()
    expect(await samplesOf(store.redis, keys.timeSeries('10s', CODE.callsOk, CELLS[0]?.id as string))).toEqual([[start * 1000, 1]])
  })
})
