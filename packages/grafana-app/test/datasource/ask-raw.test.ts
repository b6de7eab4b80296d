import { expect, test } from 'vitest'
import { findRawFault, rawFrames, rawQuestion } from '../../src/datasource/ask-raw.ts'
import type { RawQuery } from '../../src/datasource/query.ts'
import { replaceWith } from './replace.ts'

const raw = (body: string, legend?: string): RawQuery => ({ refId: 'A', kind: 'raw', body, ...(legend ? { legend } : {}) })
const ask = (body: string, variables: Record<string, string | string[]> = {}) =>
  rawQuestion({
    query: raw(body),
    range: { from: 'now-6h', to: 'now' },
    intervalMs: 15_000,
    replace: replaceWith(variables),
    scopedVars: {},
  }).body

test('range and bucket are filled in where the body has none', () => {
  expect(ask('{"metric": "calls", "aggregation": "sum"}')).toEqual({
    metric: 'calls',
    aggregation: 'sum',
    start_time: 'now-6h',
    end_time: 'now',
    bucket_duration: 20_000,
  })
  // Samples as they are have no buckets.
  expect(ask('{"key": "metrics:cpu:usage"}')).toEqual({ key: 'metrics:cpu:usage', start_time: 'now-6h', end_time: 'now' })
})

test('what the body says stays, null for one bucket as well', () => {
  const body = { metric: 'calls', aggregation: 'sum', start_time: 'now-1h', end_time: 'now-5m', bucket_duration: null }
  expect(ask(JSON.stringify(body))).toEqual(body)
})

test('variables: in quotes a text or a list, outside of them a number too', () => {
  const body = ask(
    `{"metric": "$metric", "filter": {"app": "$app", "model": ["$model", "m3"]}, "top_k": {"k": $k},
      "start_time": $__from, "end_time": "\${__to}", "bucket_duration": "$__interval"}`,
    { metric: 'calls', app: 'a', model: ['m1', 'm2'], k: '5', __from: '1700000000000', __to: '1700003600000', __interval: '1m' },
  )
  expect(body).toEqual({
    metric: 'calls',
    filter: { app: 'a', model: ['m1', 'm2', 'm3'] },
    top_k: { k: 5 },
    start_time: 1_700_000_000_000,
    end_time: '1700003600000',
    bucket_duration: '1m',
  })
})

test('a value cannot change the shape of the body', () => {
  const name = '"}, "metric": "tokens'
  expect(ask('{"metric": "calls", "filter": {"model": "$model"}}', { model: name })).toMatchObject({
    metric: 'calls',
    filter: { model: name },
  })
})

test('a variable that stands for all takes its filter away', () => {
  const body = ask('{"metric": "calls", "filter": {"model": ["$model"], "app": {"not": "$app"}}, "group_by": []}', { model: '*', app: '*' })
  expect(body).not.toHaveProperty('filter')
  expect(body).toHaveProperty('group_by', [])
})

test('a variable among other text is put into it', () => {
  expect(ask('{"metric": "calls", "filter": ["model=($model)"]}', { model: ['a', 'b'] })).toMatchObject({ filter: ['model=(a,b)'] })
})

test.each([
  ['', 'write the body'],
  ['{"metric": }', 'not the JSON of a query'],
  ['["calls"]', 'must be an object'],
  ['"$body"', 'must be an object'],
])('%s is refused', (body, message) => {
  expect(findRawFault(raw(body))).toMatchObject({ field: 'body', message: expect.stringContaining(message) })
})

test('variables outside of quotes are no fault, and their mark stays out of the sentence', () => {
  expect(findRawFault(raw('{"metric": "calls", "start_time": $__from}'))).toBeUndefined()
  expect(findRawFault(raw('{"metric": $a $b}'))?.message).not.toContain('0000')
})

test('frames are those of a metric query: named by their groups, or by the legend', () => {
  const labels = { model: 'gpt-4o', app: 'shop' }
  const reply = { metric: 'cost_nano_usd', unit: 'nUSD', series: [{ labels, data: [{ timestamp: 1000, value: 2e9 }] }] }
  const body = { metric: 'cost_nano_usd', aggregation: 'sum', group_by: ['model'] }
  const [frame] = rawFrames(raw(''), body, reply)
  expect(frame?.name).toBe('gpt-4o')
  expect(frame?.fields[1]).toMatchObject({ name: 'cost_nano_usd', values: [2], config: { unit: 'currencyUSD' }, labels })
  expect(rawFrames(raw('', '{{app}}'), body, reply)[0]?.name).toBe('shop')
  expect(rawFrames(raw(''), { metric: 'cost_nano_usd' }, reply)[0]?.name).toBe('gpt-4o · shop')
})
