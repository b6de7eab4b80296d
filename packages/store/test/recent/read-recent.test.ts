import { type Call, listTenants, openReader, TENANTS_KEY, toRecentRow } from '@aiwatch/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from '../read/open-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

function callOf(id: string): Call {
  const { app, provider, model } = CELLS[1] as (typeof CELLS)[number]
  return {
    id,
    startedAt: Date.now() - 2000,
    app,
    provider,
    model,
    requestModel: `${model}-latest`,
    operation: 'chat',
    stream: true,
    user: 'ada',
    session: 's1',
    tags: { feature: 'search' },
    usage: { inputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 0, source: 'reported' },
    costNanoUsd: 12,
    cacheSavedNanoUsd: 0,
    durationMs: 1500,
    outcome: 'ok',
    attempts: 1,
    wastedTokens: 0,
    wastedNanoUsd: 0,
  }
}

describe('recent calls', () => {
  test('come newest first, page by page, whole', async () => {
    const tenant = newTenant()
    const calls = ['a', 'b', 'c', 'd', 'e'].map(callOf)
    await new TestWriter(store.redis, tenant).apply({ recent: calls.map((call) => toRecentRow(call, null)) })
    const reader = openReader(store.redis, { tenant })
    const first = await reader.recent({ limit: 2 })
    expect(first.map(({ call }) => call)).toEqual([calls[4], calls[3]])
    const rest = await reader.recent({ before: first[1]?.id as string })
    expect(rest.map(({ call }) => call.id)).toEqual(['c', 'b', 'a'])
    expect(await reader.recent({ before: rest[2]?.id as string })).toEqual([])
  })

  test.each([
    ['limit', { limit: 0 }],
    ['limit', { limit: 10_001 }],
    ['before', { before: '-' }],
    ['before', { before: '1-2; FLUSHALL' }],
  ])('a wrong %s is named', async (name, options) => {
    await expect(openReader(store.redis, { tenant: 'default' }).recent(options)).rejects.toThrow(new RegExp(`^${name} must be`))
  })
})

describe('listTenants', () => {
  test('lists who has written, and nothing that is not a tenant', async () => {
    const tenant = newTenant()
    await new TestWriter(store.redis, tenant).apply({})
    await store.redis.zadd(TENANTS_KEY, 1, 'Not A Tenant')
    const tenants = await listTenants(store.redis)
    expect(tenants).toContain(tenant)
    expect(tenants).not.toContain('Not A Tenant')
  })
})
