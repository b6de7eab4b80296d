/** A real model for tests: llama.cpp and a small model, fetched once into the user's cache, and the meter that it keeps itself. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@aiwatch/test-servers'

const SCRIPT = fileURLToPath(new URL('../../scripts/local-model/print-test-model.mjs', import.meta.url))
const LOAD_TIMEOUT_MS = 60_000

interface ModelCommand {
  name: string
  command: string
  args: string[]
}

/** How to start it on a free port, or why it cannot be had here. */
export async function findLocalModel(): Promise<(ModelCommand & { url: string }) | { missing: string }> {
  const port = await freePort()
  const text = execFileSync(process.execPath, [SCRIPT, String(port)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const found = JSON.parse(text) as ModelCommand | { missing: string }
  return 'missing' in found ? found : { ...found, url: `http://127.0.0.1:${port}` }
}

export interface LocalModel {
  /** Without /v1. */
  url: string
  name: string
  stop(): Promise<void>
}

export async function startLocalModel({ name, command, args, url }: ModelCommand & { url: string }): Promise<LocalModel> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr?.on('data', (data) => {
    log = (log + data).slice(-4000)
  })
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await ended
  }
  try {
    await untilHealthy(url, child)
  } catch (error) {
    await end()
    throw new Error(`${(error as Error).message}:\n${log}`)
  }
  return { url, name, stop: end }
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  for (const start = Date.now(); Date.now() - start < LOAD_TIMEOUT_MS; await sleep(50)) {
    if (child.exitCode !== null) throw new Error(`the model server ended with code ${child.exitCode}`)
    const isHealthy = await fetch(`${url}/health`).then(
      (reply) => reply.ok,
      () => false,
    )
    if (isHealthy) return
  }
  throw new Error('the model server did not answer in time')
}

/** What llama.cpp counted since it started. */
export interface Meter {
  /** Cached ones included, which llama.cpp counts apart. */
  inputTokens: number
  cachedTokens: number
  outputTokens: number
  prefillSeconds: number
  decodeSeconds: number
}

async function readCounters(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return new Map([...text.matchAll(/^llamacpp:(\w+) ([\d.e+-]+)$/gm)].map(([, name, value]) => [name as string, Number(value)]))
}

/** Reads the meter when no request is under way any more: a caller that left is noticed with the next token. */
export async function readMeter(url: string): Promise<Meter> {
  let counters = await readCounters(url)
  while (counters.get('requests_processing') || counters.get('requests_deferred')) {
    await sleep(20)
    counters = await readCounters(url)
  }
  const take = (name: string) => {
    const value = counters.get(name)
    if (value === undefined) throw new Error(`llama.cpp's /metrics has no llamacpp:${name}`)
    return value
  }
  const cachedTokens = take('prompt_tokens_cached_total')
  return {
    inputTokens: take('prompt_tokens_total') + cachedTokens,
    cachedTokens,
    outputTokens: take('tokens_predicted_total'),
    prefillSeconds: take('prompt_seconds_total'),
    decodeSeconds: take('tokens_predicted_seconds_total'),
  }
}

export function meterDifference(before: Meter, after: Meter): Meter {
  return {
    inputTokens: after.inputTokens - before.inputTokens,
    cachedTokens: after.cachedTokens - before.cachedTokens,
    outputTokens: after.outputTokens - before.outputTokens,
    prefillSeconds: after.prefillSeconds - before.prefillSeconds,
    decodeSeconds: after.decodeSeconds - before.decodeSeconds,
  }
}
