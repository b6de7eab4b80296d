import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { startSimulator } from '../src/index.ts'

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const running: { kill(signal: NodeJS.Signals): boolean }[] = []
afterEach(() => running.splice(0).forEach((child) => void child.kill('SIGKILL')))

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [script], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  return { child, output: () => output, ended: new Promise<number | null>((resolve) => child.once('exit', resolve)) }
}

test('the process listens on the loopback interface, answers, and ends on SIGTERM', async () => {
  const simulator = start({ AIWATCH_SIMULATOR_PORT: '0', AIWATCH_SIMULATOR_SPEED: '0' })
  await expect.poll(simulator.output, { timeout: 15_000 }).toMatch(/on http:\/\/127\.0\.0\.1:\d+\/v1/)
  const url = /http:\S+(?=\/v1)/.exec(simulator.output())?.[0]
  expect((await fetch(`${url}/health`)).status).toBe(200)
  simulator.child.kill('SIGTERM')
  expect(await simulator.ended).toBe(0)
})

test('a taken port is said in a sentence that names the variable', async () => {
  const other = await startSimulator()
  const simulator = start({ AIWATCH_SIMULATOR_PORT: String(other.port) })
  expect(await simulator.ended).toBe(1)
  expect(simulator.output()).toContain(`port ${other.port} is taken; set AIWATCH_SIMULATOR_PORT to a free one`)
  await other.close()
})

test.each([
  [{ AIWATCH_SIMULATOR_PORT: '99999' }, 'AIWATCH_SIMULATOR_PORT must be a number from 0 to 65535'],
  [{ AIWATCH_SIMULATOR_FAULTS: 'teapot=1' }, 'AIWATCH_SIMULATOR_FAULTS: fault "teapot" is not one of'],
])('%j is refused by name', async (env, message) => {
  const simulator = start(env)
  expect(await simulator.ended).toBe(1)
  expect(simulator.output()).toContain(message)
})
