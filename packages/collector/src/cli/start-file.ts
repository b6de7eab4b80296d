/** What `npm start` leaves for other programs: variables in `.aiwatch/env`. */
import { readFileSync } from 'node:fs'
import { dirname, join, parse } from 'node:path'

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

/** The `.aiwatch/env` of this folder or the nearest above it; undefined when there is none that can be read. */
export function readStartFile(folder: string): StartFile | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, '.aiwatch', 'env')
    try {
      return { path, variables: parseVariables(readFileSync(path, 'utf8')) }
    } catch {
      if (at === parse(at).root) return undefined
    }
  }
}
