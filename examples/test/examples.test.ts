import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Simulator, startSimulator } from '@aiwatch/model-simulator'
import { CODE, connectRedis, openReader, userKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterEach, beforeEach, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const examples = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
let simulator: Simulator
let redis: RedisServer

beforeEach(async () => {
  simulator = await startSimulator({ speed: 0 })
  redis = await startRedis()
})
afterEach(async () => {
  await simulator.close()
  await redis.stop()
})

/** Where the simulated model is, for either client. */
const modelAt = (url: string) => ({ OPENAI_BASE_URL: `${url}/v1`, ANTHROPIC_BASE_URL: url })

/** Runs an example as its first lines say. The SDK is the one that was built. */
function run(example: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [example], { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })))
}

test('there are examples', () => {
  expect(examples).toEqual(['anthropic.ts', 'openai.ts'])
})

test.each(examples)('%s runs, and its calls are in Redis with user and tokens as the server sent them', async (example) => {
  const { code, output } = await run(example, { ...modelAt(simulator.url), AIWATCH_REDIS_URL: redis.url })
  expect(code, output).toBe(0)
  await simulator.idle()
  const { total } = simulator.ledger.snapshot()
  expect(total.ok).toBeGreaterThan(0)
  expect(output).toContain(`${total.requests} calls counted, ${total.requests} of them in Redis`)

  const connection = connectRedis(redis.url, { role: 'reader' })
  const reader = openReader(connection.client, { tenant: 'default' })
  const [totals, [ada]] = await Promise.all([reader.totals(), reader.users([userKey('ada')])])
  connection.close()
  const sum = (metric: number) => [...totals.values()].reduce((all, codes) => all + (codes.get(metric) ?? 0), 0)
  expect({ calls: sum(CODE.callsOk), input: sum(CODE.inputTokens), output: sum(CODE.outputTokens) }).toEqual({
    calls: total.ok,
    input: total.inputTokens,
    output: total.outputTokens,
  })
  expect(ada).toMatchObject({ name: 'ada', calls: total.requests, sessions: 1, inputTokens: total.inputTokens })
})

test.each([
  ['openai.ts', /chat {7}\w+/],
  ['anthropic.ts', /message {4}\w+/],
])('%s without Redis answers all the same, says what is missing, and fails', async (example, answer) => {
  const { code, output } = await run(example, { ...modelAt(simulator.url), AIWATCH_REDIS_URL: 'redis://127.0.0.1:9' })
  expect(code).toBe(1)
  expect(output).toMatch(answer)
  expect(output).toContain('run npm start first')
})
