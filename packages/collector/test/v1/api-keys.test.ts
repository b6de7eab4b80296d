import { type ApiKeyRole, createApiKey, revokeApiKey } from '@aiwatch/store'
import { startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPERATIONS, type Operation, type OperationName } from '../../src/contract/index.ts'
import { ConfigError, startCollector } from '../../src/index.ts'
import { eventually, openStage, QUIET, type Stage } from '../run-collector.ts'
import { CallWriter, testCall } from '../write-calls.ts'
import { readProblem, urlOf } from './ask-v1.ts'

interface RouteRequest {
  name: string
  url: string
  init: RequestInit
  isStream: boolean
}

const OPEN = ['/health', '/openapi.json', '/docs']
const range = { start_time: 'now-1h', end_time: 'now' }

function operationRequests(base: string): RouteRequest[] {
  return (Object.entries(OPERATIONS) as [OperationName, Operation][]).map(([name, operation]) => ({
    name,
    // A model and a user that both tenants have, so that there is an answer in which the other's could be.
    url: urlOf(base, operation, { ...operation.example, id: operation.path.includes('users') ? 'shared-user' : 'shared-model' }),
    init: { method: operation.method, ...(operation.example.body ? { body: JSON.stringify(operation.example.body) } : {}) },
    isStream: name === 'stream',
  }))
}

/** Every route of both ports, as `GET /` of each lists them. */
async function allRequests({ collector }: Stage, authorization: string): Promise<RouteRequest[]> {
  const bodies: Record<string, unknown> = {
    '/query': { metric: 'tokens', ...range, aggregation: 'sum' },
    '/multi-query': [
      { id: 'a', metric: 'calls', ...range },
      { key: 'calls:ok:shared-app:openai:shared-model', ...range },
    ],
  }
  const queries: Record<string, string> = { '/latest': '?key=calls:ok:shared-app:openai:shared-model' }
  const found = operationRequests(collector.analyticsUrl)
  for (const base of [collector.analyticsUrl, collector.timeseriesUrl]) {
    const list = (await (await fetch(base, { headers: { authorization } })).json()) as { routes: Record<string, string> }
    for (const route of Object.keys(list.routes)) {
      const [method = 'GET', path = ''] = route.split(' ')
      if (path.startsWith('/v1/')) continue
      const body = bodies[path]
      if (method === 'POST') expect(body, `${route} has no body in this test`).toBeDefined()
      found.push({
        name: route,
        url: `${base}${path}${queries[path] ?? ''}`,
        init: { method, ...(body ? { body: JSON.stringify(body) } : {}) },
        isStream: false,
      })
    }
  }
  return found
}

async function send({ url, init, isStream }: RouteRequest, authorization?: string): Promise<{ status: number; text: string }> {
  const controller = new AbortController()
  const response = await fetch(url, { ...init, signal: controller.signal, headers: authorization ? { authorization } : {} })
  if (!isStream || response.status !== 200) return { status: response.status, text: await response.text() }
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk)
    if (text.includes('event: live')) break
  }
  controller.abort()
  return { status: 200, text }
}

