/**
 * A test fire goes the real way: a copy of the rule with its own query, whose condition is always true, is evaluated by Grafana and
 * notifies as the rule would. The copy stops by itself even if nobody removes it: past its end the query has no result.
 */
import { type AlertRule, grafanaRuleUid } from '@aiwatch/provisioning/alerts'
import { t } from '../t.ts'
import type { StoredRule } from './grafana-shapes.ts'
import { valueQuery } from './installed-rule.ts'

export const TEST_LABEL = 'aiwatch_test'
export const TEST_SECONDS = 300

/** Lower than any value of a rule. */
const ALWAYS_ABOVE = -1e9

export function testRuleUid(id: string): string {
  return `${grafanaRuleUid(id)}-test`
}

/** `now`: in milliseconds. Throws a RangeError where the rule asks no Prometheus any more. */
export function makeTestRule(rule: AlertRule, stored: StoredRule, now: number): StoredRule {
  const query = valueQuery(stored)
  if (!query)
    throw new RangeError(t('rule.no-prometheus', '"{{rule}}" no longer asks Prometheus: test it in Grafana.', { rule: stored.title }))
  const endsAt = Math.floor(now / 1000) + TEST_SECONDS
  const shared = { relativeTimeRange: { from: 600, to: 0 } }
  const expr = `((${query.expression}) or on () vector(0)) and on () (vector(time()) < ${endsAt})`
  return {
    uid: testRuleUid(rule.id),
    orgID: stored.orgID,
    folderUID: stored.folderUID,
    ruleGroup: testRuleUid(rule.id),
    title: `Test: ${stored.title}`,
    condition: 'C',
    for: '0s',
    noDataState: 'OK',
    execErrState: 'Error',
    labels: { ...stored.labels, [TEST_LABEL]: 'true' },
    annotations: {
      summary: `This is a test of the rule "${stored.title}": nothing has to be done. The value is {{ $values.A.Value }} now.`,
      description: rule.description,
      action: rule.action,
    },
    isPaused: false,
    ...(stored.notification_settings ? { notification_settings: stored.notification_settings } : {}),
    data: [
      { refId: 'A', ...shared, datasourceUid: query.datasourceUid, model: { refId: 'A', expr, instant: true, range: false } },
      {
        refId: 'C',
        ...shared,
        datasourceUid: '__expr__',
        model: { refId: 'C', type: 'threshold', expression: 'A', conditions: [{ evaluator: { type: 'gt', params: [ALWAYS_ABOVE] } }] },
      },
    ],
  }
}

/** In milliseconds, as the query of the copy says it; undefined where it is no copy made here. */
export function readTestEnd(stored: StoredRule): number | undefined {
  const [, seconds] = /< (\d+)\)$/.exec(valueQuery(stored)?.expression ?? '') ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}
