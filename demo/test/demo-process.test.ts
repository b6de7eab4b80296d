import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Simulator, startSimulator } from '@aiwatch/model-simulator'
import { connectRedis, openReader } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterEach, beforeEach, expect, test } from 'vitest'

const script = fileURLToPath(new URL('../src/demo-traffic.ts', import.meta.url))
let simulator: Simulator
let redis: RedisServer
let child: ChildProcess | undefined

beforeEach(async () => {
  simulator = await startSimulator({ speed: 20 })
  redis = await startRedis()
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await simulator.close()
  await redis.stop()
})

function startDemo(env: Record<string, string>) {
  const settings = { AIWATCH_SIMULATOR_URL: simulator.url, AIWATCH_REDIS_URL: redis.url, DEMO_RATE: '20', DEMO_USERS: '30', ...env }
  const started = spawn(process.execPath, [script], { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
  child = started
  let output = ''
  for (const stream of [started.stdout, started.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  const ended = new Promise<number | null>((resolve) => started.once('exit', resolve))
  return { started, output: () => output, ended }
}

async function usersSeen(): Promise<number> {
  const connection = connectRedis(redis.url, { role: 'reader' })
  const { users } = await openReader(connection.client, { tenant: 'default' }).active([60_000])
  connection.close()
  return users[0] ?? 0
}

test('users appear soon after the start, and SIGTERM ends it with everything acknowledged', async () => {
  const demo = startDemo({})
  await expect.poll(usersSeen, { timeout: 15_000, interval: 200 }).toBeGreaterThan(3)
  demo.started.kill('SIGTERM')
  expect(await demo.ended).toBe(0)
  expect(demo.output()).toMatch(/demo traffic ended: \d+ calls planned, \d+ recorded, 0 not acknowledged/)
  const [, planned, recorded] = /(\d+) calls planned, (\d+) recorded/.exec(demo.output()) ?? []
  expect(recorded).toBe(planned)
})

test('without simulator and Redis it goes on, says so, and still ends on SIGINT', async () => {
  const demo = startDemo({ AIWATCH_SIMULATOR_URL: 'http://127.0.0.1:9', AIWATCH_REDIS_URL: 'redis://127.0.0.1:9' })
  await expect.poll(demo.output, { timeout: 15_000, interval: 200 }).toContain('a call failed')
  expect(demo.started.exitCode).toBeNull()
  demo.started.kill('SIGINT')
  expect(await demo.ended).toBe(0)
  expect(demo.output()).toMatch(/[1-9]\d* not acknowledged by Redis/)
})

test('a setting that is wrong ends it with the name of the variable', async () => {
  const demo = startDemo({ DEMO_RATE: 'much' })
  expect(await demo.ended).toBe(1)
  expect(demo.output()).toContain('DEMO_RATE must be a number from 0.01 to 2000, got "much"')
})
