/** The processes that this start runs: each with a log file, stopped in reverse order, none left behind. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'

const STOP_TIMEOUT_MS = 10_000

/** `onStart(pid, marker)` is told of each process; the marker is a part of its command line. */
export function createChildren({ logDir, env, onStart }) {
  mkdirSync(logDir, { recursive: true })
  /** @type {{ name: string, child: import('node:child_process').ChildProcess }[]} */
  const running = []
  let stopping = false
  let onExit = () => {}

  /** Starts a process in a group of its own, so that Ctrl-C reaches only us and we decide the order in which things stop. */
  function start(name, command, args, { env: extraEnv = {}, marker = args[0] } = {}) {
    const logFile = join(logDir, `${name}.log`)
    const log = openSync(logFile, 'w')
    const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, env: { ...env, ...extraEnv } })
    closeSync(log)
    child.logFile = logFile
    child.on('error', (error) => {
      child.startError = error
    })
    child.on('exit', (code, signal) => {
      if (!stopping) onExit({ name, code, signal, logFile })
    })
    running.push({ name, child })
    if (child.pid) onStart(child.pid, marker)
    return child
  }

  function hasEnded(child) {
    return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  }

  async function stopOne({ name, child }) {
    if (hasEnded(child)) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
    return name
  }

  return {
    start,
    /** Called with `{ name, code, signal, logFile }` when a process ends that we did not stop. */
    set onUnexpectedExit(listener) {
      onExit = listener
    },
    /** Stops all, the last started first: traffic before the collector, Redis at the end. */
    async stopAll() {
      stopping = true
      for (const entry of running.reverse()) await stopOne(entry)
    },
    /** For the moment when this process is ending and cannot wait. */
    killAll() {
      stopping = true
      for (const { child } of running) if (!hasEnded(child)) child.kill('SIGTERM')
    },
  }
}
