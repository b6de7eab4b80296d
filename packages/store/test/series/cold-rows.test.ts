import { CODE, openReader, StoreError, type Tier, tenantKeys, toStoreError } from '@aiwatch/store'
import { TIMESERIES_KINDS } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HASH_GRACE_SECONDS, HOT_SECONDS } from '../../src/series/hot-form.ts'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from '../read/open-store.ts'

const TIER: Tier = '10s'

describeOnEachRedis('rows for a bucket whose hash is gone', TIMESERIES_KINDS, (kind) => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore(kind)
  })
  afterAll(() => store.close())

  const begin = () => {
    const tenant = newTenant()
    const start = Math.floor(Date.now() / 10_000) * 10 - HOT_SECONDS[TIER] - HASH_GRACE_SECONDS - 600
    const writer = new TestWriter(store.redis, tenant)
    const write = (values: number[]) => writer.apply({ cells: CELLS, series: [{ tier: TIER, start, cell: 0, values }] })
    const read = async () => {
      const [bucket] = await openReader(store.redis, { tenant }).buckets(TIER, start, start + 10)
      return Object.fromEntries(bucket?.cells.get(CELLS[0]?.id as string) ?? [])
    }
    return { tenant, start, write, read, keys: tenantKeys(tenant) }
  }

  test('add to what was published, leave what they do not touch, and begin new series', async () => {
    const { start, write, read, keys } = begin()
    await write([CODE.callsOk, 1, CODE.inputTokens, 10])
    expect(await store.redis.exists(keys.series(TIER, start))).toBe(0)
    await write([CODE.callsOk, 1, CODE.outputTokens, 5])
    await write([CODE.inputTokens, 7, CODE.durationMs, 1.5])
    expect(await read()).toEqual({ [CODE.callsOk]: 2, [CODE.inputTokens]: 17, [CODE.outputTokens]: 5, [CODE.durationMs]: 1.5 })
  })

  test('add to what was published also where an earlier row, of other metrics, still waits for publication', async () => {
    const { start, write, read, keys } = begin()
    await write([CODE.callsOk, 1, CODE.inputTokens, 10])
    // As a writer leaves it that is killed before it publishes.
    await store.redis.hset(keys.series(TIER, start), CELLS[0]?.id as string, Buffer.from([0x92, CODE.callsOk, 3]))
    await store.redis.sadd(keys.unpublishedCells(TIER, start), CELLS[0]?.id as string)
    await store.redis.zadd(keys.unpublished, Date.now() + 60_000, `${TIER}:${start}`)
    await write([CODE.inputTokens, 7])
    expect(await read()).toEqual({ [CODE.callsOk]: 3, [CODE.inputTokens]: 17 })
  })

  test('look up the series of their own metrics only, and refuse nothing', async () => {
    const { write, tenant } = begin()
    await store.redis.call('CONFIG', 'RESETSTAT')
    await write([CODE.callsOk, 1, CODE.inputTokens, 10])
    await write([CODE.callsOk, 1, CODE.inputTokens, 10])
    const stats = await store.redis.info('commandstats')
    expect(/cmdstat_(?:ts|TS)\.(?:range|RANGE):calls=(\d+)/.exec(stats)?.[1]).toBe('4')
    expect(/cmdstat_exists:calls=(\d+)/.exec(stats)?.[1] ?? '0').toBe('0')
    expect(await store.redis.hget(tenantKeys(tenant).integrity, 'refusedOperations')).toBeNull()
  })
})

test('a server without the module says so, not that it is too old', () => {
  const error = toStoreError(new Error("ERR unknown command 'TS.MRANGE', with args beginning with: '1' '2' 'FILTER'"))
  expect(error).toBeInstanceOf(StoreError)
  expect(error).toMatchObject({ code: 'unsupported', retryable: false, message: expect.stringContaining('RedisTimeSeries') })
  expect(error.message).not.toContain('Redis 7 or newer')
})
