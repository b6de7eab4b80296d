import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, startRedis } from '@aiwatch/test-servers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runScript, type ScriptRun } from './run-script.ts'

const TIMEOUT_MS = 240_000
const MODEL_SCRIPT = 'scripts/local-model.mjs'
const printScript = fileURLToPath(new URL('../local-model/print-test-model.mjs', import.meta.url))

/** Brings the real model into the cache; its command line then names the library and the file. */
const found = JSON.parse(execFileSync(process.execPath, [printScript, '1'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })) as
  | { name: string; command: string; args: string[] }
  | { missing: string }
const missing = 'missing' in found ? found.missing : undefined
const [serveScript = '', library = '', modelFile = ''] = 'missing' in found ? [] : found.args

let folder = ''
let port = ''
const started: ScriptRun[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aiwatch-model-'))
  port = String(await freePort())
})

afterEach(async () => {
  for (const run of started.splice(0)) {
    run.child.kill('SIGTERM')
    await run.ended
  }
  rmSync(folder, { recursive: true, force: true })
})

function run(script: string, args: string[], env: Record<string, string> = {}): ScriptRun {
  const own = { AIWATCH_STATE_DIR: join(folder, 'state'), AIWATCH_MODEL_PORT: port, AIWATCH_MODEL_FILE: '', ...env }
  const scriptRun = runScript(script, args, own)
  started.push(scriptRun)
  return scriptRun
}

/** A folder of programs that stand before all others on the PATH. */
function writePrograms(programs: Record<string, string>): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text)
    chmodSync(join(bin, name), 0o755)
  }
  return `${bin}${delimiter}${process.env.PATH}`
}

const oldPythons = () =>
  writePrograms(
    Object.fromEntries(
      ['python3', ...['14', '13', '12', '11', '10'].map((minor) => `python3.${minor}`), 'python'].map((name) => [
        name,
        '#!/bin/sh\necho 3 8\n',
      ]),
    ),
  )

/** Takes the options of llama.cpp's own server program that AIWATCH uses, and no others. */
const llamaServer = `#!/usr/bin/env python3
import argparse, os, sys
parser = argparse.ArgumentParser(allow_abbrev=False)
for name in ("model", "alias", "host", "port", "ctx-size", "parallel", "threads"):
    parser.add_argument("--" + name, required=True)
parser.add_argument("--metrics", action="store_true")
options = parser.parse_args()
assert options.host == "127.0.0.1" and options.metrics
tokens = str(int(options.ctx_size) // int(options.parallel))
os.execv(sys.executable, [sys.executable, ${JSON.stringify(serveScript)}, ${JSON.stringify(library)}, options.model, options.port,
    options.alias, tokens, options.parallel, options.threads])
`

async function isListening(listeningPort: string): Promise<boolean> {
  return fetch(`http://127.0.0.1:${listeningPort}/health`).then(
    () => true,
    () => false,
  )
}

async function eventually<Value>(ask: () => Promise<Value>, isEnough: (value: Value) => boolean): Promise<Value> {
  let value = await ask()
  for (const start = Date.now(); !isEnough(value) && Date.now() - start < 120_000; value = await ask()) await sleep(250)
  return value
}

async function askModel(): Promise<{ model: string; usage: { completion_tokens: number } }> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], max_tokens: 3, temperature: 0 }),
  })
  return (await response.json()) as Awaited<ReturnType<typeof askModel>>
}

describe('what cannot be a model', () => {
  test.each([
    ['a file that is not there', [], 'no-such.gguf', /model file .*no-such\.gguf cannot be used: there is no such file/],
    ['a folder', [], '.', /cannot be used: it is not a file/],
    ['a file of another format', ['letter.gguf'], 'letter.gguf', /letter\.gguf cannot be used: it is not in the GGUF format/],
  ])('%s is named in one sentence, and nothing is fetched', async (_case, files, name, message) => {
    for (const file of files) writeFileSync(join(folder, file), 'Dear Ada,')
    for (const way of [['--model', name], []]) {
      const scriptRun = run(MODEL_SCRIPT, way, { INIT_CWD: folder, AIWATCH_MODEL_FILE: way.length > 0 ? '' : name })
      expect(await scriptRun.ended).toBe(1)
      expect(scriptRun.output()).toMatch(message)
      expect(scriptRun.output()).not.toContain('fetching')
    }
  })

  test('a taken port is named with the variable that moves it', async () => {
    const occupant = createServer().listen(Number(port), '127.0.0.1')
    try {
      const scriptRun = run(MODEL_SCRIPT, [])
      expect(await scriptRun.ended).toBe(1)
      expect(scriptRun.output()).toContain(`port ${port} for the local model is taken; set AIWATCH_MODEL_PORT`)
    } finally {
      occupant.close()
    }
  })

  test('a Python that is too old is one sentence that says what would do', async () => {
    const scriptRun = run(MODEL_SCRIPT, [], { PATH: oldPythons() })
    expect(await scriptRun.ended).toBe(1)
    expect(scriptRun.output()).toMatch(
      /needs Python 3\.10 or later, and Python 3\.8 is too old; install it, or put .*llama-server on the PATH/,
    )
  })

  test('a machine without Python is one sentence', async () => {
    const scriptRun = run(MODEL_SCRIPT, [], { PATH: folder })
    expect(await scriptRun.ended).toBe(1)
    expect(scriptRun.output()).toMatch(/needs Python 3\.10 or later, and there is no Python here/)
  })
})

