import { parseRedisUrl } from '@aiwatch/store'
import { readStartFile } from './start-file.ts'

export const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379'

export interface FoundRedis {
  /** One, or several nodes of one cluster. */
  urls: string[]
  /** Where it was found: an option, a variable, a file, or `default`. */
  source: string
}

/**
 * The Redis: as asked, else `AIWATCH_REDIS_URL`, `REDIS_URL`, what `npm start` wrote, the default. Several nodes of a cluster are separated by commas.
 * Throws an error that names the source when it cannot be used.
 */
export function findRedis(asked: string | undefined, environment: NodeJS.ProcessEnv, folder: string): FoundRedis {
  const { text, source } = choose(asked, environment, folder)
  const urls = text.split(',').map((url) => url.trim())
  for (const url of urls) parseRedisUrl(url, source)
  return { urls, source }
}

function choose(asked: string | undefined, environment: NodeJS.ProcessEnv, folder: string): { text: string; source: string } {
  if (asked !== undefined) return { text: asked, source: '--redis' }
  for (const source of ['AIWATCH_REDIS_URL', 'REDIS_URL']) {
    const text = environment[source]
    if (text) return { text, source }
  }
  const file = readStartFile(folder, environment)
  const text = file?.variables.get('AIWATCH_REDIS_URL')
  return file && text ? { text, source: file.path } : { text: DEFAULT_REDIS_URL, source: 'default' }
}

/** The address without user and password. */
export function showRedis({ urls }: FoundRedis): string {
  return urls
    .map((text) => {
      const url = new URL(text)
      return `${url.protocol}//${url.username || url.password ? '…@' : ''}${url.host}`
    })
    .join(',')
}
