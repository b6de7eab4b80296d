import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['redis-server', 'valkey-server']

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Path of a Redis server binary: `AIWATCH_TEST_REDIS_SERVER`, else `redis-server` or `valkey-server` of the PATH.
 * Throws an error that says how to get one.
 */
export function findRedisBinary(environment: NodeJS.ProcessEnv = process.env): string {
  const asked = environment['AIWATCH_TEST_REDIS_SERVER']
  if (asked) {
    if (isExecutable(asked)) return asked
    throw new Error(`AIWATCH_TEST_REDIS_SERVER=${asked} is not an executable file`)
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (isExecutable(path)) return path
    }
  }
  throw new Error(
    'no redis-server or valkey-server on the PATH: install one (Debian: apt-get install redis-server; macOS: brew install redis; ' +
      'or npm start, which fetches one) or set AIWATCH_TEST_REDIS_SERVER to the path of the binary',
  )
}
