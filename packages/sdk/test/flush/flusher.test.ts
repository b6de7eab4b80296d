import { type RedisServer, startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { AIWatchFlushError } from '../../src/errors.ts'
import { readCalls, readStore } from './read-totals.ts'
import { startWriter, type Writer } from './start-writer.ts'
import { until } from './until.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function redis(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  cleanUps.push(() => server.stop())
  return server
}

function writer(...parameters: Parameters<typeof startWriter>): Writer {
  const made = startWriter(...parameters)
  cleanUps.push(() => made.flusher.close(0))
  return made
}

const codes = (each: Writer) => each.errors.map((error) => error.code)

describe('Flusher and a Redis that works', () => {
  it('brings calls by itself, and all of them at flush', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(3)
    await until('the timer flushes', () => one.flusher.counts.flushedCalls === 3)
    one.record(40)
    await one.flusher.flush(5000)
    expect(one.flusher.counts.flushedCalls).toBe(43)
    expect(await readCalls(server.url)).toEqual({ totals: 43, hours: 43, tens: 43 })
    expect(one.errors).toEqual([])
  })

  it('opens no connection before a call was recorded, nor for a flush of nothing', async () => {
    const server = await redis()
    const proxy = await startTcpProxy({ targetPort: server.port })
    cleanUps.push(() => proxy.close())
    const one = writer(`redis://127.0.0.1:${proxy.port}`)
    await one.flusher.flush(1000)
    expect(proxy.connections()).toBe(0)
    one.record(1)
    await one.flusher.flush(1000)
    expect(proxy.connections()).toBe(1)
  })

  it('sends fine rows each time and the rest less often when many calls come', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(1)
    await one.flusher.flush(5000)
    const calls = setInterval(() => one.record(50), 2)
    await until('fine rows arrive', async () => (await readCalls(server.url)).tens > 500)
    expect((await readCalls(server.url)).totals).toBe(1)
    expect(one.flusher.counts.flushedCalls).toBe(1)
    clearInterval(calls)
    await one.flusher.close(5000)
    const all = one.recorded()
    expect(await readCalls(server.url)).toEqual({ totals: all, hours: all, tens: all })
  })

  it('uses a client that it is given and leaves it open', async () => {
    const server = await redis()
    const client = new Redis(server.url)
    cleanUps.push(() => client.disconnect())
    await client.ping()
    const one = writer(client)
    one.record(2)
    await one.flusher.flush(5000)
    await one.flusher.close(1000)
    expect(await client.ping()).toBe('PONG')
    expect((await readCalls(server.url)).totals).toBe(2)
  })

  it('connects a given client that is lazy', async () => {
    const server = await redis()
    const client = new Redis(server.url, { lazyConnect: true })
    cleanUps.push(() => client.disconnect())
    const one = writer(client)
    one.record(2)
    await one.flusher.flush(5000)
    expect((await readCalls(server.url)).totals).toBe(2)
  })

  it('brings the calls of several writers side by side', async () => {
    const server = await redis()
    const writers = [writer(server.url), writer(server.url), writer(server.url)]
    for (let round = 0; round < 20; round++) {
      for (const each of writers) each.record(7)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await Promise.all(writers.map((each) => each.flusher.flush(5000)))
    expect(await readCalls(server.url)).toEqual({ totals: 420, hours: 420, tens: 420 })
  })

  it('lets several flushes at once each wait for what was recorded before', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(1)
    const first = one.flusher.flush(5000)
    one.record(10)
    const second = one.flusher.flush(5000)
    await first
    await second
    expect(one.flusher.counts.flushedCalls).toBe(11)
  })
})

