import { spawn } from 'node:child_process'

/**
 * Kills `pid` when this process ends, however it ends: a shell waits for the end of a pipe that only this process holds open.
 * Returns a function that calls it off.
 */
export function killWithParent(pid: number): () => void {
  const watcher = spawn('/bin/sh', ['-c', 'trap "" INT HUP; cat >/dev/null; kill -9 "$0" 2>/dev/null', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watcher.on('error', () => {})
  watcher.stdin.on('error', () => {})
  watcher.unref()
  const pipe = watcher.stdin as unknown as { unref?: () => void }
  pipe.unref?.()
  return () => {
    // The whole group: the shell's `cat` would otherwise see the end of the pipe and live on for an instant.
    if (watcher.pid === undefined || watcher.exitCode !== null) return
    try {
      process.kill(-watcher.pid, 'SIGKILL')
    } catch {
      // Already gone.
    }
  }
}
