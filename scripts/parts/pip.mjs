/** Finds pip, downloads one wheel with it at a pinned hash, and says in one sentence why that did not work. */
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { onProcessEnd } from './on-process-end.mjs'

const SOCKET_TIMEOUT_S = 15
const RETRIES = 1
/** 93 MB at 1 Mbit/s take 13 minutes. */
const DOWNLOAD_TIMEOUT_MS = 20 * 60_000
const PROGRESS_INTERVAL_MS = 250

/** Path of a program on PATH, or undefined. */
export function findOnPath(name, environment = process.env) {
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/** Words that run pip, or undefined. */
export function findPip() {
  for (const candidate of [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']]) {
    if (!findOnPath(candidate[0])) continue
    const [command, ...args] = candidate
    if (spawnSync(command, [...args, '--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0) return candidate
  }
  return undefined
}

/** Ends a child that leads a process group, with all that it started: `python3` is often a script that starts the real one. */
function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Gone already, or it never started.
  }
}

/**
 * Runs a program to its end; `{ code, isLate, output }`. It ends with this process at the latest, and after `timeoutMs`. `onTick` is
 * called every 250 ms meanwhile.
 */
function runProgram(command, args, { env = process.env, timeoutMs, onTick } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const callOff = onProcessEnd(() => killGroup(child))
    let output = ''
    let isLate = false
    const ticker = onTick && setInterval(onTick, PROGRESS_INTERVAL_MS)
    const timer =
      timeoutMs &&
      setTimeout(() => {
        isLate = true
        killGroup(child)
      }, timeoutMs)
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const finish = (code) => {
      callOff()
      clearInterval(ticker)
      clearTimeout(timer)
      resolve({ code, isLate, output })
    }
    child.on('error', (error) => {
      output += error.message
      finish(1)
    })
    child.on('close', finish)
  })
}

function folderBytes(folder) {
  let bytes = 0
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) bytes += statSync(join(entry.parentPath ?? entry.path, entry.name)).size
    }
  } catch {
    // pip moves its files about meanwhile.
  }
  return bytes
}

/** Why pip failed, from what it printed. Its last line alone ("No matching distribution") hides a network that is down. */
function explainPipFailure({ isLate, output }, name) {
  if (isLate) return `pip did not finish within ${DOWNLOAD_TIMEOUT_MS / 60_000} minutes`
  if (/DO NOT MATCH THE HASHES|Expected sha256/i.test(output))
    return `what the package registry sent as ${name} does not have the pinned hash, and was thrown away`
  if (/No space left on device/i.test(output)) return 'the disk is full'
  if (
    /Retrying|Connection(Error| refused| reset| to)|Failed to establish|name resolution|timed out|ProxyError|SSLError|CERTIFICATE|Could not fetch URL/i.test(
      output,
    )
  )
    return 'the package registry does not answer'
  if (/No matching distribution|from versions:/i.test(output)) return `the package registry has no ${name} for this machine`
  const lines = output.trim().split('\n')
  return `pip says: ${(lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? 'nothing').replace(/^ERROR: /, '')}`
}

/**
 * Path of the wheel, downloaded into `work`. `onBytes(bytes)` is told how much has arrived. Throws an error of one sentence.
 */
export async function downloadWheel({ pip, name, version, sha256, pipArguments = [], work, onBytes }) {
  const [command, ...args] = pip
  // A requirements file is the only way to give pip a hash.
  const requirements = join(work, 'requirements.txt')
  writeFileSync(requirements, `${name}==${version} --hash=sha256:${sha256}\n`)
  const fixed = [
    '--no-deps',
    '--require-hashes',
    '--only-binary=:all:',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--no-input',
    '--progress-bar=off',
  ]
  const bounds = [`--timeout=${SOCKET_TIMEOUT_S}`, `--retries=${RETRIES}`]
  const result = await runProgram(command, [...args, 'download', ...fixed, ...bounds, ...pipArguments, '-d', work, '-r', requirements], {
    // What pip has of a download is in its temporary folder. Nothing is installed, so no virtual environment is needed.
    env: { ...process.env, TMPDIR: work, PIP_REQUIRE_VIRTUALENV: '0' },
    timeoutMs: DOWNLOAD_TIMEOUT_MS,
    onTick: onBytes && (() => onBytes(folderBytes(work))),
  })
  const wheel = existsSync(work) && readdirSync(work).find((file) => file.endsWith('.whl'))
  if (result.code !== 0 || !wheel) throw new Error(explainPipFailure(result, name))
  return join(work, wheel)
}

/** Unpacks a wheel, which is a zip. */
export async function unpackWheel(wheel, folder) {
  const ways = [
    ['python3', '-m', 'zipfile', '-e', wheel, folder],
    ['python', '-m', 'zipfile', '-e', wheel, folder],
    ['unzip', '-q', wheel, '-d', folder],
  ]
  let reason = 'neither python nor unzip is on the PATH'
  for (const [command, ...args] of ways) {
    if (!findOnPath(command)) continue
    const { code, output } = await runProgram(command, args)
    if (code === 0) return
    reason = output.trim().split('\n').at(-1)
  }
  throw new Error(`the wheel could not be unpacked: ${reason}`)
}
