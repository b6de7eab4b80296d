/** What a Redis server program is, found out by running it. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fetchPart } from '../parts/fetch-part.mjs'
import { onProcessEnd } from '../parts/on-process-end.mjs'
import { findOnPath } from '../parts/pip.mjs'

/** Oldest server that has what the scripts use: `#!lua` shebangs, EXPIREAT NX. */
export const LEAST_REDIS_MAJOR = 7

const PROBE_TIMEOUT_MS = 10_000

/** Environment in which a program finds libraries that the system does not have. */
export function withLibraries(libraryPath, environment = process.env) {
  if (!libraryPath) return environment
  return { ...environment, LD_LIBRARY_PATH: [libraryPath, environment.LD_LIBRARY_PATH].filter(Boolean).join(delimiter) }
}

function askVersion(path, libraryPath) {
  return spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000, env: withLibraries(libraryPath) })
}

/**
 * Folder of OpenSSL 1.1 when a program or module needs it and the system has none, else undefined. Known by trying, because where
 * a system keeps its libraries differs.
 */
async function provideLibraries(path, { cacheDir, say }) {
  const { stderr } = askVersion(path)
  if (!/lib(ssl|crypto)\.so\.1\.1/.test(stderr ?? '')) return undefined
  return (await fetchPart('openssl-1.1', { cacheDir, say })).files.libraries
}

function findCheckProgram(path) {
  const beside = ['redis-check-aof', 'valkey-check-aof'].map((name) => join(dirname(path), name)).find((file) => existsSync(file))
  return beside ?? findOnPath('redis-check-aof')
}

/**
 * `{ path, version, product: 'redis' | 'valkey', checkAof?, libraryPath? }`. Throws an error of one sentence when the program
 * cannot be used.
 */
export async function describeServer(path, { cacheDir, say }) {
  const libraryPath = await provideLibraries(path, { cacheDir, say })
  const { status, stdout, stderr, error } = askVersion(path, libraryPath)
  if (status !== 0) throw new Error(`${path} does not run (${(error?.message ?? stderr).trim().split('\n')[0]})`)
  const version = /v=(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  if (!version) throw new Error(`${path} does not say its version`)
  if (Number(version.split('.')[0]) < LEAST_REDIS_MAJOR)
    throw new Error(`${path} is version ${version}; AIWatch needs ${LEAST_REDIS_MAJOR} or later`)
  return { path, version, product: /valkey/i.test(stdout) ? 'valkey' : 'redis', checkAof: findCheckProgram(path), libraryPath }
}

/** First line of the reply to one command over a Unix socket; '' while nobody answers. */
function askSocket(socketPath, command) {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath)
    socket.setTimeout(1000, () => socket.destroy())
    socket.on('error', () => resolve(''))
    socket.on('close', () => resolve(''))
    socket.on('connect', () => socket.write(`${command}\r\n`))
    socket.on('data', (data) => {
      resolve(String(data))
      socket.destroy()
    })
  })
}

/**
 * Whether a server answers TS.* commands, with `module` loaded when one is given: it is started on a socket of its own, without
 * data, and asked. A name or a version does not tell.
 */
export async function hasTimeSeries({ path, module, libraryPath }) {
  const folder = mkdtempSync(join(tmpdir(), 'aiwatch-probe-'))
  const socketPath = join(folder, 'socket')
  const settings = ['--port', '0', '--unixsocket', socketPath, '--dir', folder, '--save', '', '--appendonly', 'no']
  const child = spawn(path, [...settings, ...(module ? ['--loadmodule', module] : [])], {
    stdio: 'ignore',
    env: withLibraries(libraryPath),
  })
  const callOff = onProcessEnd(() => child.kill('SIGKILL'))
  let hasEnded = false
  const ended = new Promise((resolve) => {
    for (const event of ['exit', 'error']) {
      child.once(event, () => {
        hasEnded = true
        resolve()
      })
    }
  })
  try {
    for (const deadline = Date.now() + PROBE_TIMEOUT_MS; !hasEnded && Date.now() < deadline; ) {
      const reply = await askSocket(socketPath, 'COMMAND INFO TS.ADD')
      // The entry of a command that is not known is nil.
      if (reply !== '') return /^\*1\r\n\*[1-9]/.test(reply)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return false
  } finally {
    callOff()
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
}
