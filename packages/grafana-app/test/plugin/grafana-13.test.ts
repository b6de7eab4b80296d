/**
 * Whether what the app imports of Grafana's packages is the same in Grafana 13, as Grafana's own tool levitate compares types. It asks
 * the package registry and takes some minutes. AIWATCH_TEST_LEVITATE=0 leaves it out.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const GRAFANA_13 = '13.2.2'
const LEVITATE = '@grafana/levitate@0.17.2'
const PACKAGES = ['data', 'ui', 'runtime', 'schema', 'i18n'].map((name) => `@grafana/${name}`)
const TIMEOUT_MS = 900_000

const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

function whyNot(): string | undefined {
  if (process.env['AIWATCH_TEST_LEVITATE'] === '0') return 'AIWATCH_TEST_LEVITATE is 0'
  try {
    execFileSync('npm', ['view', LEVITATE, 'version'], { stdio: 'ignore', timeout: 30_000 })
    return undefined
  } catch {
    return `the package registry does not answer for ${LEVITATE}`
  }
}

/** The app with its dependencies in its own package.json: of an npm workspace levitate sees none, and passes without looking. */
function copyApp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiwatch-levitate-'))
  cpSync(pathOf('src'), join(folder, 'src'), { recursive: true })
  const { devDependencies } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as { devDependencies: Record<string, string> }
  const dependencies = Object.fromEntries(Object.entries(devDependencies).filter(([name]) => PACKAGES.includes(name)))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', version: '0.0.0', private: true, dependencies }))
  symlinkSync(pathOf('../../node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Both plugins: the app, and the data source in it. */
const ENTRIES = ['src/module.tsx', 'src/datasource/module.ts']

interface Incompatibility {
  package: string
  name: string
  kind: 'removed' | 'changed'
  reads: 'same' | 'different'
  file: string
}

/**
 * What levitate counts and why it does no harm. `config` is of a class that 13.2 gives some settings more, and takes `regionalFormat` from; the
 * app reads those of `READ_OF_CONFIG` alone, which are of the same type in both.
 */
const HARMLESS = ['@grafana/runtime config changed, reads same']
const READ_OF_CONFIG = ['appSubUrl', 'bootData', 'exploreEnabled', 'featureToggles', 'unifiedAlerting']

function listIncompatibilities(folder: string, entry: string): Incompatibility[] {
  const { devDependencies } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as { devDependencies: Record<string, string> }
  const compared = PACKAGES.map((name) => `${name}@${devDependencies[name]}@${GRAFANA_13}`)
  const args = ['--yes', '--package', LEVITATE, '--', 'node', pathOf('test/plugin/list-incompatibilities.mjs'), entry, ...compared]
  const { stdout, stderr, status } = spawnSync('npx', args, { cwd: folder, encoding: 'utf8', timeout: TIMEOUT_MS })
  expect(status, stdout + stderr).toBe(0)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Incompatibility[]
}

/** Members of Grafana's `config` that the source reads. */
function readOfConfig(): string[] {
  const files = readdirSync(pathOf('src'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))
  const texts = files.map((path) => readFileSync(pathOf(`src/${path}`), 'utf8'))
  const ofRuntime = texts.filter((text) => /import \{[^}]*\bconfig\b[^}]*\} from '@grafana\/runtime'/.test(text))
  return [...new Set(ofRuntime.flatMap((text) => [...text.matchAll(/\bconfig\.(\w+)/g)].map(([, name]) => name ?? '')))].sort()
}

const missing = whyNot()

describe.skipIf(missing !== undefined)(`on Grafana ${GRAFANA_13}${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let folder = ''
  beforeAll(() => {
    folder = copyApp()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(ENTRIES)('everything that %s imports is there, and what differs is known to be harmless', { timeout: TIMEOUT_MS }, (entry) => {
    const found = listIncompatibilities(folder, entry).map(
      ({ package: from, name, kind, reads }) => `${from} ${name} ${kind}, reads ${reads}`,
    )
    expect([...new Set(found)].filter((one) => !HARMLESS.includes(one))).toEqual([])
    // A comparison that compared nothing would find nothing either.
    if (entry === 'src/module.tsx') expect(found).toEqual(expect.arrayContaining(HARMLESS))
  })

  test('of the configuration of Grafana, only what both versions have is read', () => {
    expect(readOfConfig()).toEqual(READ_OF_CONFIG)
  })
})
