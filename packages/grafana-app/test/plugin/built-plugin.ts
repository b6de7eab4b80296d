/** What `npm run build` made. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_PLUGIN } from '../grafana/grafana-home.ts'

/** Path of a file of the built plugin. Throws where the plugin is not built. */
export function builtFile(path: string): string {
  if (!existsSync(join(BUILT_PLUGIN, 'module.js'))) throw new Error('build the app first: npm run build -w packages/grafana-app')
  return join(BUILT_PLUGIN, path)
}

export const readBuilt = (path: string): string => readFileSync(builtFile(path), 'utf8')
