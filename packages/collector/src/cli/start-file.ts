/** What `npm start` leaves for other programs: variables in `.aiwatch/env`, or in the folder that `AIWATCH_STATE_DIR` names. */
import { readFileSync } from 'node:fs'
import { dirname, join, parse, resolve } from 'node:path'

export interface StartFile {
  path: string
  variables: Map<string, string>
}

function parseVariables(text: string): Map<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const match = /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)=(.*?)\s*$/.exec(line)
    return match ? [[match[1] as string, (match[2] as string).replace(/^(['"])(.*)\1$/, '$2')] as const] : []
  })
  return new Map(pairs)
}

function readFileOf(path: string): StartFile | undefined {
  try {
    return { path, variables: parseVariables(readFileSync(path, 'utf8')) }
  } catch {
    return undefined
  }
}

/**
 * The `env` of the folder in `AIWATCH_STATE_DIR` where that is set, else the `.aiwatch/env` of this folder or the nearest above it; undefined when
 * there is none that can be read.
 */
export function readStartFile(folder: string, environment: NodeJS.ProcessEnv = process.env): StartFile | undefined {
  const stateFolder = environment['AIWATCH_STATE_DIR']
  if (stateFolder) return readFileOf(join(resolve(folder, stateFolder), 'env'))
  for (let at = folder; ; at = dirname(at)) {
    const found = readFileOf(join(at, '.aiwatch', 'env'))
    if (found || at === parse(at).root) return found
  }
}
