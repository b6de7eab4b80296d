/** A Redis server by the system's package manager, which needs root or sudo (Homebrew does not). */
import { spawnSync } from 'node:child_process'
import { findOnPath } from '../parts/pip.mjs'

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

/** Leaves off the service that a package manager switched on: AIWatch runs a Redis of its own. */
function leaveServiceOff(service, wasRunning, run) {
  if (!service || wasRunning) return
  if (findOnPath('systemctl') && run(['systemctl', 'disable', '--now', service]).status === 0) return
  if (findOnPath('service')) run(['service', service, 'stop'])
  if (findOnPath('update-rc.d')) run(['update-rc.d', service, 'disable'])
}

/** True when a server was installed; what is done, or why it cannot be, is said. */
export function installByPackageManager(say) {
  const manager = PACKAGE_MANAGERS.find(({ command }) => findOnPath(command))
  if (!manager) return false
  const isRoot = process.getuid?.() === 0
  const prefix = isRoot || manager.withoutRoot ? [] : findOnPath('sudo') ? ['sudo'] : undefined
  if (!prefix) {
    say(`${manager.command} could install a Redis, but needs root, and there is no sudo`)
    return false
  }
  say(`installing a Redis server with ${manager.command}, because none was found; its service is left off`)
  const run = (words, stdio = 'ignore') => {
    const [command, ...args] = [...prefix, ...words]
    return runStep(command, args, { stdio, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  }
  const wasRunning = manager.service !== undefined && run(['pgrep', '-x', manager.service]).status === 0
  for (const step of manager.steps) {
    // An `update` that fails may still leave an index good enough for the install.
    if (run(step, 'inherit').status !== 0 && step !== manager.steps[0]) return false
  }
  leaveServiceOff(manager.service, wasRunning, run)
  return true
}
