/** The query of a test fire, asked of a real Prometheus that has none of the rules' metrics. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALERT_RULES, DEFAULT_JOBS } from '@aiwatch/provisioning/alerts'
import { type Prometheus, startPrometheus, whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeInstalledRule, valueQuery } from '../../src/alerting/installed-rule.ts'
import { makeTestRule } from '../../src/alerting/test-rule.ts'

const missing = whyNoMonitoring(['prometheus'])

describe.skipIf(missing)(`a test fire in Prometheus${missing ? ` (not here: ${missing})` : ''}`, () => {
  let work = ''
  let prometheus: Prometheus
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'aiwatch-test-fire-'))
    const configFile = join(work, 'prometheus.yml')
    writeFileSync(configFile, 'scrape_configs: []\n')
    prometheus = await startPrometheus({ configFile, dataDir: join(work, 'data') })
  }, 60_000)
  afterAll(async () => {
    await prometheus?.stop()
    rmSync(work, { recursive: true, force: true })
  })

  test.each(ALERT_RULES.map((rule) => [rule.id, rule] as const))(
    '%s: fires without a series, and has none after its end',
    async (_id, rule) => {
      const installed = makeInstalledRule(rule, { orgId: 1, folderUid: 'f', datasourceUid: 'p', jobs: DEFAULT_JOBS })
      const ask = async (startedMs: number) => prometheus.query(valueQuery(makeTestRule(rule, installed, startedMs))?.expression ?? '')
      expect(await ask(Date.now())).toHaveLength(1)
      expect(await ask(Date.now() - 3_600_000)).toEqual([])
    },
  )
})
