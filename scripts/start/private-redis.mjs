/** The Redis that belongs to this checkout: loopback only, its data under `.aiwatch/`. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { withLibraries } from '../redis/server-program.mjs'

const READY_TIMEOUT_MS = 60_000

/** Sends one inline command; resolves with the first reply line. */
function askRedis({ host = '127.0.0.1', port, command, timeoutMs = 2000 }) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port })
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    socket.on('error', reject)
    socket.on('connect', () => socket.write(`${command}\r\n`))
    let text = ''
    socket.on('data', (data) => {
      text += data
      if (!text.includes('\r\n')) return
      socket.destroy()
      resolve(text.split('\r\n')[0])
    })
    socket.on('close', () => reject(new Error('the connection was closed')))
  })
}

/**
 * The file that was written to last, by the manifest: only that one can be torn. The check programs are not given the manifest,
 * because that of Valkey 9 takes Valkey's own snapshots, with which the other file begins, for damage.
 */
function lastAppendedFile(folder) {
  const manifest = existsSync(folder) && readdirSync(folder).find((name) => name.endsWith('.manifest'))
  if (!manifest) return undefined
  const names = [...readFileSync(join(folder, manifest), 'utf8').matchAll(/^file (\S+) seq \d+ type i\b/gm)].map((match) => match[1])
  const file = names.length > 0 ? join(folder, names.at(-1)) : undefined
  return file && existsSync(file) ? file : undefined
}

/**
 * Mends an append-only file whose end was torn. Without this, Redis replays half of the torn transaction at the start after
 * next, which would change totals.
 */
function mendAppendOnlyFile(server, folder, say) {
  const file = lastAppendedFile(join(folder, 'appendonlydir'))
  if (!server.checkAof || !file) return
  const check = spawnSync(server.checkAof, ['--fix', file], {
    input: 'y\n',
    encoding: 'utf8',
    timeout: 120_000,
    env: withLibraries(server.libraryPath),
  })
  if (check.status !== 0)
    say(`${server.checkAof} could not mend ${file}: ${(check.stdout || check.stderr || '').trim().split('\n').at(-1)}`)
  else if (/truncated|Successfully/i.test(check.stdout))
    say('the end of the append-only file was torn by a crash; it was cut at the last whole step')
}

/** Folder of the data of a kind of Redis. Kinds do not read each other's files, so each has its own. */
export function redisFolder(stateDir, kind, port, defaultPort) {
  return join(stateDir, port === defaultPort ? kind : `${kind}-${port}`)
}

/** Starts the server and waits until it answers. `children` is the list of what this start runs. */
export async function startPrivateRedis({ server, folder, port, root, children, say }) {
  mkdirSync(folder, { recursive: true })
  mendAppendOnlyFile(server, folder, say)
  const settings = { port, bind: '127.0.0.1', dir: folder, ...(server.module ? { loadmodule: server.module } : {}) }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  // Redis shows its address in place of its arguments once it runs.
  const marker = `127.0.0.1:${port}`
  const child = children.start('redis', server.path, [join(root, 'provisioning', 'redis', 'redis.conf'), ...args], {
    marker,
    env: server.libraryPath ? { LD_LIBRARY_PATH: withLibraries(server.libraryPath).LD_LIBRARY_PATH } : {},
  })
  const deadline = Date.now() + READY_TIMEOUT_MS
  let toldLoading = false
  for (;;) {
    if (child.startError) throw new Error(`Redis did not start: ${child.startError.message}`)
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`Redis did not start: ${lastLine(child.logFile)} (its log: ${child.logFile})`)
    }
    try {
      const reply = await askRedis({ port, command: 'PING' })
      if (reply === '+PONG') return `redis://127.0.0.1:${port}`
      if (reply.startsWith('-LOADING') && !toldLoading) {
        say('Redis is loading its data')
        toldLoading = true
      }
    } catch {}
    if (Date.now() > deadline)
      throw new Error(`Redis did not answer on port ${port} within ${READY_TIMEOUT_MS / 1000} s (its log: ${child.logFile})`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Last line of a log that says something. */
export function lastLine(file) {
  if (!existsSync(file)) return 'it wrote no log'
  return readFileSync(file, 'utf8').trim().split('\n').at(-1) || 'it wrote no log'
}
