import type { AlertRule, RuleSettings } from './alert-rule.ts'
import { summaryTemplate } from './fill-sentence.ts'
import { resolveRule } from './resolve-rule.ts'

/** The expressions engine of Grafana, as a data source. */
const EXPRESSIONS = '__expr__'

interface GrafanaQuery {
  refId: string
  relativeTimeRange: { from: number; to: number }
  datasourceUid: string
  model: Record<string, unknown>
}

/** A rule as Grafana's file provisioning has it; its HTTP API wants `orgID`, `folderUID` and `ruleGroup` beside these. */
export interface GrafanaRule {
  uid: string
  title: string
  condition: string
  for: string
  noDataState: 'OK'
  execErrState: 'Error'
  labels: Record<string, string>
  annotations: Record<string, string>
  isPaused: boolean
  data: GrafanaQuery[]
}

export interface GrafanaRuleSettings extends RuleSettings {
  /** Of the Prometheus that scrapes the collector. */
  datasourceUid: string
}

export function grafanaRuleUid(id: string): string {
  return `aiwatch-${id}`
}

/**
 * The threshold is a step of its own, so that it can be edited in Grafana without touching PromQL. Without a series a rule cannot fire,
 * as in Prometheus: `noDataState` is OK.
 */
export function toGrafanaRule(rule: AlertRule, { datasourceUid, ...settings }: GrafanaRuleSettings): GrafanaRule {
  const { expression, threshold, forSeconds, labels } = resolveRule(rule, settings)
  const evaluator = { type: rule.fires === 'above' ? 'gt' : 'lt', params: [threshold] }
  return {
    uid: grafanaRuleUid(rule.id),
    title: rule.title,
    condition: 'C',
    for: `${forSeconds}s`,
    noDataState: 'OK',
    execErrState: 'Error',
    labels,
    annotations: {
      summary: summaryTemplate(rule, { threshold, value: '$values.A.Value' }),
      description: rule.description,
      action: rule.action,
    },
    isPaused: false,
    data: [
      {
        refId: 'A',
        // An instant query ends now; PromQL's own windows say how far it looks back.
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid,
        model: { refId: 'A', expr: expression, instant: true, range: false },
      },
      {
        refId: 'C',
        relativeTimeRange: { from: 600, to: 0 },
        datasourceUid: EXPRESSIONS,
        model: { refId: 'C', type: 'threshold', expression: 'A', conditions: [{ evaluator }] },
      },
    ],
  }
}
