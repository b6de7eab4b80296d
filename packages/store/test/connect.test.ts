import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { applyBatch, type Connection, connectRedis, retryDelayMs, TENANTS_KEY } from '@aiwatch/store'
import { freePort, startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { Cluster, Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import { callBatch } from './apply/batches.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function redisOf(options: Parameters<typeof startRedis>[0] = {}) {
  const server = await startRedis(options)
  cleanups.push(() => server.stop())
  return server
}

function open(...[target, options]: Parameters<typeof connectRedis>): Connection {
  const connection = connectRedis(target, options)
  cleanups.push(() => connection.close())
  return connection
}

describe('a setting that cannot be used', () => {
  const cases: [target: unknown, text: RegExp][] = [
    ['not a url', /AIWATCH_REDIS_URL: not a URL/],
    ['http://host', /AIWATCH_REDIS_URL: the URL must begin with redis:\/\/ or rediss:\/\//],
    ['redis://host/3', /AIWATCH_REDIS_URL: only database 0 .* "3"/],
    ['redis://host?db=1', /AIWATCH_REDIS_URL: parameters are not supported/],
    ['redis:///', /AIWATCH_REDIS_URL: the URL has no host/],
    [[], /AIWATCH_REDIS_URL: expected a URL/],
    [[1], /AIWATCH_REDIS_URL: expected a URL/],
    [undefined, /AIWATCH_REDIS_URL: expected a URL/],
  ]
  test.each(cases)('%j is refused and named', (target, text) => {
    const attempt = () => connectRedis(target as string, { role: 'writer', setting: 'AIWATCH_REDIS_URL' })
    expect(attempt).toThrow(text)
    expect(attempt).toThrow(expect.objectContaining({ name: 'StoreError', code: 'invalid_setting', retryable: false }))
  })

  test('does not tell its password', () => {
    expect(() => connectRedis('redis://user:secret@host/7', { role: 'writer' })).toThrow(expect.not.stringContaining('secret'))
  })
})

describe('a connection', () => {
  test('takes user and password from the URL, percent-encoded', async () => {
    const server = await redisOf({ requirepass: 'p@ss/word:1' })
    const admin = new Redis(server.url)
    await admin.call('ACL', 'SETUSER', 'ada', 'on', '>s3/cret', '~aiw:*', '+@all')
    admin.disconnect()
    const { client } = open(`redis://ada:s3%2Fcret@127.0.0.1:${server.port}/0`, { role: 'reader' })
    expect(await client.call('ACL', 'WHOAMI')).toBe('ada')
    expect(await open(server.url, { role: 'reader' }).client.ping()).toBe('PONG')
  })

  test('with a wrong password fails its commands and says so, and does not throw by itself', async () => {
    const server = await redisOf({ requirepass: 'right' })
    const errors: Error[] = []
    const { client } = open(`redis://:wrong@127.0.0.1:${server.port}`, { role: 'writer', onError: (error) => errors.push(error) })
    await client.connect().catch(() => {})
    await expect(client.ping()).rejects.toThrow()
    await sleep(50)
    expect(errors.map(String).join()).toMatch(/WRONGPASS|NOAUTH/)
  })

  test('of a writer fails at once while Redis is away, and works by itself when it comes', async () => {
    const port = await freePort()
    const { client } = open(`redis://127.0.0.1:${port}`, { role: 'writer' })
    await client.connect().catch(() => {})
    await expect(client.ping()).rejects.toThrow()
    await redisOf({ port })
    let answer: string | undefined
    for (let i = 0; i < 400 && answer === undefined; i++) {
      answer = await client.ping().catch(() => undefined)
      if (answer === undefined) await sleep(25)
    }
    expect(answer).toBe('PONG')
  })

  test('of a writer does not send a command again when the connection is lost', async () => {
    const server = await redisOf()
    const proxy = await startTcpProxy({ targetPort: server.port })
    cleanups.push(() => proxy.close())
    const { client } = open(`redis://127.0.0.1:${proxy.port}`, { role: 'writer' })
    await client.connect()
    const cut = proxy.cutBeforeReply((request) => request.includes('incr'))
    await expect(client.incr('count')).rejects.toThrow()
    await cut
    for (let i = 0; i < 200 && client.status !== 'ready'; i++) await sleep(10)
    expect(await client.get('count')).toBe('1')
  })

  test('times out when Redis does not answer', async () => {
    const server = await redisOf()
    const { client } = open(server.url, { role: 'writer', commandTimeoutMs: 100 })
    await client.connect()
    server.pause()
    await expect(client.ping()).rejects.toThrow(/timed out/i)
    server.resume()
  })

  test('of a reader sends the commands of one tick in one round trip', async () => {
    const server = await redisOf()
    const proxy = await startTcpProxy({ targetPort: server.port })
    cleanups.push(() => proxy.close())
    const { client } = open(`redis://127.0.0.1:${proxy.port}`, { role: 'reader' })
    await client.ping()
    const before = proxy.roundTrips()
    await Promise.all([client.get('a'), client.hgetall('b'), client.zcard('c')])
    expect(proxy.roundTrips() - before).toBe(1)
  })

  test('that was given is used as it is and left open', async () => {
    const server = await redisOf()
    const own = new Redis(server.url)
    const connection = connectRedis(own, { role: 'writer' })
    expect(connection.client).toBe(own)
    connection.close()
    expect(await own.ping()).toBe('PONG')
    own.disconnect()
  })

  test('to the nodes of a cluster is a cluster client', async () => {
    const config = { 'cluster-enabled': 'yes', 'cluster-announce-ip': '127.0.0.1', 'cluster-port': await freePort() }
    const server = await redisOf({ config })
    const admin = new Redis(server.url)
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
    for (let i = 0; i < 200 && !String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'); i++) await sleep(25)
    admin.disconnect()
    const { client } = open([server.url], { role: 'reader' })
    expect(client).toBeInstanceOf(Cluster)
    for (const tenant of ['a', 'b']) {
      const result = await applyBatch(client, callBatch(Date.now(), { tenant }))
      expect(result).toMatchObject({ status: 'applied', refusedOperations: 0 })
    }
    expect(await client.zrange(TENANTS_KEY, 0, -1)).toEqual(['a', 'b'])
  })

  test('of a writer does not keep the process alive', async () => {
    const server = await redisOf()
    const source = fileURLToPath(new URL('../src/connect.ts', import.meta.url))
    const program = `import { connectRedis } from ${JSON.stringify(source)}
      const { client } = connectRedis(${JSON.stringify(server.url)}, { role: 'writer' })
      await client.connect(); console.log(await client.ping())`
    const child = spawn(process.execPath, ['--no-warnings', '--experimental-strip-types', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (data) => {
      output += data
    })
    const code = await Promise.race([new Promise((resolve) => child.once('exit', resolve)), sleep(20_000, 'still alive')])
    child.kill('SIGKILL')
    expect(output).toBe('PONG\n')
    expect(code).toBe(0)
  })
})

test('waits between attempts grow to 5 s and differ', () => {
  for (const [attempt, most] of [
    [1, 50],
    [2, 100],
    [5, 800],
    [20, 5000],
    [100_000, 5000],
  ] as const) {
    const delays = Array.from({ length: 50 }, () => retryDelayMs(attempt))
    expect(Math.max(...delays)).toBeLessThanOrEqual(most)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(most / 2 - 1)
    expect(new Set(delays).size).toBeGreaterThan(5)
  }
})
