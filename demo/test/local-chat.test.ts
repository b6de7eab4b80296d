import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Simulator, startSimulator } from '@aiwatch/model-simulator'
import { AIWatch } from '@aiwatch/sdk'
import { CODE, type Connection, connectRedis, OUTCOMES, openReader, userKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readModelName, runChatUsers } from '../src/index.ts'
import { Turnstile } from '../src/local-chat/turnstile.ts'

let redis: RedisServer
let connection: Connection
let simulator: Simulator

beforeAll(async () => {
  ;[redis, simulator] = await Promise.all([startRedis(), startSimulator({ port: 0, speed: 0 })])
  connection = connectRedis(redis.url, { role: 'reader' })
})
afterAll(async () => {
  connection.close()
  await Promise.all([redis.stop(), simulator.close()])
})

describe('users of a local model', () => {
  it('hold conversations, and every call is counted as the app local-chat on llama.cpp, with user and session', async () => {
    const watch = new AIWatch({ redis: redis.url })
    const stop = new AbortController()
    const trouble: unknown[] = []
    const users = runChatUsers({
      watch,
      baseURL: `${simulator.url}/v1`,
      model: 'gpt-4o-mini',
      users: ['ada', 'grace', 'alan'],
      thinkTimeMs: 5,
      stop: stop.signal,
      onTrouble: (error) => trouble.push(error),
    })
    while (watch.stats().recorded < 60) await sleep(20)
    stop.abort()
    await users
    await simulator.idle()
    await watch.flush()
    const { recorded } = watch.stats()
    await watch.close()
    expect(trouble).toEqual([])

    const reader = openReader(connection.client, { tenant: 'default' })
    const [cells, totals] = await Promise.all([reader.cells(), reader.totals()])
    expect(new Set([...cells.values()].map(({ app, provider }) => `${app} ${provider}`))).toEqual(new Set(['local-chat llama.cpp']))
    const callsOf = (sums: Map<number, number>) => OUTCOMES.reduce((sum, _, index) => sum + (sums.get(CODE.callsOk + index) ?? 0), 0)
    expect([...totals.values()].reduce((sum, sums) => sum + callsOf(sums), 0)).toBe(recorded)
    const found = await reader.users(['ada', 'grace', 'alan'].map(userKey))
    expect(found.map((user) => user?.name)).toEqual(['ada', 'grace', 'alan'])
    expect(found.reduce((sum, user) => sum + (user?.calls ?? 0), 0)).toBe(recorded)
    // A conversation has two turns at least, four at most.
    const sessions = found.reduce((sum, user) => sum + (user?.sessions ?? 0), 0)
    expect(sessions).toBeGreaterThanOrEqual(recorded / 4)
    expect(sessions).toBeLessThan(recorded)
  })

  it('go on after a call that failed, and tell of it', async () => {
    const watch = new AIWatch({ redis: redis.url, tenant: 'failing' })
    const stop = new AbortController()
    const trouble: Error[] = []
    await runChatUsers({
      watch,
      baseURL: `${simulator.url}/no-such-path`,
      model: 'gpt-4o-mini',
      users: ['ada'],
      thinkTimeMs: 1,
      stop: stop.signal,
      onTrouble(error) {
        trouble.push(error as Error)
        if (trouble.length === 2) stop.abort()
      },
    })
    await watch.close({ timeoutMs: 1000 })
    expect(trouble.map(({ message }) => message.slice(0, 3))).toEqual(['404', '404'])
  })
})

describe('the name of the model', () => {
  it('is the first of the list of the server', async () => {
    const { data } = (await (await fetch(`${simulator.url}/v1/models`, { headers: { authorization: 'Bearer any' } })).json()) as {
      data: { id: string }[]
    }
    expect(data[0]?.id).toBeTypeOf('string')
    expect(await readModelName(simulator.url)).toBe(data[0]?.id)
  })

  it('is asked of something else: the address is in the error', async () => {
    const server: Server = createServer((_, response) => response.end('{"data":[{}]}')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await expect(readModelName(url)).rejects.toThrow(`${url}/v1/models does not name a model (data[0].id)`)
    await new Promise((resolve) => server.close(resolve))
    await expect(readModelName(url)).rejects.toThrow(`no model server answers at ${url}/v1/models`)
  })
})

describe('a turnstile', () => {
  it('lets so many through at once, the others in their order, also past a failure', async () => {
    const turnstile = new Turnstile(2)
    const order: number[] = []
    let inside = 0
    let most = 0
    const work = async (number: number) => {
      most = Math.max(most, ++inside)
      order.push(number)
      await sleep(5)
      inside--
      if (number === 1) throw new Error('one')
      return number
    }
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => turnstile.pass(() => work(number))))
    expect(order).toEqual([0, 1, 2, 3, 4])
    expect(most).toBe(2)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  })
})
