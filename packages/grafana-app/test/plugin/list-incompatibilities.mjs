/**
 * What levitate finds between two versions of packages, by name: its command counts changes of types that read the same, and does not name them.
 * `npx --package @grafana/levitate@… -- node list-incompatibilities.mjs <entry> <name>@<from>@<to> …`, in the folder of what is checked.
 * Prints JSON on its last line; each of `package`, `name`, `kind`, `reads` and `file`.
 */
import { realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** npx puts its package's program on the path, and nothing where Node looks for modules. */
function findLevitate() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      return dirname(realpathSync(join(folder, 'levitate')))
    } catch {
      // Not in this folder.
    }
  }
  throw new Error('levitate is not on the path: start this with npx --package')
}

const { createTsProgram, getIncompatibilitiesBetweenPackages, getSymbolDiff } = await import(
  pathToFileURL(join(findLevitate(), 'index.js')).href
)

const side = (change, which) => ({ key: change[which].getName(), symbol: change[which], program: change[`${which}Program`] })

/** Whether the declarations of both versions read the same. */
const readsSame = ({ prev, prevProgram, current, currentProgram }) => {
  const change = { prev, prevProgram, current, currentProgram }
  return getSymbolDiff({ prev: side(change, 'prev'), current: side(change, 'current') }) === ''
}

const NOTHING_IGNORED = { changes: [], removals: [], additions: [] }

const [entry, ...packages] = process.argv.slice(2)
const program = createTsProgram(entry)
const found = []
for (const one of packages) {
  const [, name, from, to] = /^(.+)@([^@]+)@([^@]+)$/.exec(one) ?? []
  const between = await getIncompatibilitiesBetweenPackages(program, `${name}@${from}`, `${name}@${to}`, NOTHING_IGNORED)
  for (const { name: symbol, change, sourceFile } of between) {
    const kind = change ? 'changed' : 'removed'
    found.push({ package: name, name: symbol, kind, reads: change && readsSame(change) ? 'same' : 'different', file: sourceFile.fileName })
  }
}
console.log(`\n${JSON.stringify(found)}`)
