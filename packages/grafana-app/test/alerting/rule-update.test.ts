import { ALERT_RULES, DEFAULT_JOBS, findAlertRule } from '@aiwatch/provisioning/alerts'
import { describe, expect, test } from 'vitest'
import type { StoredRule } from '../../src/alerting/grafana-shapes.ts'
import { changeInstalledRule, makeInstalledRule, readSettings } from '../../src/alerting/installed-rule.ts'
import type { PrometheusSource } from '../../src/alerting/prometheus-source.ts'
import { findDifferences, sourceOf, updateInstalledRule } from '../../src/alerting/rule-update.ts'

const findRule = (id: string) => findAlertRule(id) ?? expect.fail(`the table has no rule ${id}`)
const rule = findRule('error-rate')
const source: PrometheusSource = {
  uid: 'prom',
  name: 'Prometheus',
  jobs: { collector: ['aiwatch'], redis_exporter: ['aiwatch-redis'], node_exporter: ['aiwatch-node'] },
}
const target = { orgId: 1, folderUid: 'f1', datasourceUid: 'prom', jobs: DEFAULT_JOBS }
/** As Grafana answers it: with fields of its own. */
const installed = (changes: Partial<StoredRule> = {}): StoredRule => {
  const made = makeInstalledRule(rule, target)
  const data = made.data.map((query) => ({ ...query, queryType: '', model: { ...query.model, intervalMs: 1000, maxDataPoints: 43_200 } }))
  return { ...made, data, ...changes }
}
const older = () => {
  const { data, annotations, labels } = installed()
  return installed({
    title: 'Errors',
    data: data.map((query) => (query.refId === 'A' ? { ...query, model: { ...query.model, expr: 'errors' } } : query)),
    annotations: { ...annotations, action: 'wait' },
    labels: { ...labels, severity: 'info' },
    execErrState: 'Alerting',
  })
}

describe('an installed rule', () => {
  test.each(ALERT_RULES.map((one) => [one.id, one] as const))('%s is that of the table once it is installed', (_, one) => {
    expect(findDifferences(one, makeInstalledRule(one, target), source)).toEqual([])
  })

  test('is that of the table whatever its owner set, and whatever Grafana or its owner added', () => {
    const changed = changeInstalledRule(rule, installed(), { threshold: 0.3, forSeconds: 60, contactPoint: 'chat' })
    const own = { ...changed, labels: { ...changed.labels, team: 'search' }, annotations: { ...changed.annotations, runbook_url: 'x' } }
    expect(findDifferences(rule, own, source)).toEqual([])
  })

  test('of another version says in which parts it differs', () => {
    expect(findDifferences(rule, older(), source)).toEqual(['title', 'query', 'states', 'labels', 'texts'])
    const { data } = older()
    expect(findDifferences(rule, installed({ data }), source)).toEqual(['query'])
  })

  test('asks by the job that is scraped: another one is a difference, an unknown one is not', () => {
    const jobs = { ...source.jobs, collector: ['llm'] }
    const down = findRule('collector-down')
    expect(findDifferences(down, makeInstalledRule(down, target), { ...source, jobs })).toEqual(['query'])
    expect(findDifferences(rule, older(), { ...source, jobs: { ...jobs, collector: [] } })).toEqual([])
    expect(findDifferences(rule, older(), undefined)).toEqual([])
  })

  test('is compared with what its own Prometheus scrapes', () => {
    const other = { ...source, uid: 'other' }
    expect(sourceOf(installed(), { sources: [other, source], source: other })).toBe(source)
    expect(sourceOf(installed({ data: [] }), { sources: [other, source], source: other })).toBe(other)
    expect(sourceOf(installed(), { sources: [other], source: other })).toBeUndefined()
  })
})

test('an update makes the rule that of the table, and keeps what its owner set', () => {
  const own = changeInstalledRule(rule, older(), { threshold: 0.3, forSeconds: 60, contactPoint: 'chat' })
  const labelled = { ...own, labels: { ...own.labels, team: 'search' }, isPaused: true }
  const updated = updateInstalledRule(rule, labelled, source)
  expect(findDifferences(rule, updated, source)).toEqual([])
  expect(readSettings(updated)).toEqual({ threshold: 0.3, forSeconds: 60, contactPoint: 'chat' })
  expect(updated).toMatchObject({ isPaused: true, labels: { team: 'search', severity: rule.severity }, folderUID: 'f1' })
  expect(updated.annotations?.['summary']).toContain('more than 30 %')
})
