import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openRedisConnection, type RedisConnection } from '../src/redis/redis-connection.ts'
import { eventually } from './run-collector.ts'

/** Longer than a connection may be silent. */
const LONG_MS = 11_000

describe('a connection that does not answer', () => {
  let server: RedisServer
  let connection: RedisConnection
  let closes = 0

  beforeEach(async () => {
    // Timers stay real: only what the clock says is moved on.
    vi.useFakeTimers({ toFake: ['Date'] })
    server = await startRedis()
    connection = openRedisConnection(server.url, 300)
    closes = 0
    connection.redis.on('close', () => closes++)
    await eventually(isAnswered, Boolean)
  })
  afterEach(async () => {
    vi.useRealTimers()
    server.resume()
    connection.close()
    await server.stop()
  })

  const ping = () => connection.ask(() => connection.redis.ping())
  const isAnswered = () =>
    ping().then(
      () => true,
      () => false,
    )
  const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)
  /** Asks a stopped server. */
  const askInVain = () => expect(ping()).rejects.toThrow(/no reply within 300 ms/)

  it('is kept when one answer is slow after a time in which nothing was asked', async () => {
    pass(LONG_MS)
    server.pause()
    await askInVain()
    server.resume()
    expect(await eventually(isAnswered, Boolean)).toBe(true)
    expect(closes).toBe(0)
  })

  it('is kept when an answer that nobody waited for came in the end', async () => {
    server.pause()
    await askInVain()
    server.resume()
    expect(await eventually(isAnswered, Boolean)).toBe(true)
    pass(LONG_MS)
    server.pause()
    await askInVain()
    server.resume()
    expect(await eventually(isAnswered, Boolean)).toBe(true)
    expect(closes).toBe(0)
  })

  it('is given up when a question waits for more than ten seconds without any answer, and comes back', async () => {
    server.pause()
    await askInVain()
    pass(LONG_MS)
    await askInVain()
    server.resume()
    expect(await eventually(isAnswered, Boolean)).toBe(true)
    expect(closes).toBe(1)
  })
})
