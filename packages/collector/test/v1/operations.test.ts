import { request as httpRequest } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPERATIONS, type Operation, type OperationName } from '../../src/contract/index.ts'
import { openStage, type Stage } from '../run-collector.ts'
import { CallWriter } from '../write-calls.ts'
import { askProblem, askV1, readProblem, send } from './ask-v1.ts'
import { exampleCalls } from './example-calls.ts'

const NAMES = Object.keys(OPERATIONS) as OperationName[]
const JSON_NAMES = NAMES.filter((name): name is Exclude<OperationName, 'stream'> => name !== 'stream')
const operationOf = (name: OperationName): Operation => OPERATIONS[name]

/** The bytes as they come: fetch decompresses. */
function raw(url: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const sent = httpRequest(url, { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('operations of /v1', () => {
  let stage: Stage
  let base = ''
  beforeAll(async () => {
    stage = await openStage()
    base = stage.collector.analyticsUrl
    await new CallWriter(stage.redis).write(exampleCalls(600, Date.now()))
  })
  afterAll(() => stage.stop())

  it.each(JSON_NAMES)('answer the example of %s by its schema', async (name) => {
    const body = await askV1(base, name, operationOf(name).example)
    expect(Object.keys(body as object).length).toBeGreaterThan(0)
  })

  it.each(JSON_NAMES)('answer the example of %s for a tenant without data, or say that there is no such thing', async (name) => {
    const empty = await openStage()
    try {
      const response = await send(empty.collector.analyticsUrl, name, operationOf(name).example)
      if (name === 'model' || name === 'user') expect((await readProblem(response)).field).toBe('id')
      else await askV1(empty.collector.analyticsUrl, name, operationOf(name).example)
    } finally {
      await empty.stop()
    }
  })

  it.each(NAMES)('refuse a parameter that %s does not have', async (name) => {
    const { id, body } = operationOf(name).example
    expect(await askProblem(base, name, { id, body, query: { nonsense: '1' } })).toMatchObject({ status: 400, field: 'nonsense' })
  })

  it.each<[OperationName, Record<string, string>, string]>([
    ['overview', { from: 'yesterday' }, 'from'],
    ['overview', { from: 'now-5' }, 'from'],
    ['overview', { to: '' }, 'to'],
    ['overview', { from: 'now', to: 'now-1h' }, 'from'],
    ['overview', { user: 'ada' }, 'user'],
    ['overview', { tag: 'feature=chat' }, 'tag'],
    ['overview', { outcome: 'ok' }, 'outcome'],
    ['overview', { app: '' }, 'app'],
    ['overview', { ['__proto__']: 'x' }, '__proto__'],
    ['overview', { constructor: 'y' }, 'constructor'],
    ['models', { sort: 'name' }, 'sort'],
    ['models', { limit: '0' }, 'limit'],
    ['models', { limit: '1.5' }, 'limit'],
    ['models', { user: 'ada' }, 'user'],
    ['model', { model: 'x' }, 'model'],
    ['users', { window: '2h' }, 'window'],
    ['users', { sort: 'name' }, 'sort'],
    ['users', { cursor: 'next' }, 'cursor'],
    ['users', { cursor: '5_<script>' }, 'cursor'],
    ['users', { app: 'shop' }, 'app'],
    ['user', { from: 'now-1h' }, 'from'],
    ['sessions', { cursor: '-1' }, 'cursor'],
    ['sessions', { limit: 'many' }, 'limit'],
    ['sessions', { model: 'gpt-4o' }, 'model'],
    ['calls', { outcome: 'fine' }, 'outcome'],
    ['calls', { tag: 'feature' }, 'tag'],
    ['calls', { tag: '=chat' }, 'tag'],
    ['calls', { min_duration_ms: '-1' }, 'min_duration_ms'],
    ['calls', { cursor: '12' }, 'cursor'],
    ['calls', { cursor: '1-0', sort: 'slowest' }, 'cursor'],
    ['calls', { limit: '501' }, 'limit'],
    ['calls', { from: 'yesterday' }, 'from'],
    ['calls', { from: 'now', to: 'now-1h' }, 'from'],
    ['sessions', { from: 'now-1h' }, 'from'],
    ['errors', { outcome: 'ok' }, 'outcome'],
    ['errors', { user: 'ada' }, 'user'],
    ['latency', { kind: 'speed' }, 'kind'],
    ['latency', { tag: 'a=b' }, 'tag'],
    ['costs', { by: 'day' }, 'by'],
    ['costs', { user: 'ada' }, 'user'],
    ['costs', { by: 'user', tag: 'feature' }, 'tag'],
    ['costs', { by: 'user', app: 'shop' }, 'app'],
    ['costs', { by: 'tag', model: 'gpt-4o' }, 'model'],
    ['costs', { by: 'user', from: 'now-30d' }, 'from'],
    ['costs', { limit: '201' }, 'limit'],
    ['integrity', { writers: '1001' }, 'writers'],
    ['stream', { events: 'all' }, 'events'],
    ['stream', { provider: 'openai' }, 'provider'],
  ])('refuse %s with %o and name %s', async (name, query, field) => {
    const problem = await askProblem(base, name, { ...operationOf(name).example, query })
    expect(problem).toMatchObject({ status: 400, field, type: '/docs#problem-invalid-request' })
    expect(problem.detail).toContain(field)
  })

  it.each<[unknown, string]>([
    [{ metric: 'tokens' }, 'start_time'],
    [{ metric: 'nothing', start_time: 'now-1h', end_time: 'now' }, 'metric'],
    [{ key: 'metrics:error_rate', metric: 'tokens', start_time: 'now-1h', end_time: 'now' }, 'metric'],
    [{ key: 'metrics:error_rate', start_time: 'now-1h', end_time: 'now', page: 1 }, 'page'],
    [[], 'body'],
    ['text', 'body'],
  ])('refuse POST /v1/query with %j and name %s', async (body, field) => {
    expect(await askProblem(base, 'query', { body })).toMatchObject({ status: 400, field })
  })

  it('refuse a parameter given twice, a body that is no JSON, and one that is too large', async () => {
    expect(await readProblem(await fetch(`${base}/v1/overview?from=now-1h&from=now-2h`))).toMatchObject({ status: 400, field: 'from' })
    const post = (body: string) => fetch(`${base}/v1/query`, { method: 'POST', body })
    expect(await readProblem(await post('{'))).toMatchObject({ status: 400, field: 'body' })
    expect(await readProblem(await post('"'.padEnd(70_000, 'x')))).toMatchObject({ status: 413, field: 'body' })
  })

  it('say 404 for what there is not, by id, by path, and for a path that cannot be decoded', async () => {
    expect(await askProblem(base, 'model', { id: 'gpt-9' })).toMatchObject({ status: 404, field: 'id' })
    expect(await askProblem(base, 'user', { id: 'nobody' })).toMatchObject({ status: 404, field: 'id' })
    expect(await readProblem(await fetch(`${base}/v1/nothing`))).toMatchObject({ status: 404 })
    expect(await readProblem(await fetch(`${base}/v1/models/%E0%A4%A`))).toMatchObject({ status: 400 })
    expect(await readProblem(await fetch(`${base}/v1/models/${'x'.repeat(600)}`))).toMatchObject({ status: 400, field: 'id' })
  })

  it('find a model whose name has a slash and a space', async () => {
    expect((await askV1(base, 'model', { id: 'meta/llama 3' })).model).toBe('meta/llama 3')
  })

  it.each(NAMES)('say with 405 and Allow what %s takes', async (name) => {
    const { method, path } = operationOf(name)
    const response = await fetch(`${base}${path.replace('{id}', 'x')}`, { method: 'PUT' })
    expect(response.headers.get('allow')).toBe(method === 'GET' ? 'GET, HEAD' : method)
    expect(await readProblem(response)).toMatchObject({ status: 405 })
  })

  it('answer HEAD like GET, without a body', async () => {
    const url = `${base}/v1/catalog`
    const [get, head] = [await raw(url), await raw(url, { method: 'HEAD' })]
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    expect(head.headers['content-length']).toBe(String(get.body.length))
    expect(head.headers['etag']).toBe(get.headers['etag'])
    expect((await raw(`${base}/v1/stream`, { method: 'HEAD' })).headers['content-type']).toMatch(/^text\/event-stream/)
  })

  it('compress as the caller takes it, small answers never', async () => {
    const url = `${base}/v1/catalog`
    const plain = await raw(url)
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers['vary']).toContain('accept-encoding')
    const gzip = await raw(url, { headers: { 'accept-encoding': 'gzip' } })
    expect(gzip.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true)
    const brotli = await raw(url, { headers: { 'accept-encoding': 'gzip;q=0.5, br' } })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true)
    expect((await raw(url, { headers: { 'accept-encoding': 'zstd' } })).body.equals(plain.body)).toBe(true)
    const small = await raw(`${base}/v1/integrity?writers=1`, { headers: { 'accept-encoding': 'br' } })
    expect(small.body.length).toBeLessThan(1024)
    expect(small.headers['content-encoding']).toBeUndefined()
  })

  it('answer 304 to who has the answer, in whatever form it was sent', async () => {
    const url = `${base}/v1/catalog`
    const { headers } = await raw(url, { headers: { 'accept-encoding': 'br' } })
    const etag = String(headers['etag'])
    for (const candidate of [etag, `"other", ${etag}`, etag.replace('W/', ''), '*']) {
      const again = await raw(url, { headers: { 'if-none-match': candidate } })
      expect(again.status, candidate).toBe(304)
      expect(again.body).toHaveLength(0)
      expect(again.headers['etag']).toBe(etag)
    }
    expect((await raw(url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })
})