describe('Flusher and a Redis that does not take batches', () => {
  it('warns once when Redis is away, holds everything, and says when it is back', async () => {
    const server = await redis()
    await server.kill()
    const one = writer(server.url)
    one.record(5)
    await until('the outage is reported', () => one.errors.length > 0)
    one.record(5)
    await expect(one.flusher.flush(100)).rejects.toMatchObject({ name: 'AIWatchFlushError', heldCalls: 10 })
    expect(codes(one)).toEqual(['unreachable'])
    expect(one.errors[0]?.message).toContain(`127.0.0.1:${server.port}`)
    expect(one.errors[0]?.message).toContain('ECONNREFUSED')
    await server.restart()
    await until('it recovers', () => codes(one).includes('recovered'))
    await one.flusher.flush(5000)
    expect(codes(one)).toEqual(['unreachable', 'recovered'])
    expect(await readCalls(server.url)).toEqual({ totals: 10, hours: 10, tens: 10 })
  })

  it.each([
    ['none', (port: number) => `redis://127.0.0.1:${port}`],
    ['a wrong one', (port: number) => `redis://:wrong@127.0.0.1:${port}`],
  ])('names the password as the trouble when it has %s, and shows none', async (_, url) => {
    const server = await redis({ requirepass: 'right' })
    const one = writer(url(server.port))
    one.record(1)
    await until('the outage is reported', () => one.errors.length > 0)
    expect(one.errors[0]?.message).toMatch(/password/)
    expect(one.errors[0]?.message).not.toMatch(/wrong@|:wrong/)
    expect(one.rollup.counted.dropped).toBe(0)
  })

  it('holds calls while Redis is full and brings each once when there is room', async () => {
    const server = await redis()
    const admin = new Redis(server.url)
    cleanUps.push(() => admin.disconnect())
    await admin.config('SET', 'maxmemory', '1')
    const one = writer(server.url)
    one.record(5)
    await until('the outage is reported', () => one.errors.length > 0)
    expect(one.errors[0]?.message).toMatch(/full/)
    await admin.config('SET', 'maxmemory', '0')
    await one.flusher.flush(10_000)
    expect((await readCalls(server.url)).totals).toBe(5)
  })

  it('holds calls while Redis is a read-only replica', async () => {
    const primary = await redis()
    const server = await redis()
    const admin = new Redis(server.url)
    cleanUps.push(() => admin.disconnect())
    await admin.call('REPLICAOF', '127.0.0.1', primary.port)
    await until('it is a replica in sync', async () => (await admin.info('replication')).includes('master_link_status:up'))
    const one = writer(server.url)
    one.record(5)
    await until('the outage is reported', () => one.errors.length > 0)
    expect(one.errors[0]?.message).toMatch(/read-only replica/)
    await admin.call('REPLICAOF', 'NO', 'ONE')
    await one.flusher.flush(10_000)
    expect((await readCalls(server.url)).totals).toBe(5)
  })

  it('sends the script anew to a server that forgot it', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(2)
    await one.flusher.flush(5000)
    const admin = new Redis(server.url)
    await admin.script('FLUSH')
    admin.disconnect()
    one.record(3)
    await one.flusher.flush(5000)
    expect((await readCalls(server.url)).totals).toBe(5)
    expect(one.errors).toEqual([])
  })

  it('waits while Redis reads its data', async () => {
    const server = await redis({ appendonly: true, config: { 'enable-debug-command': 'yes', 'key-load-delay': 0 } })
    const admin = new Redis(server.url)
    const one = writer(server.url)
    one.record(2)
    await one.flusher.flush(5000)
    await admin.call('DEBUG', 'POPULATE', 3000, 'load', 100)
    // Each key takes half a millisecond to load; loading looks at clients now and then.
    await admin.config('SET', 'key-load-delay', '500')
    await admin.config('SET', 'loading-process-events-interval-bytes', '1024')
    await admin.config('SET', 'aof-use-rdb-preamble', 'yes')
    admin.on('error', () => {})
    const reload = admin.call('DEBUG', 'RELOAD').catch(() => undefined)
    one.record(3)
    await until('it is told that Redis loads', async () => /reading its data/.test(one.flusher.lastError ?? ''))
    await one.flusher.flush(20_000)
    await reload
    await admin.config('SET', 'key-load-delay', '0').catch(() => undefined)
    admin.disconnect()
    expect((await readCalls(server.url)).totals).toBe(5)
  })

  it('rejects a flush at its deadline while Redis hangs, and brings everything when it goes on', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(1)
    await one.flusher.flush(5000)
    server.pause()
    one.record(4)
    const error = await one.flusher.flush(200).catch((reason) => reason)
    expect(error).toBeInstanceOf(AIWatchFlushError)
    expect(error).toMatchObject({ heldCalls: 4, heldBatches: 1 })
    server.resume()
    await one.flusher.flush(15_000)
    expect((await readCalls(server.url)).totals).toBe(5)
  })

  it('closes at its deadline while Redis hangs and says what it leaves', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(1)
    await one.flusher.flush(5000)
    server.pause()
    one.record(4)
    const begun = performance.now()
    const left = await one.flusher.close(300)
    // Not a matter of speed: without its deadline it would wait for ever.
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(left).toMatchObject({ heldCalls: 4, heldBatches: 1 })
    expect(codes(one)).toEqual(['held'])
    server.resume()
  })

  it('gives up a batch that can never be applied, counts it and goes on', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(2, { model: 'good' })
    await one.flusher.flush(5000)
    one.record(3, { durationMs: 100 })
    const drain = one.rollup.drain.bind(one.rollup)
    one.rollup.drain = (level) => {
      const rows = drain(level)
      one.rollup.drain = drain
      if (rows) rows.cells = []
      return rows
    }
    await one.flusher.flush(5000).catch(() => undefined)
    one.record(4)
    await one.flusher.flush(5000)
    expect(one.rollup.counted.dropped).toBe(3)
    expect(codes(one)).toEqual(['internal'])
    const integrity = await readStore(server.url, (reader) => reader.integrity())
    expect(integrity.droppedCalls).toBe(3)
    expect((await readCalls(server.url)).totals).toBe(6)
  })

  it('counts and tells of rows of which no batch can be made, and goes on', async () => {
    const server = await redis()
    const one = writer(server.url)
    const split = one.transport.split.bind(one.transport)
    one.transport.split = () => {
      one.transport.split = split
      throw new Error('cannot be split')
    }
    one.record(3)
    await one.flusher.flush(5000)
    expect(one.rollup.counted.dropped).toBe(3)
    expect(codes(one)).toEqual(['internal'])
    expect(one.errors[0]?.message).toContain('3 calls are dropped: cannot be split')
    expect(one.flusher.lastError).toBeUndefined()
    one.record(4)
    await one.flusher.flush(5000)
    expect((await readCalls(server.url)).totals).toBe(4)
  })
})
