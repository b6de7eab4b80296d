/** A rule of the table with everything that Grafana and Prometheus know of it. */
import { ALERT_RULES, type AlertRule, type Exporter, grafanaRuleUid } from '@aiwatch/provisioning/alerts'
import type { RuleStatus, Silence, StoredRule } from './grafana-shapes.ts'
import { readSettings } from './installed-rule.ts'
import type { InstantAnswer } from './instant-query.ts'
import type { PrometheusSource } from './prometheus-source.ts'
import { lastFired, type Transition } from './rule-history.ts'
import { findSince, findState, type RuleState } from './rule-state.ts'
import { findDifferences, type RulePart, sourceOf } from './rule-update.ts'
import { worstValue } from './rule-values.ts'
import { silencesOf } from './silences.ts'
import { testRuleUid } from './test-rule.ts'

export interface AlertingReading {
  rules: readonly StoredRule[]
  statuses: readonly RuleStatus[]
  silences: readonly Silence[]
  values: ReadonlyMap<string, InstantAnswer>
  history: ReadonlyMap<string, readonly Transition[]>
  sources: readonly PrometheusSource[]
  /** The one that rules are installed on. */
  source: PrometheusSource | undefined
}

export interface RuleRow {
  rule: AlertRule
  uid: string
  stored?: StoredRule
  status?: RuleStatus
  state: RuleState
  /** Comes from a file or an API that marks its rules: not to be changed here. */
  provenance?: string
  threshold?: number
  forSeconds: number
  contactPoint?: string
  value?: number
  /** Milliseconds. */
  since?: number
  lastFired?: number
  transitions: readonly Transition[]
  silences: readonly Silence[]
  /** What it needs and Prometheus does not scrape. */
  missing?: Exporter
  /** Where it is not what the table says; empty also for one that is not to be changed here. */
  differences: readonly RulePart[]
  /** A copy that fires for a test. */
  test?: { stored: StoredRule; state: RuleState }
}

function findTest(rule: AlertRule, { rules, statuses }: AlertingReading): RuleRow['test'] {
  const uid = testRuleUid(rule.id)
  const stored = rules.find((one) => one.uid === uid)
  return stored && { stored, state: findState(statuses.find((status) => status.uid === uid)) }
}

function makeRow(rule: AlertRule, reading: AlertingReading): RuleRow {
  const uid = grafanaRuleUid(rule.id)
  const stored = reading.rules.find((one) => one.uid === uid)
  const status = reading.statuses.find((one) => one.uid === uid)
  const transitions = reading.history.get(uid) ?? []
  const isMissing = reading.source !== undefined && reading.source.jobs[rule.needs].length === 0
  const settings = stored ? readSettings(stored) : { threshold: rule.threshold, forSeconds: rule.forSeconds, contactPoint: undefined }
  return {
    rule,
    uid,
    stored,
    status,
    state: stored ? findState(status) : 'not_installed',
    provenance: stored?.provenance || undefined,
    ...settings,
    value: worstValue(rule, reading.values.get(rule.id)),
    since: stored && findSince(status),
    lastFired: lastFired(transitions),
    transitions,
    silences: stored ? silencesOf(reading.silences, uid, { alertname: stored.title, ...stored.labels }) : [],
    missing: isMissing ? rule.needs : undefined,
    differences: stored && !stored.provenance ? findDifferences(rule, stored, sourceOf(stored, reading)) : [],
    test: findTest(rule, reading),
  }
}

export function makeRows(reading: AlertingReading): RuleRow[] {
  return ALERT_RULES.map((rule) => makeRow(rule, reading))
}
