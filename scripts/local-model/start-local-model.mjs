/** Starts the model server as one of the children of a start, and waits until it answers. */
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { lastLine } from '../start/private-redis.mjs'

/** Reading a file of several gigabytes from a slow disk takes minutes; a server that has ended is not waited for. */
const LOAD_TIMEOUT_MS = 600_000
const CHECK_INTERVAL_MS = 100
/** What else runs here goes first. */
const NICENESS = 10

/** Ends `pid` when this process is gone, killed as well: a shell waits for the end of a pipe that only this process holds open. */
function endWithParent(pid) {
  const watcher = spawn('/bin/sh', ['-c', 'trap "" INT HUP TERM; cat >/dev/null; kill "$0" 2>/dev/null', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.on('error', () => {})
  watcher.stdin.on('error', () => {})
  watcher.unref()
  watcher.stdin.unref?.()
}

async function answersHealthy(url) {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2000) })).ok
  } catch {
    return false
  }
}

async function waitUntilHealthy(url, child) {
  const start = Date.now()
  while (Date.now() - start < LOAD_TIMEOUT_MS) {
    if (child.startError) throw new Error(`the model server does not run: ${child.startError.message}`)
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the model server ended: ${lastLine(child.logFile)} (its log: ${child.logFile})`)
    }
    if (await answersHealthy(url)) return
    await new Promise((resolve) => setTimeout(resolve, CHECK_INTERVAL_MS))
  }
  throw new Error(`the model was not loaded within ${LOAD_TIMEOUT_MS / 60_000} minutes (its log: ${child.logFile})`)
}

/** `server` is of `findModelServer`, `children` of `createChildren`. Resolves with `{ url, name, description }` when the model answers. */
export async function startLocalModel({ server, port, children, say }) {
  const { command, args, marker } = server.describeCommand(port)
  say(`starting a model of this machine: ${server.description}`)
  const child = children.start('model', command, args, { marker })
  if (child.pid) {
    endWithParent(child.pid)
    try {
      setPriority(child.pid, NICENESS)
    } catch {
      // It has ended already; that is said below.
    }
  }
  const url = `http://127.0.0.1:${port}`
  await waitUntilHealthy(url, child)
  return { url, name: server.name, description: server.description }
}
