/** The `aiwatch` command as a process. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

export interface Run {
  code: number | null
  out: string
  error: string
}

export interface RunOptions {
  /** Added to this process's environment, in which variables that find servers are empty. */
  env?: NodeJS.ProcessEnv
  cwd?: string
}

const NONE = { AIWATCH_URL: '', AIWATCH_REDIS_URL: '', REDIS_URL: '', AIWATCH_TENANT: '' }

/** Resolves when it has ended. */
export function runCli(args: readonly string[], { env, cwd }: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...NONE, ...env }, ...(cwd === undefined ? {} : { cwd }) })
  const run: Run = { code: null, out: '', error: '' }
  child.stdout.on('data', (data: Buffer) => {
    run.out += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    run.error += data.toString()
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...run, code })))
}
