import { applyBatch, CODE, openReader, resolveBackend, StoreError, tenantKeys, writeSample } from '@aiwatch/store'
import { hasTimeSeries } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callBatch } from '../apply/batches.ts'
import { newTenant, openTestStore, type TestStore } from '../read/open-store.ts'

describeOnEachRedis('the backend of a tenant', (kind) => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore(kind)
  })
  afterAll(() => store.close())
  const best = hasTimeSeries(kind) ? 'module' : 'plain'

  test('is what the server can do best, fixed by the first write', async () => {
    const tenant = newTenant()
    const reader = openReader(store.redis, { tenant })
    expect(await resolveBackend(store.redis, tenant)).toEqual({ backend: best, isServed: true })
    expect(await reader.backend()).toBeUndefined()
    await applyBatch(store.redis, callBatch(Date.now(), { tenant }))
    expect(await reader.backend()).toBe(best)
  })

  test('begun with a sample is the same', async () => {
    const tenant = newTenant()
    await writeSample(store.redis, tenant, { name: 'error_rate', slotSeconds: 30, value: 1, keepSeconds: 86_400 })
    expect(await store.redis.get(tenantKeys(tenant).backend)).toBe(best)
  })

  test('that began plain stays plain, also when it was begun behind our back', async () => {
    const tenant = newTenant()
    await resolveBackend(store.redis, tenant)
    await store.redis.set(tenantKeys(tenant).backend, 'plain')
    expect(await applyBatch(store.redis, callBatch(Date.now(), { tenant }))).toMatchObject({ status: 'applied' })
    expect(await store.redis.exists(tenantKeys(tenant).unpublished)).toBe(0)
    const fresh = new Redis(store.server.url)
    expect(await applyBatch(fresh, callBatch(Date.now(), { tenant, sequence: 2 }))).toMatchObject({ status: 'applied' })
    fresh.disconnect()
    const from = Math.floor(Date.now() / 3_600_000) * 3600 - 3600
    const rows = await openReader(store.redis, { tenant }).buckets('1h', from, from + 7200)
    expect(rows.flatMap(({ cells }) => [...cells.values()].map((sums) => sums.get(CODE.callsOk))).reduce((a = 0, b = 0) => a + b, 0)).toBe(
      2,
    )
  })

  test('that is on the module is refused where the user may not use it', async () => {
    const tenant = newTenant()
    await store.redis.set(tenantKeys(tenant).backend, 'module')
    await store.redis.call('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', ...(best === 'module' ? ['-ts.get'] : []))
    const limited = new Redis(store.server.url, { username: 'limited', password: 'secret' })
    try {
      const outcome = await applyBatch(limited, callBatch(Date.now(), { tenant })).catch((error) => error)
      expect(outcome).toBeInstanceOf(StoreError)
      expect(outcome).toMatchObject({ code: 'wrong_backend', retryable: false, message: expect.stringContaining('"module"') })
      expect(await resolveBackend(limited, newTenant())).toEqual({ backend: 'plain', isServed: true })
    } finally {
      limited.disconnect()
    }
  })
})
