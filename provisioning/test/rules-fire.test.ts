/** Each rule, evaluated by Prometheus' own promtool on data that must fire it and on data that must not. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findMonitoringProgram, whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ALERT_RULES, type AlertRule, alertName, resolveRule } from '../alerts/index.ts'
import { renderPrometheusRules } from '../files/generated-files.ts'
import { MACHINE_CASES } from './cases/machine-cases.ts'
import type { RuleCase } from './cases/rule-case.ts'
import { SERVICE_CASES } from './cases/service-cases.ts'
import { USAGE_CASES } from './cases/usage-cases.ts'

const CASES: Record<string, RuleCase[]> = { ...USAGE_CASES, ...SERVICE_CASES, ...MACHINE_CASES }

function toPromtoolTest(rule: AlertRule, { name, series, at, fires }: RuleCase) {
  const { labels } = resolveRule(rule)
  return {
    name,
    interval: '30s',
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    alert_rule_test: [
      {
        eval_time: at,
        alertname: alertName(rule.id),
        exp_alerts: fires.map((alert) => ({
          exp_labels: { ...labels, ...alert.labels },
          exp_annotations: { summary: alert.summary, description: rule.description, action: rule.action },
        })),
      },
    ],
  }
}

it('every rule has a case that fires it, one that is too short where it has to last, and others that do not', () => {
  expect(Object.keys(CASES).sort()).toEqual(ALERT_RULES.map((rule) => rule.id).sort())
  for (const rule of ALERT_RULES) {
    const cases = CASES[rule.id] ?? []
    expect(cases.filter(({ fires }) => fires.length > 0).length, `${rule.id} fires`).toBeGreaterThan(0)
    expect(cases.filter(({ fires }) => fires.length === 0).length, `${rule.id} does not fire`).toBeGreaterThan(2)
    if (rule.forSeconds > 0)
      expect(
        cases.some(({ name }) => /too short|ten minutes only/.test(name)),
        rule.id,
      ).toBe(true)
  }
})

const missing = whyNoMonitoring(['promtool'])

describe.skipIf(missing)(`promtool${missing ? ` (not here: ${missing})` : ''}`, () => {
  let work = ''
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'aiwatch-rules-'))
    writeFileSync(join(work, 'rules.yml'), renderPrometheusRules(ALERT_RULES))
  })
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  it.each(ALERT_RULES.map((rule) => [rule.id, rule] as const))('%s fires when it must, and only then', (id, rule) => {
    const file = join(work, `${id}.test.yml`)
    const tests = (CASES[id] ?? []).map((ruleCase) => toPromtoolTest(rule, ruleCase))
    writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '30s', tests }))
    let output = ''
    try {
      output = execFileSync(findMonitoringProgram('promtool'), ['test', 'rules', file], { encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      output = String((error as { stdout?: string; stderr?: string }).stdout) + String((error as { stderr?: string }).stderr)
    }
    expect(output).toMatch(/SUCCESS\s*$/)
  })
})
