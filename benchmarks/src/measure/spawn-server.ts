/** Servers in processes of their own, so that they share no processor time with what asks them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

export interface SpawnedServer {
  url: string
  /**
   * Processor time of all its threads since it started, in microseconds, from the scheduler's own count (`/proc/PID/task/TID/schedstat`, first
   * field, nanoseconds). Throws where there is no such file: on anything but Linux.
   */
  cpuMicroseconds(): Promise<number>
  stop(): Promise<void>
}

const START_MS = 20_000

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function waitFor(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_MS
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server for ${url} ended with ${child.exitCode}`)
    const isThere = await fetch(url).then(
      (response) => response.arrayBuffer().then(() => response.ok),
      () => false,
    )
    if (isThere) return
    if (Date.now() > deadline) throw new Error(`nothing answers at ${url}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function readCpuMicroseconds(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`)
  const counts = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')))
  return counts.reduce((sum, count) => sum + Number(count.split(' ')[0]), 0) / 1000
}

async function start(
  file: URL,
  { probe, ...environment }: Record<string, string> & { probe: string },
  port: number,
): Promise<SpawnedServer> {
  const child = spawn(process.execPath, [fileURLToPath(file)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await waitFor(`${url}${probe}`, child)
  return {
    url,
    cpuMicroseconds: () => readCpuMicroseconds(child.pid as number),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

/** `cacheMs`: how long answers of /v1 are shared. */
export async function spawnCollector(redisUrl: string, cacheMs = 1000): Promise<SpawnedServer> {
  const port = await freePort()
  const environment = {
    AIWATCH_REDIS_URL: redisUrl,
    ANALYTICS_PORT: String(port),
    TIMESERIES_PORT: '0',
    AIWATCH_ANSWER_CACHE_MS: String(cacheMs),
    AIWATCH_LOG: 'error',
    probe: '/health',
  }
  return start(new URL('../../../packages/collector/src/main.ts', import.meta.url), environment, port)
}

/** An express application whose routes return a constant of so many bytes. */
export async function spawnConstant(bytes: number): Promise<SpawnedServer> {
  const port = await freePort()
  return start(new URL('./constant-server.ts', import.meta.url), { PORT: String(port), BYTES: String(bytes), probe: '/' }, port)
}
