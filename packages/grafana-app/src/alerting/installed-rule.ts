/** A rule as it is installed in Grafana: made from the table, read back, changed. */
import { type AlertRule, type JobNames, ruleGroupName, toGrafanaRule } from '@aiwatch/provisioning/alerts'
import { formatDuration, parseDuration } from '../data/duration.ts'
import { t } from '../t.ts'
import type { StoredQuery, StoredRule } from './grafana-shapes.ts'

/** What an installed rule can be told. */
export interface InstalledSettings {
  threshold: number
  forSeconds: number
  /** Name; undefined: notification policies say who is told. */
  contactPoint: string | undefined
}

export interface InstallTarget {
  orgId: number
  folderUid: string
  datasourceUid: string
  jobs: JobNames
}

/** The body of its creation; threshold and duration are those of the table. */
export function makeInstalledRule(rule: AlertRule, { orgId, folderUid, datasourceUid, jobs }: InstallTarget): StoredRule {
  return { ...toGrafanaRule(rule, { datasourceUid, jobs }), orgID: orgId, folderUID: folderUid, ruleGroup: ruleGroupName(rule) }
}

interface Evaluator {
  type: string
  params: number[]
}

function conditionQuery(stored: StoredRule): StoredQuery | undefined {
  return stored.data.find(({ refId }) => refId === stored.condition)
}

function evaluatorOf(stored: StoredRule): Evaluator | undefined {
  const [condition] = (conditionQuery(stored)?.model['conditions'] as { evaluator?: Evaluator }[] | undefined) ?? []
  return Array.isArray(condition?.evaluator?.params) ? condition.evaluator : undefined
}

/** The query that asks the data source; undefined where somebody made another rule of it. */
export function valueQuery(stored: StoredRule): { datasourceUid: string; expression: string } | undefined {
  const query = stored.data.find(({ model }) => typeof model['expr'] === 'string')
  return query && { datasourceUid: query.datasourceUid, expression: String(query.model['expr']) }
}

/** Threshold undefined: the condition is no longer a comparison with one number. */
export function readSettings(stored: StoredRule): Omit<InstalledSettings, 'threshold'> & { threshold: number | undefined } {
  return {
    threshold: evaluatorOf(stored)?.params[0],
    forSeconds: parseDuration(stored.for) ?? 0,
    contactPoint: stored.notification_settings?.receiver || undefined,
  }
}

/** The summary names the threshold. One that somebody wrote anew stays as it is. */
function changeSummary(rule: AlertRule, stored: StoredRule, threshold: number): Record<string, string> {
  const summaryAt = (value: number) => toGrafanaRule(rule, { datasourceUid: '', threshold: value }).annotations['summary'] ?? ''
  const { annotations = {} } = stored
  const old = readSettings(stored).threshold
  return old !== undefined && annotations['summary'] === summaryAt(old) ? { ...annotations, summary: summaryAt(threshold) } : annotations
}

function changeThreshold(rule: AlertRule, stored: StoredRule, threshold: number): Pick<StoredRule, 'data' | 'annotations'> {
  const data = structuredClone(stored.data)
  const evaluator = evaluatorOf({ ...stored, data })
  if (!evaluator)
    throw new RangeError(
      t('rule.no-number', 'The condition of "{{rule}}" is no comparison with one number: edit it in Grafana.', { rule: stored.title }),
    )
  evaluator.params[0] = threshold
  return { data, annotations: changeSummary(rule, stored, threshold) }
}

/** The whole rule as Grafana wants it back; what is not changed stays, edits made in Grafana as well. */
export function changeInstalledRule(rule: AlertRule, stored: StoredRule, changes: Partial<InstalledSettings>): StoredRule {
  const { threshold, forSeconds } = changes
  const changed = { ...stored }
  if (threshold !== undefined && threshold !== readSettings(stored).threshold) {
    Object.assign(changed, changeThreshold(rule, stored, threshold))
  }
  if (forSeconds !== undefined) changed.for = formatDuration(forSeconds)
  if ('contactPoint' in changes) changed.notification_settings = changeReceiver(stored, changes.contactPoint)
  return changed
}

/** Grouping and repeat intervals that were set for the rule stay. */
function changeReceiver({ notification_settings: old }: StoredRule, contactPoint: string | undefined): StoredRule['notification_settings'] {
  return contactPoint === undefined ? null : { ...old, receiver: contactPoint }
}
