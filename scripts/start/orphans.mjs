/** Processes that a start left behind because it was killed before it could stop them. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const END_TIMEOUT_MS = 10_000

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Command line of a process, '' when it is gone: a process id alone may by now belong to another program. */
function commandLine(pid) {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    } catch {
      return ''
    }
  }
}

const runningDir = (stateDir) => join(stateDir, 'running')

/** Writes down what this start runs; the function that is returned forgets it. */
export function rememberRunning(stateDir) {
  mkdirSync(runningDir(stateDir), { recursive: true })
  const file = join(runningDir(stateDir), `${process.pid}.json`)
  const processes = []
  return {
    add(pid, marker) {
      processes.push({ pid, marker })
      writeFileSync(file, JSON.stringify({ owner: process.pid, processes }))
    },
    forget: () => rmSync(file, { force: true }),
  }
}

/** Ends what starts that are gone left running. Starts that are alive are left alone. */
export async function endOrphans(stateDir, say) {
  if (!existsSync(runningDir(stateDir))) return
  for (const name of readdirSync(runningDir(stateDir))) {
    const file = join(runningDir(stateDir), name)
    let record
    try {
      record = { processes: [], ...JSON.parse(readFileSync(file, 'utf8')) }
    } catch {
      record = { owner: 0, processes: [] }
    }
    if (record.owner && isAlive(record.owner) && commandLine(record.owner).includes('start.mjs')) continue
    // Redis last: what writes to it goes first.
    for (const { pid, marker } of record.processes.reverse()) {
      if (!isAlive(pid) || !commandLine(pid).includes(marker)) continue
      say(`ending a process that an earlier start left behind (${pid}); data stays`)
      process.kill(pid, 'SIGTERM')
      const deadline = Date.now() + END_TIMEOUT_MS
      while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
      if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    }
    rmSync(file, { force: true })
  }
}
