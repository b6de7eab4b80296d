import { type RedisServer, startRedis, startTcpProxy } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
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

async function proxied(server: RedisServer) {
  const proxy = await startTcpProxy({ targetPort: server.port })
  cleanUps.push(() => proxy.close())
  return { proxy, url: `redis://127.0.0.1:${proxy.port}` }
}

const isScript = (request: Buffer) => /EVAL/i.test(request.toString('latin1'))

/** Server state as it was: what came later is lost, though it was acknowledged. */
async function snapshot(url: string): Promise<() => Promise<void>> {
  const admin = new Redis(url)
  cleanUps.push(() => admin.disconnect())
  const keys = await admin.keys('*')
  const dumps = await Promise.all(keys.map(async (key) => [key, await admin.dumpBuffer(key)] as const))
  return async () => {
    await admin.flushall()
    for (const [key, dump] of dumps) await admin.restore(key, 0, dump)
  }
}

describe('every call counts exactly once', () => {
  it('when the answer to a batch is lost: the duplicate is detected', async () => {
    const server = await redis()
    const { proxy, url } = await proxied(server)
    const one = writer(url)
    one.record(2)
    await one.flusher.flush(5000)
    const cut = proxy.cutBeforeReply(isScript)
    one.record(5)
    await cut
    await one.flusher.flush(5000)
    expect(one.flusher.counts).toMatchObject({ duplicateBatches: 1, resentBatches: 1, flushedCalls: 7, lostCalls: 0 })
    expect(await readCalls(server.url)).toEqual({ totals: 7, hours: 7, tens: 7 })
    one.record(1)
    await one.flusher.flush(5000)
    const integrity = await readStore(server.url, (reader) => reader.integrity())
    expect(integrity).toMatchObject({ resentBatches: 1, duplicateBatches: 1, lostCalls: 0, droppedCalls: 0 })
  })

  it('when connections are cut again and again in the middle of requests', async () => {
    const server = await redis()
    const { proxy, url } = await proxied(server)
    const one = writer(url)
    for (let round = 0; round < 40; round++) {
      one.record(11, { model: `m${round % 3}`, user: `u${round % 5}` })
      if (round % 5 === 0) proxy.cutAfterClientBytes(50 + round * 37)
      if (round % 7 === 0) proxy.cut()
      await new Promise((resolve) => setTimeout(resolve, 15))
    }
    proxy.cutAfterClientBytes(Number.MAX_SAFE_INTEGER)
    await one.flusher.flush(20_000)
    expect(await readCalls(server.url)).toEqual({ totals: 440, hours: 440, tens: 440 })
  })

  it('when the server is killed and started again while calls come', async () => {
    const server = await redis({ appendonly: true, appendfsync: 'always' })
    const writers = [writer(server.url), writer(server.url)]
    for (let round = 0; round < 6; round++) {
      for (let step = 0; step < 5; step++) {
        for (const each of writers) each.record(13)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await server.kill()
      await server.restart()
    }
    await Promise.all(writers.map((each) => each.flusher.flush(20_000)))
    expect(await readCalls(server.url)).toEqual({ totals: 780, hours: 780, tens: 780 })
    for (const each of writers) expect(each.flusher.counts).toMatchObject({ lostCalls: 0, flushedCalls: 390 })
  })

  it('when the server comes back without batches that it had acknowledged: they are sent again in order', async () => {
    const server = await redis()
    const one = writer(server.url)
    one.record(2)
    await one.flusher.flush(5000)
    const goBack = await snapshot(server.url)
    for (const count of [3, 4, 5]) {
      one.record(count)
      await one.flusher.flush(5000)
    }
    await goBack()
    one.record(6)
    await one.flusher.flush(5000)
    expect(one.flusher.counts).toMatchObject({ gaps: 1, lostCalls: 0, flushedCalls: 20 })
    expect(await readCalls(server.url)).toEqual({ totals: 20, hours: 20, tens: 20 })
    expect(one.errors.map((error) => error.code)).toEqual(['lost'])
  })
})

describe('what cannot be sent again', () => {
  it('is told as lost calls when the server lost more than is kept', async () => {
    const server = await redis()
    const one = writer(server.url)
    const goBack = await snapshot(server.url)
    // More than is kept after acknowledgement, each user a row of some hundred bytes.
    for (let round = 0; round < 4; round++) {
      for (let user = 0; user < 2500; user++)
        one.rollup.add((await import('../sample-call.ts')).sampleCall({ user: `${round}-${user}-${'x'.repeat(90)}` }))
      one.record(1)
      await one.flusher.flush(20_000)
    }
    const acknowledged = one.flusher.counts.flushedCalls
    await goBack()
    one.record(7)
    await one.flusher.flush(20_000)
    const { totals } = await readCalls(server.url)
    const integrity = await readStore(server.url, (reader) => reader.integrity())
    expect(acknowledged).toBe(4 * 2501)
    expect(one.flusher.counts.lostCalls).toBeGreaterThan(0)
    expect(integrity.lostCalls).toBe(one.flusher.counts.lostCalls)
    expect(totals + integrity.lostCalls).toBe(acknowledged + 7)
  })
})

describe('a long time without Redis', () => {
  it('holds a bounded amount and brings exact totals afterwards', async () => {
    const server = await redis()
    await server.kill()
    const maxBytes = 512 * 1024
    const one = writer(server.url, { maxBytes })
    let highest = 0
    for (let index = 0; index < 20_000; index++) {
      one.record(1, { user: `user-${index % 2000}`, model: `m${index % 10}`, startedAt: Date.now() - (20_000 - index) * 100 })
      highest = Math.max(highest, one.rollup.bytes + one.flusher.heldBytes)
      if (index % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(highest).toBeLessThanOrEqual(maxBytes * 1.05)
    expect(one.rollup.counted.coarsened).toBeGreaterThan(0)
    expect(one.rollup.counted.dropped).toBe(0)
    await server.restart()
    await until('everything is acknowledged', async () => {
      await one.flusher.flush(5000).catch(() => undefined)
      return one.flusher.counts.flushedCalls === 20_000
    })
    const { totals, hours, tens } = await readCalls(server.url)
    expect([totals, hours]).toEqual([20_000, 20_000])
    expect(tens).toBeLessThan(20_000)
    const integrity = await readStore(server.url, (reader) => reader.integrity())
    expect(integrity.coarsenedRows).toBe(one.rollup.counted.coarsened)
    expect(integrity.foldedUserCalls).toBe(one.rollup.counted.foldedUsers)
  })
})
