import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startRedis, whyMissing } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runScript, type ScriptRun } from './run-script.ts'

const READY = /Ctrl-C stops all of this/
const TIMEOUT_MS = 300_000

const started: ScriptRun[] = []
let stateDir = ''

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'aiwatch-start-'))
})

function start(args: string[], env: Record<string, string>): ScriptRun {
  const run = runScript('scripts/start.mjs', args, { REDIS_URL: '', AIWATCH_REDIS: '', AIWATCH_STATE_DIR: stateDir, ...env })
  started.push(run)
  return run
}

async function freePorts() {
  return {
    AIWATCH_REDIS_PORT: String(await freePort()),
    ANALYTICS_PORT: String(await freePort()),
    TIMESERIES_PORT: String(await freePort()),
    AIWATCH_SIMULATOR_PORT: String(await freePort()),
  }
}

async function countCalls(port: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/analytics`)
  const analytics = (await response.json()) as { model_usage: Record<string, { total_requests: number }> }
  return Object.values(analytics.model_usage).reduce((sum, model) => sum + model.total_requests, 0)
}

async function eventually<T>(read: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const value = await read()
    if (isRight(value) || Date.now() > deadline) return value
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function isListening(port: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    (error) => error.cause?.code !== 'ECONNREFUSED',
  )
}

afterEach(async () => {
  for (const run of started.splice(0)) {
    run.child.kill('SIGTERM')
    await run.ended
  }
  rmSync(stateDir, { recursive: true, force: true })
})

test(
  'a start shows calls of the demo within a minute, stops all it started, and the next one still has the data',
  async () => {
    const ports = await freePorts()
    const first = start([], ports)
    await first.until(READY)
    expect(first.output()).toContain(`http://127.0.0.1:${ports.ANALYTICS_PORT}/analytics`)
    const calls = await eventually(
      () => countCalls(ports.ANALYTICS_PORT),
      (count) => count >= 5,
    )
    expect(calls).toBeGreaterThanOrEqual(5)
    first.child.kill('SIGINT')
    expect(await first.ended).toBe(0)
    for (const port of Object.values(ports)) expect(await isListening(port)).toBe(false)

    const second = start(['--no-demo'], ports)
    await second.until(READY)
    expect(await countCalls(ports.ANALYTICS_PORT)).toBeGreaterThanOrEqual(calls)
    expect(await isListening(ports.AIWATCH_SIMULATOR_PORT)).toBe(false)
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)
  },
  TIMEOUT_MS,
)

async function readTimeSeries(port: string): Promise<string> {
  const health = (await (await fetch(`http://127.0.0.1:${port}/health`)).json()) as { checks: { redis: { timeseries: string } } }
  return health.checks.redis.timeseries
}

test.skipIf(whyMissing('stack') !== undefined)(
  'a start is on Redis with TimeSeries; --redis plain is on data of its own, and each says where the data of the other is',
  async () => {
    const ports = await freePorts()
    const [stackFolder, plainFolder] = ['stack', 'redis'].map((kind) => join(stateDir, `${kind}-${ports.AIWATCH_REDIS_PORT}`)) as [
      string,
      string,
    ]
    const plain = start(['--no-demo', '--redis', 'plain'], ports)
    await plain.until(READY)
    expect(plain.output()).toMatch(/\(plain Redis \d+\.\d+\.\d+, data in .*; time series: plain\)/)
    expect(await readTimeSeries(ports.ANALYTICS_PORT)).toBe('plain')
    plain.child.kill('SIGINT')
    expect(await plain.ended).toBe(0)
    expect([existsSync(plainFolder), existsSync(stackFolder)]).toEqual([true, false])

    const stack = start(['--no-demo'], ports)
    await stack.until(READY)
    expect(stack.output()).toContain(
      `data of an earlier start on plain Redis stays in ${plainFolder}; this start is on Redis Stack, without data yet; to go back: npm start -- --redis plain`,
    )
    expect(stack.output()).toMatch(/\(Redis Stack 7\.4\.1, data in .*; time series: module\)/)
    expect(await readTimeSeries(ports.ANALYTICS_PORT)).toBe('module')
    stack.child.kill('SIGINT')
    expect(await stack.ended).toBe(0)
    for (const port of Object.values(ports)) expect(await isListening(port)).toBe(false)

    const back = start(['--no-demo'], { ...ports, AIWATCH_REDIS: 'plain' })
    await back.until(READY)
    expect(back.output()).toContain(
      `data of an earlier start on Redis Stack stays in ${stackFolder}; this start is on plain Redis; to go back:`,
    )
  },
  TIMEOUT_MS,
)

