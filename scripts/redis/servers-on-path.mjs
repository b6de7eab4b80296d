/** Redis servers that are installed already, and whether they have the TimeSeries module. */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findOnPath } from '../parts/pip.mjs'
import { describeServer, hasTimeSeries } from './server-program.mjs'

const MODULE = 'redistimeseries.so'
/** Where packages put modules: Redis' own apt and rpm, its container images, Redis Stack. */
const MODULE_FOLDERS = ['/usr/lib/redis/modules', '/usr/lib64/redis/modules', '/usr/local/lib/redis/modules', '/opt/redis-stack/lib']
const CONFIG_FILES = [
  '/etc/redis/redis.conf',
  '/etc/redis.conf',
  '/etc/redis-stack.conf',
  '/usr/local/etc/redis/redis.conf',
  '/usr/local/etc/redis.conf',
  '/opt/homebrew/etc/redis.conf',
]
/** From here on a server may have the module built in. */
const BUILT_IN_SINCE_MAJOR = 8

/** Module files that configuration files load. */
function modulesOfConfigs() {
  return CONFIG_FILES.flatMap((file) => {
    try {
      return [...readFileSync(file, 'utf8').matchAll(/^\s*loadmodule\s+"?([^"\s]*timeseries[^"\s]*)/gim)].map((match) => match[1])
    } catch {
      return []
    }
  })
}

/** Module files that may belong to a server: beside it, in a folder of modules, or named by the system's configuration. */
function findModuleFiles(serverPath) {
  const home = dirname(realpathSync(serverPath))
  const beside = [join(home, MODULE), join(home, '..', 'lib', MODULE), join(home, '..', 'lib', 'redis', 'modules', MODULE)]
  return [...new Set([...beside, ...MODULE_FOLDERS.map((folder) => join(folder, MODULE)), ...modulesOfConfigs()])].filter((file) =>
    existsSync(file),
  )
}

/** `{ module? }` when the server answers TS.* commands by itself or with a module file that is here; undefined when it does not. */
async function findTimeSeries(server) {
  const isBuiltIn = Number(server.version.split('.')[0]) >= BUILT_IN_SINCE_MAJOR && server.product === 'redis'
  if (isBuiltIn && (await hasTimeSeries(server))) return {}
  for (const module of findModuleFiles(server.path)) {
    if (await hasTimeSeries({ ...server, module })) return { module }
  }
  return undefined
}

/**
 * The server that Redis Stack's start script runs. The script itself sets a folder and a port of its own, loads modules that are
 * not needed, and does not hand on signals.
 */
function findServerOfStack() {
  const script = findOnPath('redis-stack-server')
  if (!script) return undefined
  return [join(dirname(realpathSync(script)), 'redis-server'), '/opt/redis-stack/bin/redis-server'].find((path) => existsSync(path))
}

/** A server with TimeSeries: `{ kind, path, version, module?, … }`, or undefined; reasons are said. */
export async function findTimeSeriesOnPath(options) {
  const candidates = [
    ['stack', findServerOfStack()],
    ['redis-timeseries', findOnPath('redis-server')],
  ]
  for (const [kind, path] of candidates) {
    if (!path) continue
    try {
      const server = await describeServer(path, options)
      const found = await findTimeSeries(server)
      if (found) return { kind, ...server, ...found }
      if (kind === 'stack') options.say(`${path} ${server.version} has no TimeSeries module that loads; looking further`)
    } catch (error) {
      if (kind === 'stack') options.say(`${error.message}; looking further`)
    }
  }
  return undefined
}

/** A server of one of the programs named, without a module; reasons are said. */
export async function findPlainOnPath(names, options) {
  for (const name of names) {
    const path = findOnPath(name)
    if (!path) continue
    try {
      const server = await describeServer(path, options)
      return { kind: server.product, ...server }
    } catch (error) {
      options.say(`${error.message}; looking further`)
    }
  }
  return undefined
}