describe('API keys', () => {
  let stage: Stage
  const tokens: Record<string, string> = {}
  const bearer = (name: string) => `Bearer ${tokens[name]}`

  beforeAll(async () => {
    // Answers are shared all the while: what one tenant was answered is at hand when another asks the same.
    stage = await openStage({ answerCacheMs: 60_000 })
    const now = Date.now()
    for (const tenant of ['a-tenant', 'b-tenant']) {
      const letter = tenant[0]
      await new CallWriter(stage.redis, tenant).write(
        Array.from({ length: 30 }, (_, i) =>
          testCall({
            endedMs: now - i * 1000,
            app: i % 2 ? 'shared-app' : `${letter}-secret-app`,
            model: i % 3 ? 'shared-model' : `${letter}-secret-model`,
            user: i % 2 ? 'shared-user' : `${letter}-secret-user`,
            session: `${letter}-secret-session`,
            tags: { [`${letter}-secret-tag`]: 'x' },
            outcome: i % 5 ? 'ok' : 'timeout',
          }),
        ),
      )
      for (const role of ['ingest', 'read', 'admin'] as ApiKeyRole[])
        tokens[`${letter}-${role}`] = (await createApiKey(stage.redis, { tenant, role })).token
    }
    // Slow log entries hold arguments of every tenant.
    await stage.redis.config('SET', 'slowlog-log-slower-than', '0')
    await new CallWriter(stage.redis, 'a-tenant').write([testCall({ endedMs: now, app: 'a-secret-app', user: 'a-secret-user' })])
    await eventually(
      async () => (await fetch(`${stage.collector.analyticsUrl}/analytics`)).status,
      (status) => status === 401,
    )
  })
  afterAll(() => stage.stop())

  it('of one tenant never read what another has, on any route of both ports', async () => {
    const requests = await allRequests(stage, bearer('b-read'))
    expect(requests.length).toBeGreaterThan(25)
    for (const request of requests) {
      for (const turn of ['first', 'again']) {
        await send(request, bearer('a-read'))
        const { status, text } = await send(request, bearer('b-read'))
        expect(status, `${request.name}, ${turn}`).toBe(200)
        expect(text, `${request.name}, ${turn}`).not.toMatch(/a-secret|a-tenant/)
      }
    }
    const own = await Promise.all(requests.map(async (request) => [request.name, (await send(request, bearer('a-read'))).text] as const))
    const telling = own.filter(([, text]) => text.includes('a-secret')).map(([name]) => name)
    expect(telling).toEqual(
      expect.arrayContaining([
        'overview',
        'models',
        'users',
        'sessions',
        'calls',
        'errors',
        'costs',
        'catalog',
        'query',
        'GET /analytics',
        'GET /metrics',
        'GET /keys',
        'POST /query',
      ]),
    )
  })

  it('are needed for every route but health and the reference', async () => {
    for (const request of await allRequests(stage, bearer('b-read'))) {
      const open = OPEN.some((path) => request.url.endsWith(path))
      expect((await send(request)).status, request.name).toBe(open ? 200 : 401)
    }
  })

  it('are told from what is none', async () => {
    const { analyticsUrl } = stage.collector
    const [id, secret] = [tokens['b-read']?.slice(4, 16), tokens['b-read']?.slice(17)]
    const wrong = [
      'Bearer',
      'Bearer x',
      'Basic YTpi',
      `Bearer aiw_${id}_${'A'.repeat(43)}`,
      `Bearer aiw_${'0'.repeat(12)}_${secret}`,
      `${bearer('b-read')}x`,
    ]
    for (const authorization of wrong) {
      const response = await fetch(`${analyticsUrl}/v1/overview`, { headers: { authorization } })
      expect(response.headers.get('www-authenticate'), authorization).toMatch(/^Bearer realm=/)
      expect(await readProblem(response)).toMatchObject({ status: 401, type: '/docs#problem-unauthorized' })
    }
    const seed = await fetch(`${analyticsUrl}/analytics`, { headers: { authorization: 'Bearer x' } })
    expect(await seed.json()).toEqual({ error: expect.stringContaining('not known') })
    expect(
      (await fetch(`${analyticsUrl}/analytics`, { headers: { authorization: bearer('b-read').replace('Bearer', 'bearer') } })).status,
    ).toBe(200)
  })

  it('of role ingest may not read, of role admin may', async () => {
    for (const request of await allRequests(stage, bearer('b-read'))) {
      if (OPEN.some((path) => request.url.endsWith(path))) continue
      const { status, text } = await send(request, bearer('b-ingest'))
      expect(status, request.name).toBe(403)
      expect(text).toContain('role')
      expect((await send(request, bearer('b-admin'))).status, request.name).toBe(200)
    }
  })

  it('are never told by any route, nor their hashes', async () => {
    const hashes = Object.values(await stage.redis.hgetall('aiw:{keys}')).map((text) => (JSON.parse(text) as { hash: string }).hash)
    for (const request of await allRequests(stage, bearer('a-admin'))) {
      const { text } = await send(request, bearer('a-admin'))
      for (const secret of [...hashes, ...Object.values(tokens).map((token) => token.slice(17))])
        expect(text.includes(secret), request.name).toBe(false)
    }
  })

  it('stop when they are revoked', async () => {
    const { token, key } = await createApiKey(stage.redis, { tenant: 'b-tenant', role: 'read' })
    const ask = async () =>
      (await fetch(`${stage.collector.analyticsUrl}/v1/catalog`, { headers: { authorization: `Bearer ${token}` } })).status
    expect(await eventually(ask, (status) => status === 200)).toBe(200)
    expect(await revokeApiKey(stage.redis, key.id)).toBe(true)
    expect(await eventually(ask, (status) => status === 401)).toBe(401)
    expect(await revokeApiKey(stage.redis, key.id)).toBe(false)
  })
})

