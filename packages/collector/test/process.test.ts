import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { freePort, type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

describe('the collector as a process', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())

  function start(env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [MAIN], { env: { ...process.env, REDIS_URL: server.url, AIWATCH_REDIS_URL: '', ...env } })
    let out = ''
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
    })
    child.stderr.on('data', (data: Buffer) => {
      out += data.toString()
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
    const listens = new Promise<void>((resolve) => child.stdout.on('data', () => out.includes('collector listens') && resolve()))
    return { child, ended, listens: Promise.race([listens, ended]), output: () => out }
  }

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in order on %s, open connections notwithstanding', async (signal) => {
    const port = await freePort()
    const run = start({ ANALYTICS_PORT: String(port), TIMESERIES_PORT: '0' })
    await run.listens
    const controller = new AbortController()
    expect((await fetch(`http://127.0.0.1:${port}/analytics`, { signal: controller.signal })).status).toBe(200)
    const signalledMs = Date.now()
    run.child.kill(signal)
    expect(await run.ended).toBe(0)
    // The promise is two seconds; the machine that tests may be slow.
    expect(Date.now() - signalledMs).toBeLessThan(10_000)
    for (const line of run.output().trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ level: 'info', message: expect.any(String) })
    expect(run.output()).toContain(`http://127.0.0.1:${port}`)
  })

  it('ends with 1 and names the variable when a setting or a port cannot be used', async () => {
    const wrong = start({ ANALYTICS_PORT: 'eighty' })
    expect(await wrong.ended).toBe(1)
    expect(wrong.output()).toMatch(/^ANALYTICS_PORT: .*"eighty"\n$/)
    const wide = start({ AIWATCH_LISTEN: '0.0.0.0' })
    expect(await wide.ended).toBe(1)
    expect(wide.output()).toMatch(
      /^AIWATCH_LISTEN: 0\.0\.0\.0 can be reached .* make one with "aiwatch keys create --role read --tenant default"/m,
    )
    const taken = start({ ANALYTICS_PORT: String(server.port), AIWATCH_LOG: 'silent' })
    expect(await taken.ended).toBe(1)
    expect(taken.output()).toMatch(/is taken: set ANALYTICS_PORT/)
  })
})