describe.skipIf(missing)(`a real model on this machine${missing ? ` (not here: ${missing})` : ''}`, () => {
  test(
    'alone: its addresses and name are printed, it answers, and Ctrl-C ends it',
    async () => {
      const scriptRun = run(MODEL_SCRIPT, [])
      await scriptRun.until(/Ctrl-C stops it/)
      expect(scriptRun.output()).toContain(`OPENAI_BASE_URL=http://127.0.0.1:${port}/v1`)
      expect(scriptRun.output()).toContain(`ANTHROPIC_BASE_URL=http://127.0.0.1:${port} `)
      expect(await askModel()).toMatchObject({ model: 'smollm2-135m-instruct', usage: { completion_tokens: 3 } })
      scriptRun.child.kill('SIGINT')
      expect(await scriptRun.ended).toBe(0)
      expect(await isListening(port)).toBe(false)
    },
    TIMEOUT_MS,
  )

  test(
    'a file of the user on a llama-server of the PATH: the model has the name of the file, and ends with a killed parent',
    async () => {
      const scriptRun = run(MODEL_SCRIPT, ['--model', modelFile], { PATH: writePrograms({ 'llama-server': llamaServer }) })
      await scriptRun.until(/Ctrl-C stops it/)
      expect(scriptRun.output()).toContain(join(folder, 'bin', 'llama-server'))
      expect(scriptRun.output()).not.toContain('fetching')
      expect(await askModel()).toMatchObject({ model: 'SmolLM2-135M-Instruct.Q4_1' })
      scriptRun.child.kill('SIGKILL')
      await scriptRun.ended
      expect(
        await eventually(
          () => isListening(port),
          (listening) => !listening,
        ),
      ).toBe(false)
    },
    TIMEOUT_MS,
  )
})

describe('npm start -- --no-demo --local-model', () => {
  const startEnv = async (redisUrl: string) => ({
    REDIS_URL: redisUrl,
    ANALYTICS_PORT: String(await freePort()),
    TIMESERIES_PORT: String(await freePort()),
    LOCAL_CHAT_THINK_MS: '300',
  })

  test.skipIf(missing)(
    `shows the calls, tokens and times of the model in /analytics${missing ? ` (not here: ${missing})` : ''}`,
    async () => {
      const redis = await startRedis()
      try {
        const env = await startEnv(redis.url)
        const scriptRun = run('scripts/start.mjs', ['--no-demo', '--local-model'], env)
        await scriptRun.until(/Ctrl-C stops all of this/)
        expect(scriptRun.output()).toMatch(new RegExp(`local model +http://127\\.0\\.0\\.1:${port}/v1`))
        expect(readFileSync(join(folder, 'state', 'env'), 'utf8')).toMatch(
          new RegExp(
            `^AIWATCH_MODEL_URL=(.+:${port})\nOPENAI_BASE_URL=\\1/v1\nCHAT_MODEL=(.+)\nANTHROPIC_BASE_URL=\\1\nANTHROPIC_MODEL=\\2$`,
            'm',
          ),
        )
        const readRow = async () => {
          const response = await fetch(`http://127.0.0.1:${env.ANALYTICS_PORT}/analytics`)
          const analytics = (await response.json()) as { models: Record<string, number | string>[]; app_usage: object }
          return { ...analytics, row: analytics.models.find(({ model }) => model === 'smollm2-135m-instruct') }
        }
        const fields = [
          'first_token_p50',
          'calls_24h',
          'input_tokens_24h',
          'output_tokens_24h',
          'prefill_seconds_24h',
          'decode_seconds_24h',
        ]
        // Some calls tell the time to the first token, others those of prefill and decode: which come first is chance.
        const { row, app_usage } = await eventually(readRow, (answer) => fields.every((field) => Number(answer.row?.[field]) > 0))
        for (const field of fields) expect(row?.[field], field).toBeGreaterThan(0)
        expect(app_usage).toHaveProperty('local-chat')
        scriptRun.child.kill('SIGINT')
        expect(await scriptRun.ended).toBe(0)
        for (const taken of [port, env.ANALYTICS_PORT]) expect(await isListening(taken)).toBe(false)
      } finally {
        await redis.stop()
      }
    },
    TIMEOUT_MS,
  )

  test(
    'goes on without a model that cannot be had, and says why',
    async () => {
      const redis = await startRedis()
      try {
        const env = await startEnv(redis.url)
        const scriptRun = run('scripts/start.mjs', ['--no-demo', '--local-model'], { ...env, PATH: oldPythons() })
        await scriptRun.until(/Ctrl-C stops all of this/)
        expect(scriptRun.output()).toMatch(/going on without a local model: .*Python 3\.8 is too old/)
        expect(scriptRun.output()).not.toMatch(/local model +http/)
        expect(await isListening(env.ANALYTICS_PORT)).toBe(true)
      } finally {
        await redis.stop()
      }
    },
    TIMEOUT_MS,
  )
})
