import { formatSeriesName } from '@aiwatch/store'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabelAnswer } from '../../src/analytics/series/label-answer.ts'
import { openStage, postJson, type Stage } from '../run-collector.ts'
import { CallWriter, type TestCall, testCall } from '../write-calls.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const floor = (timeMs: number, stepMs: number) => Math.floor(timeMs / stepMs) * stepMs
const STRANGE = ['a=b', 'a!=b', 'x,y', '(in brackets)', '🦊\n模型', '100%', 'null', '__proto__', 'x'.repeat(500)]

describeOnEachRedis('questions by labels', (kind) => {
  let stage: Stage
  let nowMs = 0
  let calls: TestCall[] = []

  beforeAll(async () => {
    stage = await openStage({ kind })
    nowMs = Date.now()
    const apps = ['shop', 'desk', '']
    const models = ['gpt-4o', 'claude', 'llama']
    calls = Array.from({ length: 600 }, (_, index) =>
      testCall({
        endedMs: nowMs - index * 20_000,
        app: apps[index % 3] as string,
        provider: index % 2 === 0 ? 'openai' : 'other-cloud',
        model: models[index % 7 === 0 ? 2 : index % 5 === 0 ? 1 : 0] as string,
        outcome: index % 11 === 0 ? 'timeout' : index % 13 === 0 ? 'aborted' : 'ok',
        inputTokens: 1 + index * 3,
        outputTokens: 5,
        durationMs: 100 + ((index * 37) % 1000) * (index % 5 === 0 ? 10 : 1),
      }),
    )
    await new CallWriter(stage.redis).write(calls)
    await new CallWriter(stage.redis).write(STRANGE.map((model) => testCall({ endedMs: nowMs, app: 'strange', model })))
    await new CallWriter(stage.redis, 'rival').write([testCall({ endedMs: nowMs, app: 'rival-app' })])
  })
  afterAll(() => stage.stop())

  const ask = async (body: Record<string, unknown>) => {
    const { status, body: answer } = await stage.query<LabelAnswer>({ start_time: nowMs - 3 * HOUR, end_time: nowMs, ...body })
    expect(answer).not.toHaveProperty('error')
    expect(status).toBe(200)
    return answer
  }
  const own = (call: TestCall) => call.app !== 'strange' && floor(call.endedMs, 10_000) >= nowMs - 3 * HOUR
  const total = (wanted: (call: TestCall) => boolean, value: (call: TestCall) => number = () => 1) =>
    calls.filter((call) => own(call) && wanted(call)).reduce((sum, call) => sum + value(call), 0)
  const sums = (answer: LabelAnswer, label: string) =>
    Object.fromEntries(answer.series.map(({ labels, data }) => [labels[label], data.reduce((sum, { value }) => sum + Number(value), 0)]))
  /** Everything but the calls of the strange names. */
  const ORDINARY = 'app!=strange'

  it('answers each series of a metric apart, with its labels', async () => {
    const answer = await ask({ metric: 'tokens', filter: { app: 'shop', provider: 'openai' }, aggregation: 'sum' })
    expect(answer).toMatchObject({ metric: 'tokens', unit: '{token}', estimated: false })
    expect(answer.series).toHaveLength(6)
    for (const { labels, data } of answer.series) {
      const { direction, model, ...rest } = labels
      expect(rest).toEqual({ tenant: 'default', app: 'shop', provider: 'openai' })
      const value = total(
        (call) => call.app === 'shop' && call.provider === 'openai' && call.model === model,
        (call) => (direction === 'input' ? call.inputTokens : call.outputTokens),
      )
      expect(data).toEqual([{ timestamp: nowMs - 3 * HOUR, value }])
    }
  })

  it('groups by labels and adds up, in buckets that equal those of the single series', async () => {
    const question = { aggregation: 'sum', bucket_duration: '10m' }
    const byModel = await ask({
      metric: 'tokens',
      filter: { direction: 'input', app: { not: 'strange' } },
      group_by: ['model'],
      ...question,
    })
    expect(byModel.series.map(({ labels }) => labels)).toEqual([{ model: 'claude' }, { model: 'gpt-4o' }, { model: 'llama' }])
    for (const model of ['claude', 'gpt-4o', 'llama'])
      expect(sums(byModel, 'model')[model]).toBe(
        total(
          (call) => call.model === model,
          (call) => call.inputTokens,
        ),
      )
    const single = await ask({ metric: 'tokens', filter: ['direction=input', 'model=claude'], ...question })
    const added = new Map<number, number>()
    for (const { data } of single.series)
      for (const { timestamp, value } of data) added.set(timestamp, (added.get(timestamp) ?? 0) + Number(value))
    const claude = byModel.series.find(({ labels }) => labels['model'] === 'claude')
    expect(claude?.data).toEqual([...added].sort((a, b) => a[0] - b[0]).map(([timestamp, value]) => ({ timestamp, value })))
  })

  it('groups by an outcome, and all together', async () => {
    const question = { metric: 'calls', filter: ORDINARY, aggregation: 'sum' }
    const byOutcome = await ask({ ...question, group_by: ['outcome'] })
    const counts = Object.fromEntries(['aborted', 'ok', 'timeout'].map((outcome) => [outcome, total((call) => call.outcome === outcome)]))
    expect(sums(byOutcome, 'outcome')).toEqual(counts)
    const whole = await ask({ ...question, group_by: [] })
    expect(whole.series).toEqual([{ labels: {}, data: [{ timestamp: nowMs - 3 * HOUR, value: total(() => true) }] }])
    expect(sums(await ask({ ...question, group_by: ['tenant'] }), 'tenant')).toEqual({ default: total(() => true) })
  })

  it.each<[string, unknown, (call: TestCall) => boolean]>([
    ['=', { model: 'claude' }, (call) => call.model === 'claude'],
    ['= as an expression', 'model=claude', (call) => call.model === 'claude'],
    ['one of several', { model: ['claude', 'llama'] }, (call) => call.model !== 'gpt-4o'],
    ['one of several as an expression', ['model=(claude,llama)'], (call) => call.model !== 'gpt-4o'],
    ['!=', { model: { not: 'claude' } }, (call) => call.model !== 'claude'],
    ['!= as an expression', ['model!=claude'], (call) => call.model !== 'claude'],
    ['none of several', { model: { not: ['claude', 'llama'] } }, (call) => call.model === 'gpt-4o'],
    ['none of several as an expression', ['model!=(claude,llama)'], (call) => call.model === 'gpt-4o'],
    ['absent: the app that was not named', { app: null }, (call) => call.app === ''],
    ['absent as an expression', ['app='], (call) => call.app === ''],
    ['there', { app: { not: null } }, (call) => call.app !== ''],
    ['there as an expression', ['app!='], (call) => call.app !== ''],
    ['a split', { outcome: ['timeout', 'aborted'] }, (call) => call.outcome !== 'ok'],
    ['not a split', ['outcome!=ok'], (call) => call.outcome !== 'ok'],
    ['a label that calls do not have, absent', { direction: null }, () => true],
    ['the own tenant', { tenant: 'default' }, () => true],
    ['the own tenant as an expression', ['tenant=default'], () => true],
    ['two parts at once', ['model=claude', 'provider!=openai'], (call) => call.model === 'claude' && call.provider !== 'openai'],
    ['a name that nobody has', { model: 'nobody' }, () => false],
    ['contradictions', ['model=claude', 'model=llama'], () => false],
    ['nothing at all', undefined, () => true],
  ])('filters by %s', async (_case, filter, wanted) => {
    const parts = Array.isArray(filter) ? [...filter, ORDINARY] : filter
    const answer = await ask({ metric: 'calls', filter: parts, aggregation: 'sum', group_by: ['app'] })
    const { strange: _, ...found } = sums(answer, 'app')
    const expected = Object.fromEntries(
      ['shop', 'desk', ''].flatMap((app) => {
        const count = total((call) => call.app === app && wanted(call))
        return count === 0 ? [] : [[app || 'unknown', count]]
      }),
    )
    expect(found).toEqual(expected)
  })

  it('finds names of whatever characters, as they are in an object and encoded in an expression', async () => {
    const encode = (name: string) => name.replace(/[%,()=!]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
    for (const name of STRANGE) {
      for (const filter of [{ model: name }, { model: [name, 'nobody'] }, [`model=${encode(name)}`], [`model=(${encode(name)},nobody)`]]) {
        const { series } = await ask({ metric: 'calls', filter, aggregation: 'sum' })
        expect(
          series.map(({ labels, data }) => [labels['app'], data[0]?.value]),
          JSON.stringify(filter),
        ).toEqual([['strange', 1]])
      }
    }
    const { series } = await ask({ metric: 'calls', filter: ['model=a=b'], aggregation: 'sum' })
    expect(series.map(({ labels }) => labels['model'])).toEqual(['a=b'])
  })

  it.each([
    ['sum', 9 * 120],
    ['avg', 60],
    ['min', 20],
    ['max', 100],
    ['count', 18],
    ['range', 80],
    ['std.p', 40],
    ['var.p', 1600],
  ])('reduces 9 series of 100 and 9 of 20 by %s to %d', async (reduce, value) => {
    const { series } = await ask({ metric: 'tokens', filter: { app: 'strange' }, aggregation: 'sum', group_by: ['app'], reduce })
    expect(series).toEqual([{ labels: { app: 'strange' }, data: [{ timestamp: nowMs - 3 * HOUR, value }] }])
  })

  it('answers the top few, best first, and the rest as one', async () => {
    const question = {
      metric: 'tokens',
      filter: [ORDINARY, 'direction=input'],
      aggregation: 'sum',
      bucket_duration: '1h',
      group_by: ['model'],
    }
    const all = sums(await ask(question), 'model')
    const order = Object.keys(all).sort((a, b) => Number(all[b]) - Number(all[a]))
    const top = await ask({ ...question, top_k: { k: 1, other: true } })
    expect(top.series.map(({ labels }) => labels['model'])).toEqual(order.slice(0, 1))
    expect(top.other?.series).toBe(2)
    const rest = top.other?.data.reduce((sum, { value }) => sum + Number(value), 0)
    expect(rest).toBe(order.slice(1).reduce((sum, model) => sum + Number(all[model]), 0))
    const two = await ask({ ...question, top_k: { k: 2 } })
    expect(two.series.map(({ labels }) => labels['model'])).toEqual(order.slice(0, 2))
    expect(two).not.toHaveProperty('other')
    expect(await ask({ ...question, top_k: { k: 9, other: true } })).not.toHaveProperty('other')
  })

  describe('percentiles', () => {
    const nearestRank = (values: number[], share: number) =>
      values.sort((a, b) => a - b)[Math.max(1, Math.ceil(share * values.length)) - 1] as number
    const durations = (wanted: (call: TestCall) => boolean, startMs: number) =>
      calls.filter((call) => wanted(call) && floor(call.endedMs, MINUTE) >= startMs).map((call) => call.durationMs)

    it('of a group are those of all its calls, within the stated error', async () => {
      const startMs = floor(nowMs - 3 * HOUR, HOUR)
      const answer = await ask({ metric: 'duration_ms', start_time: startMs, aggregation: 'p95', group_by: ['model'], filter: ORDINARY })
      expect(answer).toMatchObject({ unit: 'ms', estimated: true, error_bound: 0.02 })
      expect(answer.series.map(({ labels }) => labels['model'])).toEqual(['claude', 'gpt-4o', 'llama'])
      for (const { labels, data } of answer.series) {
        const exact = nearestRank(
          durations((call) => call.model === labels['model'], startMs),
          0.95,
        )
        expect(Math.abs(Number(data[0]?.value) - exact)).toBeLessThanOrEqual(0.02 * exact)
      }
    })

    it('of everything come from the sketch of all calls', async () => {
      const startMs = floor(nowMs - 2 * HOUR, MINUTE)
      const { series } = await ask({ metric: 'duration_ms', start_time: startMs, aggregation: 'p50', group_by: [], bucket_duration: '10m' })
      expect(series).toHaveLength(1)
      expect(series[0]?.data.length).toBeGreaterThan(11)
      const cut = await ask({ metric: 'duration_ms', start_time: startMs, aggregation: 'p99', group_by: [], filter: ORDINARY })
      const exact = nearestRank(
        durations(() => true, startMs),
        0.99,
      )
      expect(Math.abs(Number(cut.series[0]?.data[0]?.value) - exact)).toBeLessThanOrEqual(0.02 * exact)
    })

    it('of one series by key are the same', async () => {
      const names = { app: 'shop', provider: 'openai', model: 'gpt-4o' }
      const range = { start_time: floor(nowMs - 3 * HOUR, HOUR), end_time: nowMs, aggregation: 'p90', bucket_duration: '1h' }
      const byKey = await stage.query<LabelAnswer>({ key: formatSeriesName({ metric: 'duration_ms', ...names }), ...range })
      const byLabels = await ask({ metric: 'duration_ms', filter: names, ...range })
      expect(byKey.body).toMatchObject({ unit: 'ms', estimated: true, error_bound: 0.02, data: byLabels.series[0]?.data })
      expect(byLabels.series[0]?.data.length).toBeGreaterThanOrEqual(3)
    })

    it('of what has no sketch are taken over the samples of the group', async () => {
      const startMs = floor(nowMs - HOUR, 10_000)
      const { series } = await ask({
        metric: 'tokens',
        filter: ['direction=input', ORDINARY],
        start_time: startMs,
        aggregation: 'p90',
        group_by: [],
      })
      const samples = calls.filter((call) => floor(call.endedMs, 10_000) >= startMs).map((call) => call.inputTokens)
      expect(series[0]?.data).toEqual([{ timestamp: startMs, value: nearestRank(samples, 0.9) }])
    })

    it('of the time per output token have a metric of their own', async () => {
      expect((await ask({ metric: 'per_output_token_ms', aggregation: 'p50', group_by: [] })).unit).toBe('ms')
    })
  })

  it('gives a rate per second of the bucket, with its unit', async () => {
    const question = { metric: 'calls', filter: ORDINARY, group_by: [], bucket_duration: '1m' }
    const rate = await ask({ ...question, aggregation: 'rate' })
    const sum = await ask({ ...question, aggregation: 'sum' })
    expect(rate.unit).toBe('{call}/s')
    expect(rate.series[0]?.data).toEqual(sum.series[0]?.data.map(({ timestamp, value }) => ({ timestamp, value: Number(value) / 60 })))
  })

  it('answers several of both kinds by id, key or place, with an error per entry', async () => {
    const range = { start_time: nowMs - HOUR, end_time: nowMs, aggregation: 'sum' }
    const { status, body } = await postJson<Record<string, unknown>>(`${stage.collector.timeseriesUrl}/multi-query`, [
      { key: 'metrics:error_rate', ...range },
      { metric: 'calls', group_by: [], ...range },
      { id: 'by model', metric: 'calls', group_by: ['model'], ...range },
      { id: 'again', key: 'metrics:error_rate', ...range },
      { metric: 'calls', filter: { user: 'x' }, ...range },
    ])
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['1', '4', 'again', 'by model', 'metrics:error_rate'])
    expect(body['1']).toMatchObject({ metric: 'calls', series: [{ labels: {} }] })
    expect(body['again']).toEqual(body['metrics:error_rate'])
    expect(body['4']).toMatchObject({ field: 'filter.user' })
  })
})
