import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import { findRedisBinary, freePort, type RedisServer, startRedis, startTcpProxy, type TcpProxy } from '../src/index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function redisOf(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  cleanups.push(() => server.stop())
  return server
}

function clientOf(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => 20 })
  client.on('error', () => {})
  cleanups.push(() => client.disconnect())
  return client
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('startRedis', () => {
  test('answers on its port and password, and leaves nothing behind when stopped', async () => {
    const server = await startRedis({ requirepass: 'a b/c' })
    const client = clientOf(server.url)
    expect(await client.set('a', '1')).toBe('OK')
    const { pid } = server
    client.disconnect()
    await server.stop()
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(server.dir)).toBe(false)
  })

  test('keeps what the append-only file has over kill and restart, on the same port', async () => {
    const server = await redisOf({ appendonly: true, appendfsync: 'always' })
    await clientOf(server.url).set('a', '1')
    await server.kill()
    expect(server.pid).toBe(0)
    await server.restart()
    expect(await clientOf(server.url).get('a')).toBe('1')
  })

  test('does not answer while paused and does when resumed', async () => {
    const server = await redisOf()
    const client = clientOf(server.url)
    await client.ping()
    server.pause()
    const answer = client.ping()
    expect(await Promise.race([answer, sleep(100, 'silent')])).toBe('silent')
    server.resume()
    expect(await answer).toBe('PONG')
  })

  test('counts its CPU', async () => {
    const server = await redisOf()
    const before = await server.cpuSeconds()
    const client = clientOf(server.url)
    await client.eval('for i = 1, 3000000 do local x = i * i end return 1', 0)
    expect((await server.cpuSeconds()) - before).toBeGreaterThan(0.001)
  })

  test('says what the server said when it refuses to start', async () => {
    await expect(startRedis({ config: { appendfsync: 'sometimes' } })).rejects.toThrow(/appendfsync/)
  })

  test('dies with the process that started it', async () => {
    const source = fileURLToPath(new URL('../src/index.ts', import.meta.url))
    const program = `import { startRedis } from ${JSON.stringify(source)}; const s = await startRedis(); console.log(s.pid, s.dir); setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '--experimental-strip-types', '--no-warnings', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [pid, dir] = await new Promise<[number, string]>((resolve) =>
      parent.stdout.once('data', (data) => resolve([Number(String(data).split(' ')[0]), String(data).trim().split(' ')[1] as string])),
    )
    cleanups.push(async () => (await import('node:fs')).rmSync(dir, { recursive: true, force: true }))
    expect(isAlive(pid)).toBe(true)
    parent.kill('SIGKILL')
    for (let i = 0; i < 300 && isAlive(pid); i++) await sleep(10)
    expect(isAlive(pid)).toBe(false)
  })

  test('names the variable and the ways to get a server when there is none', () => {
    expect(() => findRedisBinary({ PATH: '' })).toThrow(/install one .* AIWATCH_TEST_REDIS_SERVER/)
    expect(() => findRedisBinary({ AIWATCH_TEST_REDIS_SERVER: '/none' })).toThrow(/AIWATCH_TEST_REDIS_SERVER=\/none/)
  })
})

describe('startTcpProxy', () => {
  async function proxied(): Promise<{ proxy: TcpProxy; direct: Redis; client: Redis }> {
    const server = await redisOf()
    const proxy = await startTcpProxy({ targetPort: server.port })
    cleanups.push(() => proxy.close())
    const client = new Redis(proxy.port, '127.0.0.1', {
      enableReadyCheck: false,
      disableClientInfo: true,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 20,
    })
    client.on('error', () => {})
    cleanups.push(() => client.disconnect())
    return { proxy, client, direct: clientOf(server.url) }
  }

  test('counts a pipeline as one round trip', async () => {
    const { proxy, client } = await proxied()
    await client.ping()
    const before = proxy.roundTrips()
    await client.pipeline().set('a', 1).get('a').exec()
    expect(proxy.roundTrips() - before).toBe(1)
    await client.get('a')
    expect(proxy.roundTrips() - before).toBe(2)
  })

  test('cuts between request and reply: done by the server, unknown to the client', async () => {
    const { proxy, client, direct } = await proxied()
    const cut = proxy.cutBeforeReply((request) => request.includes('incr'))
    await client.set('a', 5)
    await expect(client.incr('a')).rejects.toThrow()
    await cut
    expect(await direct.get('a')).toBe('6')
  })

  test('refuses connections while told to', async () => {
    const { proxy, client } = await proxied()
    await client.ping()
    proxy.refuse(true)
    proxy.cut()
    await sleep(60)
    expect(proxy.openConnections()).toBe(0)
    proxy.refuse(false)
    for (let i = 0; i < 100 && client.status !== 'ready'; i++) await sleep(10)
    expect(await client.ping()).toBe('PONG')
    expect(proxy.connections()).toBe(2)
  })

  test('cuts after a number of bytes from the client: the server has a part of the request', async () => {
    const { proxy, client, direct } = await proxied()
    await client.ping()
    proxy.cutAfterClientBytes(10)
    await expect(client.set('a', 'long enough to be cut')).rejects.toThrow()
    expect(await direct.get('a')).toBeNull()
  })
})

test('freePort gives a port that can be listened on', async () => {
  const server = await redisOf({ port: await freePort() })
  expect(await clientOf(server.url).ping()).toBe('PONG')
})
