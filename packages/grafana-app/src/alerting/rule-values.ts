import { type AlertRule, formatThreshold, type JobNames, resolveRule } from '@aiwatch/provisioning/alerts'
import type { StoredRule } from './grafana-shapes.ts'
import { valueQuery } from './installed-rule.ts'
import type { InstantAnswer, InstantQuery } from './instant-query.ts'

/** What a rule's query says now: of the installed rule as it is, of one that is not installed as it would be. */
export function makeValueQuery(
  rule: AlertRule,
  stored: StoredRule | undefined,
  source: { uid: string; jobs: JobNames } | undefined,
): InstantQuery | undefined {
  const own = stored && valueQuery(stored)
  if (own) return { refId: rule.id, ...own }
  if (stored || !source) return undefined
  return { refId: rule.id, datasourceUid: source.uid, expression: resolveRule(rule, { jobs: source.jobs }).expression }
}

/** The value nearest to firing, of all series; undefined where there is none. */
export function worstValue({ fires }: AlertRule, answer: InstantAnswer | undefined): number | undefined {
  const values = answer && 'samples' in answer ? answer.samples.map(({ value }) => value) : []
  if (values.length === 0) return undefined
  return fires === 'above' ? Math.max(...values) : Math.min(...values)
}

/** In the rule's unit, with at most three digits that say something. */
export function formatValue({ unit }: AlertRule, value: number): string {
  return formatThreshold(unit, Number(value.toPrecision(3)))
}