test(
  '--redis with a URL is used before REDIS_URL',
  async () => {
    const redis = await startRedis()
    try {
      const run = start(['--no-demo', '--redis', redis.url], { ...(await freePorts()), REDIS_URL: 'redis://127.0.0.1:9' })
      await run.until(READY)
      expect(run.output()).toMatch(/\(Redis \d+\.\d+\.\d+, from --redis; time series: plain\)/)
    } finally {
      await redis.stop()
    }
  },
  TIMEOUT_MS,
)

test('--help names every choice of Redis', async () => {
  const run = start(['--help'], {})
  expect(await run.ended).toBe(0)
  for (const word of ['--redis', 'stack', 'plain', 'valkey', 'redis://', 'AIWATCH_REDIS', 'AIWATCH_CACHE_DIR'])
    expect(run.output()).toContain(word)
})

test(
  'a taken port is named with the variable that moves it, and nothing is left running',
  async () => {
    const ports = await freePorts()
    const occupant = createServer().listen(Number(ports.TIMESERIES_PORT), '127.0.0.1')
    try {
      const run = start([], ports)
      expect(await run.ended).toBe(1)
      expect(run.output()).toContain(`port ${ports.TIMESERIES_PORT} for time series is taken; set TIMESERIES_PORT`)
      expect(await isListening(ports.AIWATCH_REDIS_PORT)).toBe(false)
    } finally {
      occupant.close()
    }
  },
  TIMEOUT_MS,
)

test(
  'REDIS_URL is used instead of a private Redis',
  async () => {
    const redis = await startRedis()
    try {
      const ports = await freePorts()
      const run = start(['--no-demo'], { ...ports, REDIS_URL: redis.url })
      await run.until(READY)
      expect(run.output()).toContain('from REDIS_URL')
      expect(await isListening(ports.AIWATCH_REDIS_PORT)).toBe(false)
      const health = (await (await fetch(`http://127.0.0.1:${ports.ANALYTICS_PORT}/health`)).json()) as { status: string }
      expect(health.status).toBe('ok')
    } finally {
      await redis.stop()
    }
  },
  TIMEOUT_MS,
)

test(
  'a Redis that refuses is one sentence that names REDIS_URL, and nothing is left running',
  async () => {
    const redis = await startRedis({ requirepass: 'secret' })
    try {
      const ports = await freePorts()
      const run = start(['--no-demo'], { ...ports, REDIS_URL: `redis://127.0.0.1:${redis.port}` })
      expect(await run.ended).toBe(1)
      expect(run.output()).toMatch(/npm start: .*REDIS_URL/)
      expect(await isListening(ports.ANALYTICS_PORT)).toBe(false)
    } finally {
      await redis.stop()
    }
  },
  TIMEOUT_MS,
)

test(
  'a read-only replica is one sentence that says what REDIS_URL must name',
  async () => {
    const [primary, replica] = await Promise.all([startRedis(), startRedis()])
    try {
      const connection = new Redis(replica.url)
      await connection.replicaof('127.0.0.1', primary.port)
      connection.disconnect()
      const run = start(['--no-demo'], { ...(await freePorts()), REDIS_URL: replica.url })
      expect(await run.ended).toBe(1)
      expect(run.output()).toMatch(/npm start: Redis is a read-only slave; give REDIS_URL the address of the primary/)
    } finally {
      await Promise.all([primary.stop(), replica.stop()])
    }
  },
  TIMEOUT_MS,
)

test(
  'what a killed start left behind is ended by the next one',
  async () => {
    const ports = await freePorts()
    const first = start(['--no-demo'], ports)
    await first.until(READY)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await isListening(ports.ANALYTICS_PORT)).toBe(true)
    const second = start(['--no-demo'], ports)
    await second.until(READY)
    expect(second.output()).toContain('left behind')
  },
  TIMEOUT_MS,
)

test.each([
  [['--no-such-option'], {}, /Unknown option '--no-such-option'/],
  [[], { ANALYTICS_PORT: 'eighty' }, /ANALYTICS_PORT must be a port/],
  [[], { REDIS_URL: 'http://localhost' }, /REDIS_URL must begin with redis:/],
  [['--redis', 'mysql'], {}, /--redis must be stack, plain, valkey or a redis:\/\/ URL, not "mysql"/],
  [[], { AIWATCH_REDIS: 'none' }, /AIWATCH_REDIS must be stack/],
])('bad input %j %j ends with a sentence that names it', async (args, env, message) => {
  const run = start(args, env)
  expect(await run.ended).toBe(1)
  expect(run.output()).toMatch(message)
})
