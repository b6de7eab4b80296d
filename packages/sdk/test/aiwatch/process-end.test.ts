import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCalls } from '../flush/read-totals.ts'
import { startHole } from './start-hole.ts'

let server: RedisServer
beforeEach(async () => {
  server = await startRedis()
})
afterEach(() => server.stop())

interface Ended {
  code: number | null
  output: string
}

/** Runs a program that nothing but itself ends; a process that hangs is killed after a time and has no code. */
function run(program: string, redisUrl: string): Promise<Ended> {
  const path = fileURLToPath(new URL(`./programs/${program}.ts`, import.meta.url))
  const env = { ...process.env, AIWATCH_REDIS_URL: redisUrl, NODE_NO_WARNINGS: '1' }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path], { env, timeout: 25_000, killSignal: 'SIGKILL' }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr })
    })
  })
}

describe('a program with AIWatch', () => {
  it.each([
    ['record-and-end', 1],
    ['flush-and-end', 1],
    ['work-a-while', 10],
  ])('%s ends by itself and loses nothing', async (program, calls) => {
    const ended = await run(program, server.url)
    expect(ended).toMatchObject({ code: 0 })
    expect((await readCalls(server.url)).totals).toBe(calls)
  })

  it.each(['record-and-end', 'work-a-while'])('%s ends by itself when Redis is away', async (program) => {
    await server.kill()
    expect(await run(program, server.url)).toMatchObject({ code: 0 })
  })

  it.each(['record-and-end', 'work-a-while'])('%s ends by itself when Redis hangs', async (program) => {
    server.pause()
    const ended = await run(program, server.url)
    server.resume()
    expect(ended).toMatchObject({ code: 0 })
  })

  it.each(['connect-and-end', 'work-a-while'])('%s ends by itself when the packets of its connection are swallowed', async (program) => {
    const hole = await startHole()
    const ended = await run(program, `redis://127.0.0.1:${hole.port}`)
    hole.stop()
    expect(ended).toMatchObject({ code: 0 })
  })

  it('ends by itself after a flush that was rejected', async () => {
    await server.kill()
    const ended = await run('flush-and-end', server.url)
    expect(ended.code).toBe(0)
    expect(ended.output).toMatch(/held: not everything is acknowledged by Redis at 127\.0\.0\.1:\d+: 1 calls are held/)
  })
})
