import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findRedisProgram, freePort, hasTimeSeries, type RedisKind } from '@aiwatch/test-servers'
import { describeOnEachRedis } from '@aiwatch/test-servers/describe-on-each-redis'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { describeServer } from '../redis/server-program.mjs'
import { createChildren } from '../start/children.mjs'
import { startPrivateRedis } from '../start/private-redis.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const work = mkdtempSync(join(tmpdir(), 'aiwatch-private-'))
const running: { stopAll(): Promise<void> }[] = []

afterEach(async () => {
  for (const children of running.splice(0)) await children.stopAll()
  rmSync(work, { recursive: true, force: true })
})

async function startOn(kind: RedisKind, say: (sentence: string) => void) {
  const program = findRedisProgram(kind)
  const found = await describeServer(program.server, { say })
  const server = { kind, ...found, module: program.module, libraryPath: program.libraryPath }
  const folder = join(work, kind)
  const children = createChildren({ logDir: join(work, 'logs'), env: process.env, onStart: () => {} })
  running.push(children)
  const url = await startPrivateRedis({ server, folder, port: await freePort(), root, children, say })
  return { redis: new Redis(url), folder, end: () => children.stopAll() }
}

async function write(redis: Redis, kind: RedisKind, timestamp: number): Promise<void> {
  if (hasTimeSeries(kind)) await redis.call('TS.ADD', 'series', timestamp, 7)
  await redis.rpush('list', String(timestamp))
}

async function read(redis: Redis, kind: RedisKind): Promise<unknown[]> {
  return [hasTimeSeries(kind) ? await redis.call('TS.RANGE', 'series', '-', '+') : [], await redis.lrange('list', 0, -1)]
}

describeOnEachRedis('a private Redis', (kind) => {
  test('has the settings of its file, and mends an append-only file with a torn end before it starts', async () => {
    const said: string[] = []
    const first = await startOn(kind, (sentence) => said.push(sentence))
    expect(await first.redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes'])
    expect(await first.redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
    expect(await first.redis.config('GET', 'bind')).toEqual(['bind', '127.0.0.1'])
    await write(first.redis, kind, 1000)
    // From here on the file begins with a snapshot, which holds series of the module too.
    await first.redis.bgrewriteaof()
    for (let i = 0; i < 200 && !(await first.redis.info('persistence')).includes('aof_rewrite_in_progress:0'); i++) await sleep(20)
    await write(first.redis, kind, 2000)
    const kept = await read(first.redis, kind)
    first.redis.disconnect()
    await first.end()
    expect(said).toEqual([])

    const files = join(first.folder, 'appendonlydir')
    const last = readdirSync(files).find((name) => name.endsWith('.incr.aof')) as string
    appendFileSync(join(files, last), '*1\r\n$5\r\nMULTI\r\n*3\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n$4\r\n3000\r\n*3\r\n$5\r\nRPU')
    const second = await startOn(kind, (sentence) => said.push(sentence))
    // A slow machine is told that it loads, too.
    expect(said.filter((sentence) => sentence !== 'Redis is loading its data')).toEqual([
      'the end of the append-only file was torn by a crash; it was cut at the last whole step',
    ])
    expect(await read(second.redis, kind)).toEqual(kept)
    second.redis.disconnect()
    await second.end()
    expect(existsSync(join(work, 'logs', 'redis.log'))).toBe(true)
  })
})
