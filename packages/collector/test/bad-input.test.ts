import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ErrorReply, getJson, openStage, postJson, type Stage } from './run-collector.ts'
import { CallWriter, testCall } from './write-calls.ts'

const KEY = 'metrics:tokens:input_rate'
const good = { key: KEY, start_time: 'now-1h', end_time: 'now' }

describe('bad input on 8082', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage({ maxBodyBytes: 2048, maxQueries: 3 })
    await new CallWriter(stage.redis).write([testCall({ endedMs: Date.now() })])
  })
  afterAll(() => stage.stop())

  it.each<[string, unknown, number, string, RegExp]>([
    ['broken JSON', '{"key": ', 400, 'body', /not valid JSON/],
    ['an empty body', '', 400, 'key', /is missing/],
    ['a list', [], 400, 'body', /JSON object/],
    ['a string', '"text"', 400, 'body', /JSON object/],
    ['null', 'null', 400, 'body', /JSON object/],
    ['no key', { ...good, key: undefined }, 400, 'key', /is missing/],
    ['a key that is a number', { ...good, key: 5 }, 400, 'key', /must be a string/],
    ['an empty key', { ...good, key: '' }, 400, 'key', /must not be empty/],
    ['an unknown sampled metric', { ...good, key: 'metrics:nothing' }, 404, 'key', /"metrics:nothing".*metrics:cpu:usage/],
    ['an unknown metric', { ...good, key: 'nothing:a:b:c' }, 404, 'key', /"nothing:a:b:c"/],
    ['an unknown split', { ...good, key: 'tokens:sideways:shop:openai:gpt-4o' }, 404, 'key', /direction .* must be one of input, output/],
    ['an unknown model', { ...good, key: 'tokens:input:shop:openai:nope' }, 404, 'key', /nothing was recorded .*"nope"/],
    ['a name with a part missing', { ...good, key: 'tokens:input:gpt-4o' }, 404, 'key', /is named/],
    ['a broken escape', { ...good, key: 'tokens:input:shop:openai:%zz' }, 404, 'key', /%/],
    ['no start', { ...good, start_time: undefined }, 400, 'start_time', /is missing/],
    ['no end', { ...good, end_time: undefined }, 400, 'end_time', /is missing/],
    ['a start that is no time', { ...good, start_time: 'yesterday' }, 400, 'start_time', /ISO 8601.*"yesterday"/],
    ['a time without zone', { ...good, start_time: '2026-01-01T00:00:00' }, 400, 'start_time', /with a zone/],
    [
      'a relative start without unit',
      { ...good, start_time: 'now-300' },
      400,
      'start_time',
      /start_time .*unit.*: ms, s, m, h, d, got "now-300"/,
    ],
    ['a relative end without unit', { ...good, end_time: 'now-300' }, 400, 'end_time', /end_time .*unit.*: ms, s, m, h, d, got "now-300"/],
    ['an end that is an object', { ...good, end_time: {} }, 400, 'end_time', /ISO 8601/],
    ['a start after the end', { ...good, start_time: 'now', end_time: 'now-1h' }, 400, 'start_time', /must not be after end_time/],
    ['an unknown aggregation', { ...good, aggregation: 'median' }, 400, 'aggregation', /must be one of avg, sum, min, .*var\.s.*"median"/],
    [
      'a field that does not exist',
      { ...good, agregation: 'sum' },
      400,
      'agregation',
      /no field "agregation"; a query has key, start_time/,
    ],
    [
      'an alignment that is none',
      { ...good, aggregation: 'sum', bucket_duration: '1m', align: 'left' },
      400,
      'align',
      /epoch, start, .*"left"/,
    ],
    ['a negative alignment', { ...good, aggregation: 'sum', bucket_duration: '1m', align: -5 }, 400, 'align', /or a time, got -5/],
    ['an alignment without buckets', { ...good, aggregation: 'sum', align: 'start' }, 400, 'align', /needs bucket_duration/],
    ['empty buckets without buckets', { ...good, empty: true }, 400, 'empty', /needs bucket_duration/],
    ['an empty that is no boolean', { ...good, empty: 'yes' }, 400, 'empty', /true or false, got "yes"/],
    [
      'a stamp that is none',
      { ...good, aggregation: 'sum', bucket_duration: '1m', bucket_timestamp: 'first' },
      400,
      'bucket_timestamp',
      /start, -, mid/,
    ],
    ['a percentile of half a minute', { ...good, aggregation: 'p95', bucket_duration: '30s' }, 400, 'bucket_duration', /at least 60000 ms/],
    ['a percentile of a range of seconds', { ...good, aggregation: 'p95', start_time: 'now-5s' }, 400, 'start_time', /at least 60000 ms/],
    ['a rate over no time', { ...good, aggregation: 'rate', start_time: 'now' }, 400, 'start_time', /must be before end_time/],
    ['an unknown tier', { ...good, tier: '5m' }, 400, 'tier', /must be one of 10s, 1m, 1h, 1d, got "5m"/],
    ['a tier of a sampled metric', { ...good, tier: '10s' }, 400, 'tier', /have no tiers/],
    [
      'a range past retention',
      { ...good, start_time: 'now-9d', end_time: 'now-8d' },
      400,
      'start_time',
      /past retention: nothing is kept from before 2/,
    ],
    ['a bucket of 0', { ...good, aggregation: 'sum', bucket_duration: 0 }, 400, 'bucket_duration', /above 0.*got 0/],
    ['a negative bucket', { ...good, aggregation: 'sum', bucket_duration: -60_000 }, 400, 'bucket_duration', /above 0.*got -60000/],
    ['a bucket of half a millisecond', { ...good, aggregation: 'sum', bucket_duration: 0.5 }, 400, 'bucket_duration', /whole number/],
    ['a bucket that is no duration', { ...good, aggregation: 'sum', bucket_duration: 'soon' }, 400, 'bucket_duration', /"5m"/],
    ['a bucket without aggregation', { ...good, bucket_duration: 60_000 }, 400, 'aggregation', /is missing/],
    ['a range of a million samples', { ...good, start_time: 0 }, 400, 'start_time', /at most 100000/],
    [
      'a range of a million buckets',
      { ...good, start_time: 'now-20m', aggregation: 'sum', bucket_duration: 1 },
      400,
      'bucket_duration',
      /1200001 buckets, at most 100000/,
    ],
    ['a series of a million points', { ...good, key: 'calls:ok:shop:openai:gpt-4o', start_time: 0 }, 400, 'start_time', /at most 100000/],
    ['a body over the limit', { ...good, padding: 'x'.repeat(3000) }, 413, 'body', /at most 2048 bytes/],
  ])('/query answers %s with the field and a reason', async (_case, body, status, field, error) => {
    expect(await stage.query(body)).toEqual({ status, body: { error: expect.stringMatching(error), field } })
  })

  it('answers with 400 rather than hang on strange keys', async () => {
    for (const key of ['🦊', '{}', '\n', ':::::', 'a'.repeat(1500), '%', '(,)', 'metrics:', '{default}:metrics:', '__proto__']) {
      const { status, body } = await stage.query<ErrorReply>({ ...good, key })
      expect([400, 404]).toContain(status)
      expect(body.field).toBe('key')
      expect(body.error.length).toBeLessThan(1500)
    }
  })

  it.each<[string, unknown, number, string, RegExp]>([
    ['an object', good, 400, 'body', /JSON list/],
    ['too many entries', [1, 2, 3, 4].map((n) => ({ ...good, key: `k${n}` })), 400, 'body', /at most 3 queries, got 4/],
    ['an entry without key', [good, {}], 400, '[1].key', /is missing/],
    ['an entry that is null', [null], 400, '[0].key', /is missing/],
    ['the same key twice', [good, good], 400, '[1].key', /asked twice/],
    ['the same id twice', [good, { ...good, id: KEY }], 400, '[1].id', /asked twice/],
    ['an id that is no text', [{ ...good, id: 5 }], 400, '[0].id', /must be a string/],
  ])('/multi-query refuses %s', async (_case, body, status, field, error) => {
    expect(await postJson(`${stage.collector.timeseriesUrl}/multi-query`, body)).toEqual({
      status,
      body: { error: expect.stringMatching(error), field },
    })
  })

  it('/multi-query takes an empty list', async () => {
    expect(await postJson(`${stage.collector.timeseriesUrl}/multi-query`, [])).toEqual({ status: 200, body: {} })
  })

  it.each<[string, number, string]>([
    ['/latest', 400, 'key'],
    ['/latest?key=', 400, 'key'],
    ['/latest?key=a&key=b', 400, 'key'],
    ['/latest?key=metrics:nothing', 404, 'key'],
    ['/keys?limit=0', 400, 'limit'],
    ['/keys?limit=many', 400, 'limit'],
  ])('%s is answered with %d', async (path, status, field) => {
    expect(await getJson(`${stage.collector.timeseriesUrl}${path}`)).toMatchObject({ status, body: { field, error: expect.any(String) } })
  })

  it('takes a body whatever its content type says, as curl -d sends it', async () => {
    const response = await fetch(`${stage.collector.timeseriesUrl}/query`, {
      method: 'POST',
      body: JSON.stringify(good),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(response.status).toBe(200)
  })

  it('refuses a malformed path and an unknown encoding without a stack trace', async () => {
    const malformed = await getJson<ErrorReply>(`${stage.collector.timeseriesUrl}/%`)
    expect(malformed.status).toBeGreaterThanOrEqual(400)
    expect(malformed.status).toBeLessThan(500)
    const response = await fetch(`${stage.collector.timeseriesUrl}/query`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-encoding': 'rot13' },
    })
    expect(response.status).toBe(415)
    expect(await response.json()).toMatchObject({ field: 'body' })
  })

  it('refuses a request for a foreign host name, as a page that rebinds its name to loopback would send', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = request(`${stage.collector.timeseriesUrl}/keys`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject)
      asked.end()
    })
    expect(status).toBe(403)
    const port = new URL(stage.collector.timeseriesUrl).port
    expect((await fetch(`http://localhost:${port}/keys`)).status).toBe(200)
  })

  it('goes on after a client that leaves in the middle of its body', async () => {
    await new Promise<void>((resolve) => {
      const half = request(`${stage.collector.timeseriesUrl}/query`, { method: 'POST', headers: { 'content-length': '500' } })
      half.on('error', () => resolve())
      half.write('{"key":')
      setTimeout(() => half.destroy(), 20)
      half.on('close', () => resolve())
    })
    expect((await stage.query(good)).status).toBe(200)
  })
})
