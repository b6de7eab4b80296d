import {
  bucketStart,
  findSeedMetric,
  openReader,
  parseSeedMetricKey,
  SEED_METRICS,
  seedMetricKey,
  tenantKeys,
  writeSample,
} from '@aiwatch/store'
import { hasTimeSeries } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newTenant, openTestStore, type TestStore } from '../read/open-store.ts'

const HOUR = 3600
const nowSlot = () => bucketStart(Date.now(), 30)

describeOnEachRedis('samples', ['redis', 'stack'], (kind) => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore(kind)
  })
  afterAll(() => store.close())

  test('of two samplers the first wins, and what is read is that', async () => {
    const tenant = newTenant()
    const slotSeconds = nowSlot()
    const write = (value: number) => writeSample(store.redis, tenant, { name: 'error_rate', slotSeconds, value, keepSeconds: 24 * HOUR })
    expect(await Promise.all([write(0.25), write(0.5)])).toEqual([true, false])
    const reader = openReader(store.redis, { tenant })
    expect(await reader.samples('error_rate', slotSeconds * 1000, slotSeconds * 1000)).toEqual([
      { timestampMs: slotSeconds * 1000, value: 0.25 },
    ])
  })

  test('of a day are read in order of time, both ends included, exactly as they were', async () => {
    const tenant = newTenant()
    const end = nowSlot()
    const slots = Array.from({ length: 24 * 12 }, (_, i) => end - i * 300)
    const wave = (slot: number) => Math.sin(slot) * 1e15
    for (const slot of slots)
      await writeSample(store.redis, tenant, { name: 'cpu:usage', slotSeconds: slot, value: wave(slot), keepSeconds: 7 * 24 * HOUR })
    const reader = openReader(store.redis, { tenant })
    const all = slots.toReversed().map((slot) => ({ timestampMs: slot * 1000, value: wave(slot) }))
    expect(await reader.samples('cpu:usage', (end - 24 * HOUR) * 1000, end * 1000)).toEqual(all)
    expect(await reader.samples('cpu:usage', (end - 600) * 1000, (end - 300) * 1000)).toEqual(all.slice(-3, -1))
    expect(await reader.samples('cpu:usage', (end - 599) * 1000, (end - 301) * 1000)).toEqual([])
    expect(await reader.latestSample('cpu:usage')).toEqual(all.at(-1))
  })

  test('the latest is looked for in the last two hours only', async () => {
    const tenant = newTenant()
    const write = (slotSeconds: number) =>
      writeSample(store.redis, tenant, { name: 'error_rate', slotSeconds, value: 1, keepSeconds: 24 * HOUR })
    const reader = openReader(store.redis, { tenant })
    await write(nowSlot() - 2 * HOUR - 60)
    expect(await reader.latestSample('error_rate')).toBeUndefined()
    await write(nowSlot() - HOUR)
    expect(await reader.latestSample('error_rate')).toEqual({ timestampMs: (nowSlot() - HOUR) * 1000, value: 1 })
  })

  test('expire an hour and their retention after their hour', async () => {
    const tenant = newTenant()
    const slotSeconds = nowSlot()
    await writeSample(store.redis, tenant, { name: 'error_rate', slotSeconds, value: 1, keepSeconds: 24 * HOUR })
    const hour = bucketStart(slotSeconds * 1000, HOUR)
    if (hasTimeSeries(kind)) {
      const ttl = await store.redis.ttl(seedMetricKey(tenant, 'error_rate'))
      expect(Math.abs(ttl - 26 * HOUR)).toBeLessThan(5)
      return
    }
    const ttl = await store.redis.ttl(tenantKeys(tenant).sample('error_rate', hour))
    expect(Math.abs(ttl - (hour + HOUR + 25 * HOUR - Date.now() / 1000))).toBeLessThan(5)
  })

  test.runIf(hasTimeSeries(kind))('are time series of their own names on the module, and what came first stays', async () => {
    const slotSeconds = nowSlot()
    for (const tenant of ['default', 'acme']) {
      const key = tenant === 'default' ? 'metrics:error_rate' : '{acme}:metrics:error_rate'
      const write = (slot: number, value: number) =>
        writeSample(store.redis, tenant, { name: 'error_rate', slotSeconds: slot, value, keepSeconds: 24 * HOUR })
      expect(await write(slotSeconds, 0.5)).toBe(true)
      expect(await write(slotSeconds, 0.7)).toBe(false)
      expect(await write(slotSeconds - 30, 0.25)).toBe(true)
      expect(await write(slotSeconds - 26 * HOUR, 1)).toBe(false)
      const samples = (await store.redis.call('TS.RANGE', key, '-', '+')) as [number, string][]
      expect(samples.map(([time, value]) => [time, Number(value)])).toEqual([
        [(slotSeconds - 30) * 1000, 0.25],
        [slotSeconds * 1000, 0.5],
      ])
      expect(await store.redis.call('TS.QUERYINDEX', 'metric=error_rate')).toContain(key)
      const info = (await store.redis.call('TS.INFO', key)) as unknown[]
      expect(info[info.indexOf('duplicatePolicy') + 1]).toBe('first')
      expect(await openReader(store.redis, { tenant }).latestSample('error_rate')).toEqual({ timestampMs: slotSeconds * 1000, value: 0.5 })
    }
  })

  test.each([
    ['value', { slotSeconds: 30, value: Number.NaN }],
    ['value', { slotSeconds: 30, value: Number.POSITIVE_INFINITY }],
    ['slotSeconds', { slotSeconds: 1.5, value: 1 }],
    ['slotSeconds', { slotSeconds: -30, value: 1 }],
  ])('with a wrong %s are refused', async (name, sample) => {
    await expect(writeSample(store.redis, 'default', { name: 'error_rate', keepSeconds: HOUR, ...sample })).rejects.toThrow(name)
  })
})

describe('seed metrics', () => {
  test('have the names and retention that their keys promise', () => {
    const daysOf = Object.fromEntries(SEED_METRICS.map(({ name, keepSeconds }) => [seedMetricKey('default', name), keepSeconds / 86_400]))
    expect(daysOf).toEqual({
      'metrics:tokens:input_rate': 1,
      'metrics:tokens:output_rate': 1,
      'metrics:users:active_5m': 1,
      'metrics:users:active_1h': 1,
      'metrics:response_time:p95': 1,
      'metrics:response_time:p99': 1,
      'metrics:error_rate': 1,
      'metrics:memory:redis_used': 7,
      'metrics:cpu:usage': 7,
    })
  })

  test('are found by their key, with the tenant in front where it is not default', () => {
    expect(parseSeedMetricKey('default', 'metrics:error_rate')).toBe(findSeedMetric('error_rate'))
    expect(parseSeedMetricKey('acme', '{acme}:metrics:error_rate')).toBe(findSeedMetric('error_rate'))
    for (const key of ['error_rate', 'metrics:', 'metrics:nonsense', '{acme}:metrics:error_rate'])
      expect(parseSeedMetricKey('default', key)).toBeUndefined()
    expect(parseSeedMetricKey('acme', 'metrics:error_rate')).toBeUndefined()
  })
})
