/** Where parts are kept: in the state folder of `npm start`, or in the user's cache, which outlives a checkout. */
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** `AIWATCH_STATE_DIR`, by default `.aiwatch/` of the checkout. */
export function stateFolder(environment = process.env) {
  return resolve(environment.AIWATCH_STATE_DIR || join(root, '.aiwatch'))
}

/** `AIWATCH_CACHE_DIR`, by default `aiwatch` in the user's cache folder. */
export function cacheFolder(environment = process.env) {
  return resolve(environment.AIWATCH_CACHE_DIR || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'aiwatch'))
}
