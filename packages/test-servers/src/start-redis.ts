import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { findRedisBinary } from './find-redis-binary.ts'
import { freePort } from './free-port.ts'
import { killWithParent } from './kill-with-parent.ts'
import { redisAnswers } from './redis-answers.ts'
import { findRedisProgram, type RedisKind, type RedisProgram } from './redis-kinds.ts'

export interface RedisServerOptions {
  /** Default: `AIWATCH_TEST_REDIS_SERVER`, else `redis-server` or `valkey-server` of the PATH. */
  kind?: RedisKind
  /** Default false. */
  appendonly?: boolean
  /** Default `everysec`. */
  appendfsync?: 'always' | 'everysec' | 'no'
  /** As in redis.conf, such as `20mb`. Default: no bound. */
  maxmemory?: string
  requirepass?: string
  /** More settings, as in redis.conf: `{ 'replica-read-only': 'yes' }`. */
  config?: Record<string, string | number>
  /** A data folder to use; it is not removed by `stop()`. Default: a new one under the system's temporary folder. */
  dir?: string
  /** Default: a free one. */
  port?: number
}

export interface RedisServer {
  readonly port: number
  /** `redis://127.0.0.1:<port>`, with the password where there is one. */
  readonly url: string
  readonly dir: string
  /** Process id of the running server; 0 when it does not run. */
  readonly pid: number
  /** Shuts down in order (saves what its settings say) and removes a folder of its own. */
  stop(): Promise<void>
  /** SIGKILL; resolves when the process is gone. Data stays. */
  kill(): Promise<void>
  /** Starts again on the same port and folder; ends a running server by SIGTERM first. */
  restart(): Promise<void>
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** CPU seconds (user and system) that the server's main thread has used since it started. */
  cpuSeconds(): Promise<number>
}

const START_TIMEOUT_MS = 20_000
const LOG_TAIL_CHARACTERS = 2000

function serverArguments(port: number, dir: string, options: RedisServerOptions): string[] {
  const settings: Record<string, string | number> = {
    port,
    bind: '127.0.0.1',
    dir,
    daemonize: 'no',
    save: '',
    appendonly: options.appendonly ? 'yes' : 'no',
    appendfsync: options.appendfsync ?? 'everysec',
    ...(options.maxmemory ? { maxmemory: options.maxmemory, 'maxmemory-policy': 'noeviction' } : {}),
    ...(options.requirepass ? { requirepass: options.requirepass } : {}),
    ...options.config,
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
}

/** Resolves when `child` has exited, at once if it has. */
function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

function programEnvironment({ libraryPath }: { libraryPath?: string }): NodeJS.ProcessEnv {
  if (!libraryPath) return process.env
  const inherited = process.env['LD_LIBRARY_PATH']
  return { ...process.env, LD_LIBRARY_PATH: inherited ? `${libraryPath}${delimiter}${inherited}` : libraryPath }
}

interface RunningServer {
  child: ChildProcess
  callOffWatcher(): void
}

async function launch(port: number, dir: string, options: RedisServerOptions): Promise<RunningServer> {
  const program: Pick<RedisProgram, 'server' | 'arguments' | 'libraryPath'> = options.kind
    ? findRedisProgram(options.kind)
    : { server: findRedisBinary(), arguments: [] }
  const child = spawn(program.server, [...serverArguments(port, dir, options), ...program.arguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: programEnvironment(program),
  })
  let log = ''
  const keepTail = (data: Buffer) => {
    log = (log + data.toString()).slice(-LOG_TAIL_CHARACTERS)
  }
  child.stdout?.on('data', keepTail)
  child.stderr?.on('data', keepTail)
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })
  const callOffWatcher = child.pid === undefined ? () => {} : killWithParent(child.pid)
  child.once('exit', callOffWatcher)
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!(await redisAnswers(port))) {
    if (failure || child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`redis-server on port ${port} did not start: ${failure?.message ?? log}`)
    }
    await sleep(10)
  }
  return { child, callOffWatcher }
}

async function readCpuSeconds(url: string): Promise<number> {
  const client = new Redis(url, { lazyConnect: true })
  try {
    await client.connect()
    const info = await client.info('cpu')
    const field = (name: string) => Number(info.match(new RegExp(`^${name}:([\\d.]+)`, 'm'))?.[1] ?? Number.NaN)
    return field('used_cpu_user_main_thread') + field('used_cpu_sys_main_thread')
  } finally {
    client.disconnect()
  }
}

/** Starts a Redis server of its own on the loopback interface. It ends with this process at the latest. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort())
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'aiwatch-redis-'))
  const url = `redis://${options.requirepass ? `:${encodeURIComponent(options.requirepass)}@` : ''}127.0.0.1:${port}`
  const removeOwnFolder = () => {
    if (!options.dir) rmSync(dir, { recursive: true, force: true })
  }
  let running: RunningServer | undefined
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    if (!running) return
    const { child } = running
    child.kill('SIGCONT')
    child.kill(signal)
    await exited(child)
    running = undefined
  }
  try {
    running = await launch(port, dir, options)
  } catch (error) {
    removeOwnFolder()
    throw error
  }
  return {
    port,
    url,
    dir,
    get pid() {
      return running?.child.pid ?? 0
    },
    async stop() {
      await end('SIGTERM')
      removeOwnFolder()
    },
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      running = await launch(port, dir, options)
    },
    pause: () => void running?.child.kill('SIGSTOP'),
    resume: () => void running?.child.kill('SIGCONT'),
    cpuSeconds: () => readCpuSeconds(url),
  }
}
