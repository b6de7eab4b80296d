import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, startCollector } from '../src/index.ts'
import { runCli } from './run-cli.ts'
import { eventually, QUIET } from './run-collector.ts'

describe('aiwatch keys', () => {
  let server: RedisServer
  let collector: Collector
  beforeAll(async () => {
    server = await startRedis()
    collector = await startCollector({ ...QUIET, redisUrl: server.url })
  })
  afterAll(async () => {
    await collector.close()
    await server.stop()
  })
  const keys = (...args: string[]) => runCli(['keys', ...args, '--redis', server.url])
  const statusWith = async (token: string) =>
    (await fetch(`${collector.analyticsUrl}/analytics`, { headers: { authorization: `Bearer ${token}` } })).status

  it('makes a key that works, tells it once, lists it without the secret, and revokes it', async () => {
    expect((await keys('list')).out).toContain('There are no API keys')
    const made = await keys('create', '--role', 'read', '--tenant', 'acme', '--name', 'Grafana of the shop')
    expect(made).toMatchObject({ code: 0, error: '' })
    const token = /^aiw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/m.exec(made.out)?.[0] as string
    const id = token.slice(4, 16)
    expect(
      await eventually(
        () => statusWith(token),
        (status) => status === 200,
      ),
    ).toBe(200)
    expect(
      await eventually(
        () => statusWith('x'),
        (status) => status === 401,
      ),
    ).toBe(401)
    const listed = await keys('list')
    expect(listed.out).toMatch(new RegExp(`^${id} +read +acme +\\d{4}-\\d\\d-\\d\\dT\\S+ +Grafana of the shop$`, 'm'))
    expect(listed.out).not.toContain(token.slice(17))
    expect(await keys('revoke', token)).toMatchObject({ code: 0, out: expect.stringContaining(id) })
    expect(await keys('revoke', id)).toMatchObject({ code: 1, error: expect.stringContaining('there is no key') })
  })

  it('speaks JSON to programs, and filters by tenant', async () => {
    const made = JSON.parse((await keys('create', '--role', 'admin', '--tenant', 'b', '--json')).out)
    expect(made).toEqual({
      token: expect.stringMatching(/^aiw_/),
      id: expect.any(String),
      tenant: 'b',
      role: 'admin',
      name: '',
      created: expect.stringMatching(/Z$/),
    })
    const { token, ...shown } = made
    expect(JSON.parse((await keys('list', '--tenant', 'b', '--json')).out)).toEqual({ keys: [shown] })
    expect(JSON.parse((await keys('list', '--tenant', 'c', '--json')).out)).toEqual({ keys: [] })

    const top = (environment: NodeJS.ProcessEnv) => runCli(['top', '--once', '--url', collector.analyticsUrl], { env: environment })
    await eventually(
      () => statusWith('x'),
      (status) => status === 401,
    )
    expect(await top({ AIWATCH_API_KEY: '' })).toMatchObject({ code: 1, error: expect.stringContaining('API key') })
    expect(await top({ AIWATCH_API_KEY: token })).toMatchObject({ code: 0, error: '' })

    const ports = { ANALYTICS_PORT: new URL(collector.analyticsUrl).port, TIMESERIES_PORT: new URL(collector.timeseriesUrl).port }
    const doctor = await runCli(['doctor', '--redis', server.url, '--url', collector.analyticsUrl], { env: ports })
    const unwrapped = doctor.out.replace(/\s+/g, ' ')
    expect(unwrapped).toContain(`${ports.ANALYTICS_PORT} is the collector's (aiwatch analytics with API keys)`)
    expect(unwrapped).toContain(`${ports.TIMESERIES_PORT} is the collector's (aiwatch time series with API keys)`)

    expect(JSON.parse((await keys('revoke', made.id, '--json')).out)).toEqual({ id: made.id, revoked: true })
  })

  it.each([
    [[], 'create, list, or revoke'],
    [['make'], 'create, list, or revoke'],
    [['create', '--tenant', 'a'], '--role'],
    [['create', '--role', 'owner', '--tenant', 'a'], 'owner'],
    [['create', '--role', 'read'], '--tenant'],
    [['create', '--role', 'read', '--tenant', 'A B'], '--tenant'],
    [['create', 'x', '--role', 'read', '--tenant', 'a'], '"x"'],
    [['revoke'], 'ID'],
    [['revoke', 'abc'], 'ID'],
    [['list', '--role', 'read'], 'list takes'],
  ])('ends with 2 and says why for %j', async (args, reason) => {
    const { code, error, out } = await keys(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(error.split('\n')[0]).toContain(reason)
  })
})
