import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStage, type Stage } from '../run-collector.ts'
import { CallWriter, testCall } from '../write-calls.ts'

describe('questions by labels that cannot be answered', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
    const endedMs = Date.now()
    await new CallWriter(stage.redis).write(['a', 'b', 'c', 'd'].map((model) => testCall({ endedMs, model })))
    await new CallWriter(stage.redis, 'rival').write([testCall({ endedMs })])
  })
  afterAll(() => stage.stop())

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['an unknown metric', { metric: 'tokns' }, 'metric', /"tokns" does not exist; there are calls, tokens, .*per_output_token_ms/],
    ['a metric that is no text', { metric: 5 }, 'metric', /must be a string/],
    ['a metric beside a key', { metric: 'calls', key: 'metrics:error_rate' }, 'metric', /does not go with key/],
    [
      'an unknown label',
      { metric: 'calls', filter: { user: 'ada' } },
      'filter.user',
      /no label "user"; there are app, provider, model, .*tenant/,
    ],
    ['an unknown label in an expression', { metric: 'calls', filter: ['app=a', 'user=ada'] }, 'filter.1', /no label "user"/],
    ['the metric as a label', { metric: 'calls', filter: ['metric=calls'] }, 'filter.0', /metric is a field of the query/],
    [
      'a label that the metric does not have',
      { metric: 'tokens', filter: { outcome: 'ok' } },
      'filter.outcome',
      /tokens has no label outcome; .*direction/,
    ],
    ['a value that a split does not have', { metric: 'calls', filter: { outcome: 'error' } }, 'filter.outcome', /is one of ok, aborted/],
    [
      'the series of another tenant',
      { metric: 'calls', filter: { tenant: 'rival' } },
      'filter.tenant',
      /only the series of tenant default/,
    ],
    ['the series of every tenant but one', { metric: 'calls', filter: ['tenant!=rival'] }, 'filter.0', /every tenant/],
    ['the series of no tenant', { metric: 'calls', filter: { tenant: null } }, 'filter.tenant', /every tenant/],
    [
      'several tenants',
      { metric: 'calls', filter: { tenant: ['default', 'rival'] } },
      'filter.tenant',
      /only the series of tenant default/,
    ],
    ['a filter that is a number', { metric: 'calls', filter: 5 }, 'filter', /object of labels or a list/],
    ['an empty name', { metric: 'calls', filter: { app: '' } }, 'filter.app', /null \(the label is absent\)/],
    ['a name that is a number', { metric: 'calls', filter: { app: 5 } }, 'filter.app', /must be a name, .* got 5/],
    ['an unknown operator', { metric: 'calls', filter: { app: { like: 'x' } } }, 'filter.app', /"not"/],
    ['an expression that is none', { metric: 'calls', filter: ['app'] }, 'filter.0', /"label=value".*got "app"/],
    ['a broken escape', { metric: 'calls', filter: ['app=%zz'] }, 'filter.0', /percent-encoded/],
    ['an empty list', { metric: 'calls', filter: ['app=()'] }, 'filter.0', /must be an expression/],
    [
      'a reducer of merged percentiles',
      { metric: 'duration_ms', aggregation: 'p95', group_by: [], reduce: 'avg' },
      'reduce',
      /does not go with p95/,
    ],
    ['a sum of what is kept for percentiles', { metric: 'per_output_token_ms', aggregation: 'sum' }, 'aggregation', /p50, p90, p95, p99/],
    ['a tier of percentiles for sums', { metric: 'calls', tier: '1d' }, 'tier', /kept in tiers 10s, 1m, 1h, not 1d/],
    ['groups by an unknown label', { metric: 'calls', group_by: ['app', 'user'] }, 'group_by.1', /no label "user"/],
    ['groups that are no list', { metric: 'calls', group_by: 'model' }, 'group_by', /list of labels/],
    ['an unknown reducer', { metric: 'calls', group_by: [], reduce: 'median' }, 'reduce', /must be one of sum, avg/],
    ['a reducer without groups', { metric: 'calls', reduce: 'sum' }, 'reduce', /needs group_by/],
    ['a top of none', { metric: 'calls', top_k: { k: 0 } }, 'top_k.k', /from 1 to 1000, got 0/],
    ['a top of something unknown', { metric: 'calls', top_k: { k: 1, of: 2 } }, 'top_k.of', /no field "top_k.of"/],
    ['a top by something unknown', { metric: 'calls', top_k: { k: 1, by: 'p95' } }, 'top_k.by', /must be one of sum/],
    ['a negative limit', { metric: 'calls', limit: -1 }, 'limit', /from 1 to 1000, got -1/],
    [
      'more series than the limit',
      { metric: 'calls', limit: 3 },
      'limit',
      /series match, at most 3 are answered: narrow the filter, give group_by/,
    ],
    ['an unknown field', { metric: 'calls', where: 'x' }, 'where', /no field "where"; a query has metric, filter/],
    ['a bucket that does not fit', { metric: 'calls', aggregation: 'sum', bucket_duration: '15s' }, 'bucket_duration', /multiple of 10000/],
    [
      'too many points',
      { metric: 'calls', aggregation: 'sum', bucket_duration: '10s', start_time: 'now-400d' },
      'bucket_duration',
      /multiple of/,
    ],
  ])('refuses %s, naming the field', async (_case, body, field, error) => {
    const range = { start_time: 'now-1h', end_time: 'now' }
    expect(await stage.query({ ...range, ...body })).toEqual({ status: 400, body: { field, error: expect.stringMatching(error) } })
  })
})
