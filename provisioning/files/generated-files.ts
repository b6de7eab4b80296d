/** The files that are made from the table of rules. */
import { stringify } from 'yaml'
import { type AlertRule, RULE_FOLDER, type RuleSettings, ruleGroupName, toGrafanaRule, toPrometheusRule } from '../alerts/index.ts'
import { renderAlertmanagerConfig } from './render-alertmanager-config.ts'
import { renderPrometheusConfig } from './render-prometheus-config.ts'

const NOTICE = 'Made from provisioning/alerts by "npm run generate:provisioning"; changes go there.'
const yaml = (notice: string, value: unknown) => `${notice.replace(/^/gm, '# ')}\n${stringify(value, { lineWidth: 0 })}`

function byGroup(rules: readonly AlertRule[]): [name: string, rules: AlertRule[]][] {
  const groups = new Map<string, AlertRule[]>()
  for (const rule of rules) groups.set(ruleGroupName(rule), [...(groups.get(ruleGroupName(rule)) ?? []), rule])
  return [...groups]
}

export function renderPrometheusRules(rules: readonly AlertRule[], settings: RuleSettings & { intervalSeconds?: number } = {}): string {
  const interval = `${settings.intervalSeconds ?? 30}s`
  return yaml(NOTICE, {
    groups: byGroup(rules).map(([name, own]) => ({ name, interval, rules: own.map((rule) => toPrometheusRule(rule, settings)) })),
  })
}

export interface GrafanaFileOptions extends RuleSettings {
  /** Default `prometheus`. */
  datasourceUid?: string
}

function renderGrafanaRules(rules: readonly AlertRule[], { datasourceUid = 'prometheus', ...settings }: GrafanaFileOptions = {}): string {
  const note = `${NOTICE}\nThey ask the data source with uid "${datasourceUid}": the Prometheus that scrapes the collector.`
  return yaml(note, {
    apiVersion: 1,
    groups: byGroup(rules).map(([name, own]) => ({
      orgId: 1,
      name,
      folder: RULE_FOLDER,
      interval: '1m',
      rules: own.map((rule) => toGrafanaRule(rule, { ...settings, datasourceUid })),
    })),
  })
}

/** By path, relative to this workspace. */
export function generatedFiles(rules: readonly AlertRule[]): Map<string, string> {
  return new Map([
    ['prometheus/rules/aiwatch.yml', renderPrometheusRules(rules)],
    ['prometheus/prometheus.yml', renderPrometheusConfig({ notice: NOTICE })],
    ['alertmanager/alertmanager.yml', renderAlertmanagerConfig({ notice: NOTICE })],
    ['grafana/alerting/aiwatch.yml', renderGrafanaRules(rules)],
  ])
}
