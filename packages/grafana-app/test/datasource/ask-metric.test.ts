import type { Catalog } from '@aiwatch/collector/contract'
import { expect, test } from 'vitest'
import { checkMetricQuery, chooseStepMs, heatmapFrames, metricFrames, metricQuestion } from '../../src/datasource/ask-metric.ts'
import type { Replace } from '../../src/datasource/interpolate.ts'
import type { MetricQuery } from '../../src/datasource/query.ts'

const query = (changed: Partial<MetricQuery> = {}): MetricQuery => ({
  refId: 'A',
  kind: 'metric',
  metric: 'tokens',
  aggregation: 'rate',
  groupBy: ['model'],
  ...changed,
})
const asWritten: Replace = (text) => text
const ask = (changed: Partial<MetricQuery>, intervalMs = 15_000) =>
  metricQuestion({ query: query(changed), range: { from: 'now-6h', to: 'now' }, intervalMs, replace: asWritten, scopedVars: {} }).body

test('metric, filters and groups are written as the collector reads them', () => {
  const filters: MetricQuery['filters'] = [
    { label: 'direction', operator: '=', values: ['output'] },
    { label: 'app', operator: '!=', values: ['demo', 'test'] },
    { label: 'provider', operator: '=', values: [] },
  ]
  expect(ask({ filters })).toEqual({
    metric: 'tokens',
    filter: { direction: ['output'], app: { not: ['demo', 'test'] } },
    group_by: ['model'],
    top_k: { k: 20, other: true },
    start_time: 'now-6h',
    end_time: 'now',
    aggregation: 'rate',
    bucket_duration: 20_000,
  })
})

test('a label can be asked to be absent or there', () => {
  const filters: MetricQuery['filters'] = [
    { label: 'app', operator: 'absent', values: [] },
    { label: 'direction', operator: 'present', values: [] },
  ]
  expect(ask({ filters })).toMatchObject({ filter: { app: null, direction: { not: null } } })
})

test.each([
  ['tokens', 'rate', 1000, 10_000],
  ['tokens', 'rate', 10_001, 20_000],
  ['duration_ms', 'p95', 1000, 60_000],
  ['duration_ms', 'p95', 61_000, 120_000],
  ['metrics:cpu:usage', 'avg', 1000, 30_000],
])('%s %s in a panel with room for %i ms has steps of %i ms', (metric, aggregation, intervalMs, stepMs) => {
  expect(chooseStepMs({ metric, aggregation }, intervalMs)).toBe(stepMs)
})

test('what is sampled is asked for by its key, without groups', () => {
  expect(ask({ metric: 'metrics:cpu:usage', aggregation: 'avg', groupBy: [] })).toEqual({
    key: 'metrics:cpu:usage',
    start_time: 'now-6h',
    end_time: 'now',
    aggregation: 'avg',
    bucket_duration: 30_000,
  })
})

const is = (label: string, value: string) => ({ label, operator: '=' as const, values: [value] })

const catalog = {
  metrics: [{ name: 'tokens', labels: ['app', 'model', 'direction'], aggregations: ['sum', 'rate'] }],
} as unknown as Catalog

test.each([
  [{}, undefined],
  [{ metric: 'toknes' }, 'no metric "toknes"'],
  [{ aggregation: 'p42' }, 'no aggregation p42; one of sum, rate'],
  [{ groupBy: ['user'] }, 'no label "user"; it has app, model, direction'],
  [{ step: '5 minutes' }, 'such as 5m'],
  [{ limit: 0 }, 'from 1 to 1000, got 0'],
  [{ filters: [is('model', 'a'), is('model', 'b')] }, 'model is filtered twice'],
])('%o → %s', (changed, fault) => {
  const found = checkMetricQuery(query(changed), catalog)
  if (fault === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(fault)
})

test('a series a frame, named by its groups; money in dollars; the rest last', () => {
  const reply = {
    metric: 'cost_nano_usd',
    unit: 'nUSD',
    series: [{ labels: { model: 'gpt-4o', app: 'shop' }, data: [{ timestamp: 1000, value: 2_500_000_000 }] }],
    other: { series: 3, data: [{ timestamp: 1000, value: null }] },
    partial: { reason: 'past_retention' as const, from: 0 },
  }
  const frames = metricFrames(query({ metric: 'cost_nano_usd', aggregation: 'sum' }), reply)
  expect(frames.map(({ name }) => name)).toEqual(['gpt-4o', 'other (3)'])
  expect(frames[0]?.fields[1]).toMatchObject({ values: [2.5], config: { unit: 'currencyUSD' }, labels: { model: 'gpt-4o' } })
  expect(frames[1]?.fields[1]?.values).toEqual([null])
  expect(frames[0]?.meta?.notices?.[0]?.text).toContain('1970-01-01')
})

test('a legend takes labels', () => {
  const reply = { metric: 'calls', unit: '{call}', series: [{ labels: { model: 'm', app: 'a' }, data: [] }] }
  expect(metricFrames(query({ legend: '{{ app }}: {{model}}{{none}}' }), reply)[0]?.name).toBe('a: m')
})

test.each([
  ['in the step that the panel has room for', {}, 10_000],
  ['in the step that is written', { step: '1m' }, 60_000],
])('a heat map has a row a series, %s', (_, changed, stepMs) => {
  const asked = query({ format: 'heatmap', ...changed })
  const range = { from: 'now-2m', to: 'now', fromMs: 120_000, toMs: 240_000 }
  const question = metricQuestion({ query: asked, range, intervalMs: 1000, replace: asWritten, scopedVars: {} })
  const reply = {
    metric: 'tokens',
    unit: '{token}',
    series: ['a', 'b'].map((model, index) => ({ labels: { model }, data: [{ timestamp: 120_000, value: index + 1 }] })),
  }
  const [frame] = heatmapFrames(asked, question, range, reply)
  const [x, y, value] = frame?.fields.map(({ values }) => values.slice(0, 3)) ?? []
  expect([x, y, value]).toEqual([
    [120_000, 120_000, 120_000 + stepMs],
    [0, 1, 0],
    [1, 2, 0],
  ])
  expect(frame?.refId).toBe('A')
  expect(frame?.meta?.custom?.yOrdinalDisplay).toEqual(['a', 'b'])
})
