import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { killWithParent } from '../kill-with-parent.ts'

export interface RunningProgram {
  readonly port: number
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** SIGTERM; resolves when the process is gone. */
  stop(): Promise<void>
}

export interface ProgramOptions {
  path: string
  args: string[]
  port: number
  /** Path that answers 200 once the program is ready. */
  readyPath: string
  /** Added to the environment of this process. */
  env?: Readonly<Record<string, string>>
  /** How long it may take to be ready. Default 30,000. */
  startTimeoutMs?: number
}

const START_TIMEOUT_MS = 30_000
const LOG_TAIL_CHARACTERS = 2000

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** Starts a program that serves HTTP on loopback, and waits until it is ready. It ends with this process at the latest. */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { path, args, port, readyPath, env = {}, startTimeoutMs = START_TIMEOUT_MS } = options
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let log = ''
  const keepTail = (data: Buffer) => {
    log = (log + data.toString()).slice(-LOG_TAIL_CHARACTERS)
  }
  child.stdout.on('data', keepTail)
  child.stderr.on('data', keepTail)
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      log += error.message
      resolve()
    })
  })
  let isGone = false
  void gone.then(() => {
    isGone = true
  })
  const callOffWatcher = child.pid === undefined ? () => {} : killWithParent(child.pid)
  void gone.then(callOffWatcher)
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + startTimeoutMs
  while (!(await answers(url + readyPath))) {
    if (isGone || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${path} on port ${port} did not start: ${log}`)
    }
    await sleep(50)
  }
  return {
    port,
    url,
    stop: async () => {
      child.kill('SIGTERM')
      await gone
    },
  }
}
