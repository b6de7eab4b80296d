import { request as httpRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Caller } from '../../src/api/authorise.ts'
import { createApp } from '../../src/api/create-app.ts'
import { Answer, AnswerCache } from '../../src/api/v1/answer-cache.ts'
import { Replies } from '../../src/api/v1/replies.ts'
import { type Listening, listen } from '../../src/listen.ts'
import { createLog } from '../../src/log.ts'
import { measureRequests } from '../../src/metrics/request-metrics.ts'

/** Callers by the key that they give; `late` is one that has to be looked up. */
const CALLERS: Record<string, Caller> = {
  acme: { tenant: 'acme', role: 'read' },
  rival: { tenant: 'rival', role: 'read' },
  writer: { tenant: 'acme', role: 'ingest' },
  late: { tenant: 'acme', role: 'read' },
}
const FRESH_MS = 1000

let nowMs: number
let registry: Registry
let listening: Listening
/** Requests that went the long way. */
let routed: string[]

beforeEach(async () => {
  nowMs = 0
  routed = []
  registry = new Registry()
  const now = () => nowMs
  const cache = new AnswerCache(FRESH_MS, now)
  const nameOf = (authorization: string | undefined) => authorization?.replace('Bearer ', '') ?? ''
  const replies = new Replies(({ headers }) => {
    const name = nameOf(headers.authorization)
    return name === 'late' ? undefined : CALLERS[name]
  }, now)
  const app = createApp({
    name: 'test',
    version: '0',
    log: createLog('silent'),
    maxBodyBytes: 1000,
    measure: measureRequests(registry),
    replies,
    authorise: async ({ headers }) => CALLERS[nameOf(headers.authorization)] as Caller,
    defaultTenant: 'acme',
    isLoopback: true,
    routes: [
      {
        method: 'GET',
        path: '/figures',
        summary: '',
        handler: async (request, response, caller) => {
          routed.push(`${caller.tenant} ${request.url}`)
          const answer = await cache.get(`${caller.tenant} ${request.url}`, async () =>
            Answer.of({ tenant: caller.tenant, at: nowMs, padding: 'x'.repeat(2000) }),
          )
          await replies.send(request, response, answer, { caller, role: 'read' })
        },
      },
    ],
  })
  listening = await listen(app, { host: '127.0.0.1', port: 0, setting: 'PORT' })
})
afterEach(() => listening.close(0))

interface Got {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}

function get(path: string, key: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    httpRequest(`${listening.url}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }))
    })
      .on('error', reject)
      .end()
  })
}

const fieldsOf = ({ body }: Got) => JSON.parse(body.toString()) as { tenant: string; at: number }
/** What may differ between two sendings of one reply. */
const withoutDate = ({ headers: { date: _, ...headers }, ...got }: Got) => ({ ...got, headers })

it('gives the same reply again without routing, until the answer is stale', async () => {
  const first = await get('/figures?a=1', 'acme')
  nowMs = FRESH_MS - 1
  const again = await get('/figures?a=1', 'acme')
  expect(withoutDate(again)).toEqual(withoutDate(first))
  expect(routed).toEqual(['acme /figures?a=1'])
  nowMs = FRESH_MS
  expect(fieldsOf(await get('/figures?a=1', 'acme')).at).toBe(FRESH_MS)
  expect(routed).toHaveLength(2)
})

it('takes another query, another tenant and another accepted encoding for another question', async () => {
  await get('/figures', 'acme')
  expect(fieldsOf(await get('/figures', 'rival')).tenant).toBe('rival')
  await get('/figures?b=2', 'acme')
  const zipped = await get('/figures', 'acme', { 'accept-encoding': 'gzip' })
  expect(zipped.headers['content-encoding']).toBe('gzip')
  expect(routed).toEqual(['acme /figures', 'rival /figures', 'acme /figures?b=2', 'acme /figures'])
  const again = await get('/figures', 'acme', { 'accept-encoding': 'gzip' })
  expect(withoutDate(again)).toEqual(withoutDate(zipped))
  expect(JSON.parse(gunzipSync(again.body).toString())).toMatchObject({ tenant: 'acme' })
  expect(fieldsOf(await get('/figures', 'rival')).tenant).toBe('rival')
  expect(routed).toHaveLength(4)
})

it('asks again who may ask: a caller of another role, or one that must be looked up, goes the long way', async () => {
  await get('/figures', 'acme')
  await get('/figures', 'writer')
  await get('/figures', 'late')
  expect(routed).toHaveLength(3)
  await get('/figures', 'acme')
  expect(routed).toHaveLength(3)
})

it('answers 304 to who has the reply, and HEAD without a body', async () => {
  const { headers } = await get('/figures', 'acme')
  const unchanged = await get('/figures', 'acme', { 'if-none-match': headers['etag'] as string })
  expect(unchanged).toMatchObject({ status: 304, headers: { etag: headers['etag'] } })
  expect(unchanged.body).toHaveLength(0)
  expect(routed).toHaveLength(1)
  const head = await get('/figures', 'acme', {}, 'HEAD')
  expect(head).toMatchObject({ status: 200, headers: { 'content-length': headers['content-length'] } })
  expect(head.body).toHaveLength(0)
})

it('refuses a foreign host before anything is given, and counts what was given again', async () => {
  await get('/figures', 'acme')
  const refused = await get('/figures', 'acme', { host: 'evil.example' })
  expect(refused.status).toBe(403)
  expect(JSON.parse(refused.body.toString())).toMatchObject({ field: 'host' })
  for (let i = 0; i < 3; i++) await get('/figures', 'acme')
  expect(routed).toHaveLength(1)
  const values = (await registry.getMetricsAsJSON())[0]?.values as { metricName?: string; labels: object; value: number }[]
  const countOf = (labels: object) =>
    values.find(({ metricName, labels: own }) => metricName?.endsWith('_count') && JSON.stringify(own) === JSON.stringify(labels))?.value
  expect(countOf({ http_request_method: 'GET', http_route: '/figures', http_response_status_code: 200 })).toBe(4)
  expect(countOf({ http_request_method: 'GET', http_route: 'unknown', http_response_status_code: 403 })).toBe(1)
})

it('keeps five hundred replies at most', async () => {
  for (let i = 0; i < 510; i++) await get(`/figures?n=${i}`, 'acme')
  routed = []
  await get('/figures?n=509', 'acme')
  await get('/figures?n=10', 'acme')
  expect(routed).toEqual([])
  await get('/figures?n=9', 'acme')
  expect(routed).toEqual(['acme /figures?n=9'])
})
