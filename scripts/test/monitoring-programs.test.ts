import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { provideMonitoringPrograms } from '../monitoring/provide-programs.mjs'

const TEMPLATES = '/usr/share/prometheus/alertmanager'

let work = ''
let cacheDir = ''

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'aiwatch-monitoring-'))
  cacheDir = join(work, 'cache')
  mkdirSync(join(work, 'bin'))
  vi.stubEnv('PATH', join(work, 'bin'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(work, { recursive: true, force: true })
})

function addProgram(name: string, text = '#!/bin/sh\n'): string {
  const path = join(work, 'bin', name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

test("programs of the PATH are taken under Debian's name or the project's, and the others say why they are missing", async () => {
  const prometheus = addProgram('prometheus')
  const alertmanager = addProgram('alertmanager')
  const programs = await provideMonitoringPrograms({ cacheDir })
  expect(programs).toMatchObject({
    prometheus: { path: prometheus },
    'prometheus-alertmanager': { path: alertmanager },
    promtool: { missing: 'not on the PATH, and there is no apt-get to fetch them with' },
  })
})

test('a fetch that fails is one sentence, and leaves nothing behind', async () => {
  addProgram('apt-get', '#!/bin/sh\necho "first line" >&2\necho "E: Unable to locate package prometheus" >&2\nexit 100\n')
  addProgram('dpkg-deb')
  const said: string[] = []
  const { promtool } = await provideMonitoringPrograms({ cacheDir, say: (sentence) => said.push(sentence) })
  expect(promtool).toEqual({ missing: "Debian's packages could not be fetched: E: Unable to locate package prometheus" })
  expect(said).toHaveLength(1)
  expect(readdirSync(cacheDir)).toEqual([])
})

test('what was unpacked is found by the next start without asking anybody', async () => {
  const unpacked = join(cacheDir, `monitoring-${process.arch}`, 'usr', 'bin')
  mkdirSync(unpacked, { recursive: true })
  const names = ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool', 'prometheus-redis-exporter', 'prometheus-node-exporter']
  for (const name of names) writeFileSync(join(unpacked, name), '')
  addProgram('unshare')
  const programs = await provideMonitoringPrograms({ cacheDir, say: () => expect.unreachable() })
  const templates = join(cacheDir, `monitoring-${process.arch}`, TEMPLATES)
  const mounted = existsSync(join(TEMPLATES, 'default.tmpl')) ? {} : { templates, at: TEMPLATES }
  for (const name of names) {
    expect(programs[name]).toEqual({ path: join(unpacked, name), ...(name === 'prometheus-alertmanager' ? mounted : {}) })
  }
})

test.skipIf(existsSync(TEMPLATES))(
  'an Alertmanager that is only unpacked is given its templates, where a user may mount them',
  async () => {
    const unpacked = join(cacheDir, `monitoring-${process.arch}`, 'usr', 'bin')
    mkdirSync(unpacked, { recursive: true })
    writeFileSync(join(unpacked, 'prometheus-alertmanager'), '')
    addProgram('unshare')
    const given = await provideMonitoringPrograms({ cacheDir })
    expect(given['prometheus-alertmanager']).toMatchObject({ at: TEMPLATES, templates: expect.stringContaining(cacheDir) })
    addProgram('unshare', '#!/bin/sh\nexit 1\n')
    const refused = await provideMonitoringPrograms({ cacheDir })
    expect(refused['prometheus-alertmanager']).toEqual({ missing: expect.stringContaining('install prometheus-alertmanager') })
  },
)
