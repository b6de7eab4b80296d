import { readFileSync } from 'node:fs'
import { dirname, join, parse } from 'node:path'

export const DEFAULT_URL = 'http://127.0.0.1:8081'

/** Variables of the `.aiwatch/env` of this folder or the nearest above it: what `npm start` has left. */
function readStartFile(folder: string): Map<string, string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const lines = readFileSync(join(at, '.aiwatch', 'env'), 'utf8').split('\n')
      const pairs = lines.flatMap((line) => {
        const match = /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)=(.*?)\s*$/.exec(line)
        return match ? [[match[1] as string, (match[2] as string).replace(/^(['"])(.*)\1$/, '$2')] as const] : []
      })
      return new Map(pairs)
    } catch {
      if (at === parse(at).root) return new Map()
    }
  }
}

/** The collector's address: as asked, else `AIWATCH_URL`, else what `npm start` wrote, else the default. Throws when it is no http(s) URL. */
export function findCollector(asked: string | undefined, environment: NodeJS.ProcessEnv, folder: string): URL {
  const source = asked ? '--url' : environment['AIWATCH_URL'] ? 'AIWATCH_URL' : '.aiwatch/env'
  let text = asked ?? environment['AIWATCH_URL']
  if (!text) {
    const started = readStartFile(folder)
    const port = started.get('ANALYTICS_PORT')
    text = started.get('AIWATCH_COLLECTOR_URL') ?? started.get('AIWATCH_URL') ?? (port ? `http://127.0.0.1:${port}` : DEFAULT_URL)
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(`${source} must be an http URL such as ${DEFAULT_URL}, got ${JSON.stringify(text)}`)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
