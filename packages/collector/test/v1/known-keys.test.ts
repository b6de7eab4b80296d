import { createApiKey, revokeApiKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createKnownKeys } from '../../src/api/authorise.ts'
import { openRedisConnection, type RedisConnection } from '../../src/redis/redis-connection.ts'

let server: RedisServer
let connection: RedisConnection
beforeAll(async () => {
  server = await startRedis()
  connection = openRedisConnection(server.url, 20_000)
  await connection.settled(5000)
})
afterAll(async () => {
  connection.close()
  await server.stop()
})

it('counts a revoked key for less than two seconds, whoever asks in between', async () => {
  let nowMs = 0
  const keys = createKnownKeys(connection, () => nowMs)
  const { token, key } = await createApiKey(connection.redis, { tenant: 'acme', role: 'read' })
  const isKnown = async () => (await keys.current()).find(token) !== undefined
  expect(await isKnown()).toBe(true)
  await revokeApiKey(connection.redis, key.id)
  nowMs = 999
  expect(await isKnown()).toBe(true)
  nowMs = 1999
  // Answered from what is known, while the keys are read anew.
  await isKnown()
  nowMs = 2001
  expect(await isKnown()).toBe(false)
})

it('asks Redis once for all who ask at the same time, and not again within a second', async () => {
  let nowMs = 0
  const keys = createKnownKeys(connection, () => nowMs)
  const readings = async () => Number(/cmdstat_hgetall:calls=(\d+)/.exec(await connection.redis.info('commandstats'))?.[1] ?? 0)
  const before = await readings()
  await Promise.all(Array.from({ length: 50 }, () => keys.current()))
  nowMs = 900
  await keys.current()
  expect((await readings()) - before).toBe(1)
})
