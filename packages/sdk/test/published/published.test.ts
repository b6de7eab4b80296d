import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCalls } from '../flush/read-totals.ts'
import { findOtherNode, type Installed, packSdk } from './pack-sdk.ts'

const BODY = `
const watch = new AIWatch({ redis: process.argv[2], app: 'published' })
const answer = { model: 'gpt-4o', choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }
const fetch = watch.wrapFetch(async () => new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } }))
async function main() {
  const reply = await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body: JSON.stringify({ model: 'gpt-4o', messages: [] }) })
  await reply.json()
  watch.record({ provider: 'openai', model: 'gpt-4o', usage: { inputTokens: 10, outputTokens: 5 }, user: 'ada' })
  await watch.flush()
  const { recorded, flushed } = watch.stats()
  const left = await watch.close()
  console.log(JSON.stringify({ recorded, flushed, left: left.heldCalls, dialects: typeof recogniseUrl }))
}
main()
`
const PROGRAMS = {
  'program.mjs': `import { AIWatch } from '@aiwatch/sdk'\nimport { recogniseUrl } from '@aiwatch/sdk/dialects'\n${BODY}`,
  'program.cjs': `const { AIWatch } = require('@aiwatch/sdk')\nconst { recogniseUrl } = require('@aiwatch/sdk/dialects')\n${BODY}`,
}

const CONSUMER = `
import { AIWatch, AIWatchFlushError, type AIWatchOptions, type AIWatchStats, type Usage } from '@aiwatch/sdk'
import { recogniseUrl } from '@aiwatch/sdk/dialects'

const options: AIWatchOptions = { tenant: 'acme', prices: { m: { inputPerMillionUsd: 1, outputPerMillionUsd: 2 } }, onError: (error) => console.log(error.code) }
const watch = new AIWatch(options)
class Client {
  private readonly secret = 1
  ask(): number {
    return this.secret
  }
}
const client: Client = watch.wrap(new Client())
const count: number = watch.with({ user: 'ada', tags: { a: 'b' } }, () => client.ask())
const text: Promise<string> = watch.call({ provider: 'p', model: 'm' }, async (call) => {
  call.usage({ inputTokens: count })
  return 'text'
})
const fetch: typeof globalThis.fetch = watch.wrapFetch(globalThis.fetch)
const stats: AIWatchStats = watch.stats()
const source: Usage['source'] = 'reported'
watch.flush({ timeoutMs: 10 }).catch((error) => error instanceof AIWatchFlushError && error.heldCalls)
// @ts-expect-error a wrong option is an error of types as well
new AIWatch({ flushInterval: 1 })
export { fetch, recogniseUrl, source, stats, text }
`

/** Measured 279 kB of code in one format, plus 15 %. Dependencies are not in it. */
const MAX_CODE_BYTES = 320_000

let installed: Installed
let server: RedisServer
beforeAll(async () => {
  installed = packSdk()
  server = await startRedis()
  for (const [name, text] of Object.entries(PROGRAMS)) writeFileSync(join(installed.folder, name), text)
}, 120_000)
afterAll(async () => {
  installed?.remove()
  await server?.stop()
})

const other = findOtherNode()
if (!other)
  console.warn('SKIPPED: the published package is not tested on another Node: no node ≥ 20 on the PATH but the one that runs the tests')

describe('the published package', () => {
  it('holds code, types, README and licence, and no sources', () => {
    const names = [...installed.files.keys()].sort()
    expect(names).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'package.json',
        'dist/index.js',
        'dist/index.cjs',
        'dist/index.d.ts',
        'dist/index.d.cts',
      ]),
    )
    expect(names.filter((name) => !name.startsWith('dist/') && !['LICENSE', 'README.md', 'package.json'].includes(name))).toEqual([])
  })

  it('stays below its size', () => {
    const code = (ending: string) => [...installed.files].reduce((sum, [name, bytes]) => sum + (name.endsWith(ending) ? bytes : 0), 0)
    expect(code('.js')).toBeGreaterThan(100_000)
    expect(code('.js')).toBeLessThan(MAX_CODE_BYTES)
    expect(code('.cjs')).toBeLessThan(MAX_CODE_BYTES)
  })

  const runners = [['the Node of the tests', process.execPath], ...(other ? [[`Node ${other.version}`, other.path]] : [])] as [
    string,
    string,
  ][]
  it.each(runners.flatMap(([label, path]) => Object.keys(PROGRAMS).map((program) => [program, label, path] as const)))(
    'counts calls from %s on %s',
    async (program, _, node) => {
      const before = await readCalls(server.url)
      const output = execFileSync(node, [program, server.url], { cwd: installed.folder, encoding: 'utf8' })
      expect(JSON.parse(output)).toEqual({ recorded: 2, flushed: 2, left: 0, dialects: 'function' })
      expect((await readCalls(server.url)).totals - before.totals).toBe(2)
    },
  )

  if (!other) it.skip('counts calls on another Node: no node ≥ 20 on the PATH but the one that runs the tests')

  it('opens no socket and loads no price table when it is imported', () => {
    const program = `
      const { AIWatch } = await import('@aiwatch/sdk')
      const watch = new AIWatch()
      console.log(process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length, watch.stats().recorded)`
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: installed.folder, encoding: 'utf8' }).trim()).toBe(
      '0 0',
    )
  })

  it('has types that strict consumers of either format compile with', () => {
    const files = ['consumer.mts', 'consumer.cts']
    for (const file of files) writeFileSync(join(installed.folder, file), CONSUMER)
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      moduleResolution: 'nodenext',
      target: 'es2022',
      noEmit: true,
      types: ['node'],
      skipLibCheck: false,
    }
    writeFileSync(join(installed.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
    let output = ''
    try {
      execFileSync(process.execPath, [tsc, '-p', installed.folder], { encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      output = (error as { stdout: string }).stdout
    }
    expect(output).toBe('')
  })
})
