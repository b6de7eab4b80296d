import { applyBatch, emptyIntegrity } from '@aiwatch/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IntegrityReport } from '../src/analytics/read-integrity-report.ts'
import type { Problem } from '../src/contract/index.ts'
import { parseExposition } from './parse-exposition.ts'
import { getJson, openStage, type Stage } from './run-collector.ts'
import { testCall, toBatch } from './write-calls.ts'

describe('GET /v1/integrity', () => {
  let stage: Stage
  let url = ''
  beforeAll(async () => {
    stage = await openStage()
    url = `${stage.collector.analyticsUrl}/v1/integrity`
  })
  afterAll(() => stage.stop())

  it('of a tenant without data is zeros', async () => {
    const { status, body } = await getJson<IntegrityReport>(url)
    expect(status).toBe(200)
    expect(body).toMatchObject({ tenant: 'default', writers_48h: 0, writers: [], corrupt_fields: 0 })
    expect(Object.values(body.counters).every((value) => value === 0)).toBe(true)
  })

  it('tells what was applied and lost, in all, by writer, and in /metrics', async () => {
    const now = Date.now()
    const batch = (writer: string, sequence: number) => toBatch([testCall({ endedMs: now })], { writer, sequence })
    await applyBatch(stage.redis, { ...batch('a', 1), origin: 'web-1:77', integrity: { ...emptyIntegrity(), dropped: 5 } })
    await applyBatch(stage.redis, batch('a', 2))
    await applyBatch(stage.redis, batch('a', 2))
    await applyBatch(stage.redis, toBatch([testCall({ endedMs: now + 120_000 })], { writer: 'b', sequence: 1 }))
    const { body } = await getJson<IntegrityReport>(url)
    expect(body.counters).toMatchObject({ applied_batches: 3, duplicate_batches: 1, dropped_calls: 5, clamped_calls: 1, lost_calls: 0 })
    expect(body.writers_48h).toBe(2)
    expect(body.writers.find(({ writer }) => writer === 'a')).toEqual({
      writer: 'a',
      app: 'shop',
      origin: 'web-1:77',
      last_sequence: 2,
      last_heard: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      clock_ahead_ms: 0,
      torn: false,
      counters: { dropped_calls: 5, duplicate_batches: 1 },
    })
    const ahead = body.writers.find(({ writer }) => writer === 'b')
    expect(ahead?.clock_ahead_ms).toBeGreaterThan(100_000)
    expect(ahead?.origin).toBeNull()
    const exposition = await (await fetch(`${stage.collector.analyticsUrl}/metrics`)).text()
    const samples = parseExposition(exposition).get('token_analytics_integrity_total')?.samples ?? []
    expect(Object.fromEntries(samples.map(({ labels, value }) => [labels['counter'], value]))).toEqual(body.counters)
  })

  it('lists as many writers as asked', async () => {
    expect((await getJson<IntegrityReport>(`${url}?writers=1`)).body.writers).toHaveLength(1)
  })

  it.each([
    ['writers=0', 'writers'],
    ['writers=1001', 'writers'],
    ['writers=all', 'writers'],
    ['writers=1&writers=2', 'writers'],
    ['limit=5', 'limit'],
  ])('refuses ?%s and names the field', async (query, field) => {
    expect(await getJson<Problem>(`${url}?${query}`)).toMatchObject({ status: 400, body: { status: 400, field } })
  })
})
