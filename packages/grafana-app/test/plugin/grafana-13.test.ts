/**
 * Whether what the app imports of Grafana's packages is the same in Grafana 13, as Grafana's own tool levitate compares types. It asks
 * the package registry and takes some minutes. AIWATCH_TEST_LEVITATE=0 leaves it out.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

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

const missing = whyNot()

describe.skipIf(missing !== undefined)(`on Grafana ${GRAFANA_13}${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let folder: string | undefined
  afterAll(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  test('everything that the app imports is there, and of the same type', { timeout: TIMEOUT_MS }, () => {
    folder = copyApp()
    const target = PACKAGES.map((name) => `${name}@${GRAFANA_13}`).join(',')
    const args = ['--yes', LEVITATE, 'is-compatible', '--path', 'src/module.tsx', '--target', target]
    const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' }
    const { stdout, stderr } = spawnSync('npx', args, { cwd: folder, env, encoding: 'utf8', timeout: TIMEOUT_MS })
    const output = stdout + stderr
    // It also ends well where it could not compare.
    for (const name of PACKAGES) expect(output).toContain(`Found ${name} version`)
    expect(output).not.toMatch(/Skipping package|Could not process|Failed/)
    // Its own verdict also counts types that read the same in both versions; those it does not name.
    expect(output.match(/^.*\b(Removed|Changed)\b.*used in.*$/gm) ?? []).toEqual([])
    expect(output).toMatch(/src\/module\.tsx (appears to be|is not fully) compatible/)
  })
})
