import { readStartFile } from './start-file.ts'

export const DEFAULT_URL = 'http://127.0.0.1:8081'

const VARIABLES = ['AIWATCH_URL', 'AIWATCH_COLLECTOR_URL'] as const

/**
 * The collector's address: as asked, else `AIWATCH_URL`, `AIWATCH_COLLECTOR_URL`, what `npm start` wrote, or the default. Throws when it is no
 * http(s) URL.
 */
export function findCollector(asked: string | undefined, environment: NodeJS.ProcessEnv, folder: string): URL {
  const variable = VARIABLES.find((name) => environment[name])
  const source = asked ? '--url' : (variable ?? '.aiwatch/env')
  let text = asked ?? (variable && environment[variable])
  if (!text) {
    const started = readStartFile(folder, environment)?.variables
    const port = started?.get('ANALYTICS_PORT')
    text = started?.get('AIWATCH_COLLECTOR_URL') ?? started?.get('AIWATCH_URL') ?? (port ? `http://127.0.0.1:${port}` : DEFAULT_URL)
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new TypeError(`${source} must be an http URL such as ${DEFAULT_URL}, got ${JSON.stringify(text)}`)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