describe('API keys while Redis is away', () => {
  it('that were known go on, others wait; without any known nobody is answered', async () => {
    const server = await startRedis()
    const proxy = await startTcpProxy({ targetPort: server.port })
    const redis = new Redis(server.url)
    const { token } = await createApiKey(redis, { tenant: 'acme', role: 'read' })
    const collector = await startCollector({ ...QUIET, redisUrl: `redis://127.0.0.1:${proxy.port}`, redisTimeoutMs: 500 })
    const ask = async (key?: string) =>
      (await fetch(`${collector.analyticsUrl}/v1/system`, { headers: key ? { authorization: `Bearer ${key}` } : {} })).status
    try {
      expect(await ask(token)).toBe(200)
      await proxy.close()
      await new Promise((resolve) => setTimeout(resolve, 2200))
      expect(await ask(token)).toBe(200)
      expect(await ask()).toBe(401)
      const late = await startCollector({ ...QUIET, redisUrl: `redis://127.0.0.1:${proxy.port}`, redisTimeoutMs: 500 })
      expect((await fetch(`${late.analyticsUrl}/v1/system`)).status).toBe(503)
      expect((await fetch(`${late.analyticsUrl}/v1/system`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(503)
      await late.close()
    } finally {
      await collector.close()
      redis.disconnect()
      await server.stop()
    }
  })
})

describe('listening beyond loopback', () => {
  it('is refused without a key, with a sentence that says how to make one', async () => {
    const server = await startRedis()
    try {
      const start = startCollector({ ...QUIET, redisUrl: server.url, listen: '0.0.0.0', tenant: 'acme' })
      await expect(start).rejects.toThrow(ConfigError)
      await expect(start).rejects.toThrow(/aiwatch keys create --role read --tenant acme/)
    } finally {
      await server.stop()
    }
  })

  it('is done with a key, for any host name; without one any more nobody is answered', async () => {
    const server = await startRedis()
    const redis = new Redis(server.url)
    const { token, key } = await createApiKey(redis, { tenant: 'acme', role: 'read' })
    const collector = await startCollector({ ...QUIET, redisUrl: server.url, listen: '0.0.0.0' })
    const port = new URL(collector.analyticsUrl).port
    const { request } = await import('node:http')
    const ask = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const sent = request(
          { host: '127.0.0.1', port, path: '/v1/catalog', headers: { host: 'collector.example.org', ...headers } },
          (response) => {
            response.resume()
            resolve(response.statusCode ?? 0)
          },
        )
        sent.on('error', reject)
        sent.end()
      })
    try {
      expect(await ask({ authorization: `Bearer ${token}` })).toBe(200)
      expect(await ask({})).toBe(401)
      await revokeApiKey(redis, key.id)
      expect(
        await eventually(
          () => ask({ authorization: `Bearer ${token}` }),
          (status) => status === 401,
        ),
      ).toBe(401)
      expect(await ask({})).toBe(401)
    } finally {
      await collector.close()
      redis.disconnect()
      await server.stop()
    }
  })

  it('is not, so a foreign host name is refused', async () => {
    const stage = await openStage()
    try {
      const { request } = await import('node:http')
      const status = await new Promise<number>((resolve, reject) => {
        const sent = request(`${stage.collector.analyticsUrl}/v1/catalog`, { headers: { host: 'evil.example.org' } }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        sent.on('error', reject)
        sent.end()
      })
      expect(status).toBe(403)
    } finally {
      await stage.stop()
    }
  })
})
