/** Builds the SDK as it is published and installs it into a folder of its own, outside the workspace. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url))
/** What npm would install beside it; and the types of Node for the compiler. */
const BESIDE = ['ioredis', '@pydantic/genai-prices', '@types/node', 'undici-types']

export interface Installed {
  /** A project that depends on the SDK. */
  folder: string
  /** Files of the package, relative, with their sizes in bytes. */
  files: Map<string, number>
  remove(): void
}

function listFiles(folder: string, under = ''): [string, number][] {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = under ? `${under}/${entry.name}` : entry.name
    return entry.isDirectory() ? listFiles(folder, path) : [[path, statSync(join(folder, path)).size] as [string, number]]
  })
}

export function packSdk(): Installed {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'aiwatch-published-'))
  const source = join(folder, 'source')
  mkdirSync(source)
  const tsup = createRequire(import.meta.url).resolve('tsup/dist/cli-default.js')
  execFileSync(process.execPath, [tsup, '--out-dir', join(source, 'dist'), '--silent'], { cwd: PACKAGE, stdio: 'pipe' })
  for (const name of ['package.json', 'README.md', 'LICENSE']) cpSync(join(PACKAGE, name), join(source, name))
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts'], { cwd: source, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  )
  const installed = join(folder, 'node_modules', '@aiwatch', 'sdk')
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', join(source, packed.filename), '-C', installed, '--strip-components=1'])
  for (const name of BESIDE) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(MODULES, name), join(folder, 'node_modules', name))
  }
  rmSync(source, { recursive: true })
  return { folder, files: new Map(listFiles(installed)), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The first `node` of the PATH whose version is not that of this process and at least 20; undefined when there is none. */
export function findOtherNode(): { path: string; version: string } | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      const path = join(folder, 'node')
      const version = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
      if (version !== process.version && Number(version.slice(1).split('.')[0]) >= 20) return { path, version }
    } catch {
      // No node there, or none that runs.
    }
  }
  return undefined
}
