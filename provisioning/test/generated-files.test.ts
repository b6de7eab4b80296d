import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findMonitoringProgram, whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ALERT_RULES, type GrafanaRule } from '../alerts/index.ts'
import { DASHBOARDS } from '../dashboards/index.ts'
import { dashboardFiles } from '../files/dashboard-files.ts'
import { generatedFiles } from '../files/generated-files.ts'

const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

describe('the committed files', () => {
  const files = [...generatedFiles(ALERT_RULES), ...dashboardFiles(DASHBOARDS)]
  it.each(files)('%s is what the code gives: "npm run generate:provisioning" was run', (path, content) => {
    expect(readFileSync(pathOf(path), 'utf8')).toBe(content)
  })
})

describe("Grafana's file", () => {
  interface GrafanaFile {
    apiVersion: number
    groups: { orgId: number; name: string; folder: string; interval: string; rules: GrafanaRule[] }[]
  }
  const { apiVersion, groups } = parse(readFileSync(pathOf('grafana/alerting/aiwatch.yml'), 'utf8')) as GrafanaFile
  const rules = groups.flatMap((group) => group.rules)

  it('has every rule once, with what its provisioning asks for', () => {
    expect(apiVersion).toBe(1)
    expect(rules.map(({ uid }) => uid).sort()).toEqual(ALERT_RULES.map(({ id }) => `aiwatch-${id}`).sort())
    expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length)
    for (const rule of rules) {
      // Grafana refuses longer ones.
      expect(rule.uid.length).toBeLessThanOrEqual(40)
      expect(rule.data.map(({ refId }) => refId)).toContain(rule.condition)
      for (const { relativeTimeRange } of rule.data) expect(relativeTimeRange.from).toBeGreaterThan(relativeTimeRange.to)
    }
  })

  it('has nothing that Grafana would take for a variable of its environment: $NAME outside annotations, with braces everywhere', () => {
    const walk = (value: unknown, path: string): void => {
      if (typeof value === 'string') expect(value, path).not.toMatch(path.includes('.annotations.') ? /\$\{/ : /\$/)
      else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) walk(inner, `${path}.${key}`)
    }
    walk(groups, '')
  })
})

const missing = whyNoMonitoring(['promtool', 'amtool'])

describe.skipIf(missing)(`the tools of Prometheus${missing ? ` (not here: ${missing})` : ''}`, () => {
  const check = (program: 'promtool' | 'amtool', ...args: string[]) =>
    execFileSync(findMonitoringProgram(program), args, { encoding: 'utf8', stdio: 'pipe' })

  it('take the rules, and the configuration that loads them', () => {
    expect(check('promtool', 'check', 'rules', '--lint-fatal', pathOf('prometheus/rules/aiwatch.yml'))).toContain(
      `SUCCESS: ${ALERT_RULES.length} rules found`,
    )
    expect(check('promtool', 'check', 'config', pathOf('prometheus/prometheus.yml'))).toContain('1 rule files found')
  })

  it('take the configuration of Alertmanager', () => {
    expect(check('amtool', 'check-config', pathOf('alertmanager/alertmanager.yml'))).toContain('SUCCESS')
  })
})
