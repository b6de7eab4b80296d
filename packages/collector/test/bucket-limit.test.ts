import { formatSeriesName } from '@aiwatch/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SeriesAnswer } from '../src/analytics/series/series-source.ts'
import { type ErrorReply, openStage, postJson, type Stage } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

const MODELS = Array.from({ length: 50 }, (_, index) => `m${index}`)
const KEYS = MODELS.map((model) => formatSeriesName({ metric: 'calls', split: 'ok', app: 'shop', provider: 'openai', model }))
const [FIRST, SECOND, THIRD] = KEYS as [string, string, string]

/** Hours of 400 days are 9,600 buckets, and one more as both ends are inclusive. */
const LIMIT = 20_000

describe('the limit on what a request reads', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ maxBuckets: LIMIT })
    await new CallWriter(stage.redis).write(MODELS.map((model) => testCall({ endedMs: Date.now(), model })))
  })
  afterAll(() => stage.stop())

  const several = async (queries: unknown[]) => {
    const { status, body } = await postJson<Record<string, SeriesAnswer | ErrorReply>>(
      `${stage.collector.timeseriesUrl}/multi-query`,
      queries,
    )
    expect(status).toBe(200)
    return body
  }
  const countReads = async () => {
    const counts = (await stage.redis.info('commandstats')).matchAll(/cmdstat_(?:hget|hmget|hgetall):calls=(\d+)/g)
    return [...counts].reduce((total, [, calls]) => total + Number(calls), 0)
  }
  // What does not add up is read in one length of step: no coarser ones spare reads.
  const total = { end_time: 'now', aggregation: 'max' }

  it('answers the first of fifty long maxima and refuses the others, the same ones each time', async () => {
    const queries = KEYS.map((key) => ({ key, start_time: 'now-400d', ...total }))
    const before = await countReads()
    const body = await several(queries)
    const reads = (await countReads()) - before
    expect(reads).toBeGreaterThan(LIMIT / 2)
    // And a few of names and late announcements.
    expect(reads).toBeLessThanOrEqual(LIMIT + 10)
    for (const key of KEYS.slice(0, 2)) expect(body[key]).toMatchObject({ data: [{ value: 1 }] })
    for (const key of KEYS.slice(2))
      expect(body[key]).toEqual({
        error: 'the range holds 9601 stored buckets, the queries before it 19202, at most 20000 are read for a request: move start_time',
        field: 'start_time',
      })
    const again = await several(queries)
    expect(Object.keys(again).filter((key) => 'error' in (again[key] as object))).toEqual(KEYS.slice(2))
  })

  it('answers a short range behind a refused one', async () => {
    const body = await several([
      { key: FIRST, start_time: 'now-6d', ...total },
      { key: 'metrics:cpu:usage', start_time: 'now-7d', ...total },
      { key: SECOND, start_time: 'now-6d', aggregation: 'max', end_time: 'now', bucket_duration: '1h' },
      { key: THIRD, start_time: 'now-1h', end_time: 'now' },
    ])
    expect(body['metrics:cpu:usage']).toMatchObject({
      field: 'start_time',
      error: expect.stringMatching(/2016[01] stored .* before it 8641,/),
    })
    for (const key of [FIRST, SECOND, THIRD]) expect(body[key]).toMatchObject({ data: [{ value: 1 }] })
  })

  it('does not count what is no longer kept or lies in the future', async () => {
    expect(await stage.query({ key: FIRST, start_time: 0, ...total })).toMatchObject({
      status: 200,
      body: { data: [{ value: 1 }] },
    })
    const future = { start_time: 'now-1h', end_time: '2999-01-01T00:00:00Z', aggregation: 'count' }
    expect(await stage.query({ key: SECOND, ...future })).toMatchObject({ status: 200, body: { data: [{ value: 1 }] } })
  })

  it('refuses a single query that is over it', async () => {
    // Whether the oldest sample still counts depends on the milliseconds between the question and its answer.
    expect(await stage.query({ key: 'metrics:cpu:usage', start_time: 'now-7d', ...total })).toEqual({
      status: 400,
      body: {
        error: expect.stringMatching(/^the range holds 2016[01] stored buckets, at most 20000 are read for a request: move start_time$/),
        field: 'start_time',
      },
    })
  })
})
