import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `npm run build` makes. */
export const BUILT_PLUGIN = fileURLToPath(new URL('../../dist', import.meta.url))

/** The server of an unpacked Grafana and how it is called; undefined where it has none. */
export function grafanaServer(home: string): { path: string; args: string[] } | undefined {
  const grafana = join(home, 'bin/grafana')
  if (existsSync(grafana)) return { path: grafana, args: ['server'] }
  // What packages of Grafana before 13 have beside it or instead of it.
  const alone = join(home, 'bin/grafana-server')
  return existsSync(alone) ? { path: alone, args: [] } : undefined
}
