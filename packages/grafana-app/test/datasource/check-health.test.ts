/** What "Save & test" says, through a proxy such as Grafana's, to a real collector. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Collector, startCollector } from '@aiwatch/collector'
import { AIWatch } from '@aiwatch/sdk'
import { type ApiKeyRole, createApiKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { from } from 'rxjs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AnswerClient } from '../../src/data/answer-client.ts'
import { checkHealth } from '../../src/datasource/check-health.ts'
import { passOn } from '../pass-on.ts'

const PROXY = '/api/datasources/proxy/uid/aiwatch/api'
const WAIT = { timeout: 20_000, interval: 200 }

let server: RedisServer
let redis: Redis
let collector: Collector
let proxy: Server
let address: string
/** What the configuration holds. */
let target: string
let key: string | undefined

const listen = (one: Server) =>
  new Promise<string>((resolve) => {
    one.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(one.address() as AddressInfo).port}`))
  })

async function send(request: { method: string; url: string; data?: unknown }): Promise<{ data: unknown }> {
  const body = request.data === undefined ? {} : { body: JSON.stringify(request.data), headers: { 'content-type': 'application/json' } }
  const response = await fetch(request.url, { method: request.method, ...body })
  const text = await response.text()
  const data: unknown = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
  if (!response.ok) throw { status: response.status, data }
  return { data }
}

/** A client of its own: nothing is remembered. */
const check = () => checkHealth(new AnswerClient(`${address}${PROXY.replace(/\/api$/, '')}`, (request) => from(send(request))))

async function tokenOf(role: ApiKeyRole): Promise<string> {
  return (await createApiKey(redis, { tenant: 'default', role })).token
}

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
  collector = await startCollector({ redisUrl: server.url, analyticsPort: 0, timeseriesPort: 0, sampler: false, logLevel: 'silent' })
  proxy = createServer((request, response) => {
    const path = (request.url ?? '').slice(PROXY.length)
    passOn(request, response, `${target}${path}`, key === undefined ? {} : { authorization: `Bearer ${key}` })
  })
  address = await listen(proxy)
  target = collector.analyticsUrl
})

afterAll(async () => {
  proxy?.close()
  await collector?.close()
  redis?.disconnect()
  await server?.stop()
})

test('a collector that answers: its version, and what it has seen', async () => {
  expect(await check()).toEqual({
    status: 'success',
    message: expect.stringMatching(/^AIWatch collector \d+\.\d+\.\d+\S* answers; no model has been called yet\.$/),
  })
  const watch = new AIWatch({ redis: server.url, app: 'shop' })
  watch.record({ provider: 'openai', model: 'gpt-5-mini', durationMs: 900, usage: { inputTokens: 1, outputTokens: 1 } })
  await watch.close()
  await vi.waitFor(async () => expect((await check()).message).toContain('1 model seen'), WAIT)
})

test('nobody answers at the address', async () => {
  const closed = createServer()
  target = await listen(closed)
  await new Promise((resolve) => closed.close(resolve))
  expect(await check()).toEqual({ status: 'error', message: expect.stringContaining('Grafana cannot reach the collector (502)') })
  target = collector.analyticsUrl
})

test('something else, or a collector from before /v1, answers there', async () => {
  const other = createServer((_request, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<html>'))
  target = await listen(other)
  expect(await check()).toEqual({ status: 'error', message: expect.stringContaining('There is no /v1 at this address (404)') })
  other.close()
  target = collector.analyticsUrl
})

test('no key, a wrong one, one of another role, the right one', async () => {
  const [ingest, read] = [await tokenOf('ingest'), await tokenOf('read')]
  await vi.waitFor(async () => expect((await check()).message).toContain('The collector refused the API key (401)'), WAIT)
  key = `${read.slice(0, -4)}AAAA`
  expect((await check()).message).toContain('The collector refused the API key (401)')
  key = ingest
  const { status, message } = await check()
  expect(status).toBe('error')
  expect(message).toMatch(/The API key may not do this \(403\): .*ingest/)
  key = read
  expect((await check()).status).toBe('success')
})

test('the Redis behind it is away', async () => {
  redis.disconnect()
  await server.stop()
  await vi.waitFor(async () => expect((await check()).message).toMatch(/cannot reach its Redis \(503\).*aiwatch doctor/), WAIT)
})
