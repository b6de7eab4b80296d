/** Whether an installed rule is still that of the table, and how it becomes so again. What its owner set stays: threshold, duration, contact point. */
import { type AlertRule, toGrafanaRule } from '@aiwatch/provisioning/alerts'
import type { StoredRule } from './grafana-shapes.ts'
import { readSettings, valueQuery } from './installed-rule.ts'
import { jobNamesOf, type PrometheusSource } from './prometheus-source.ts'

/** What of a rule can differ from the table. */
export type RulePart = 'title' | 'query' | 'states' | 'labels' | 'texts'

/** What the table says of a rule, with the threshold and the duration that are installed. */
function definitionFor(rule: AlertRule, stored: StoredRule, source: PrometheusSource) {
  const { threshold = rule.threshold, forSeconds } = readSettings(stored)
  const wanted = toGrafanaRule(rule, { datasourceUid: source.uid, jobs: jobNamesOf(source), threshold, forSeconds })
  const { title, condition, data, noDataState, execErrState, labels, annotations } = wanted
  return { title, condition, data, noDataState, execErrState, labels, annotations }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Whether `stored` says what `wanted` does. Grafana adds fields of its own, and owners add labels and texts. */
function says(stored: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(stored) && stored.length === wanted.length && wanted.every((one, index) => says(stored[index], one))
  }
  if (isObject(wanted)) return isObject(stored) && Object.entries(wanted).every(([name, value]) => says(stored[name], value))
  return stored === wanted
}

/** The one that the rule asks; for a rule that asks none any more, the one that is chosen. */
export function sourceOf(
  stored: StoredRule,
  { sources, source }: { sources: readonly PrometheusSource[]; source: PrometheusSource | undefined },
): PrometheusSource | undefined {
  const asked = valueQuery(stored)
  return asked ? sources.find(({ uid }) => uid === asked.datasourceUid) : source
}

/** In which parts the rule differs from the table. None where that cannot be known: its Prometheus does not say by which job it scrapes. */
export function findDifferences(rule: AlertRule, stored: StoredRule, source: PrometheusSource | undefined): RulePart[] {
  if (!source || source.jobs[rule.needs].length === 0) return []
  const { title, condition, data, noDataState, execErrState, labels, annotations } = definitionFor(rule, stored, source)
  const parts: Record<RulePart, object> = {
    title: { title },
    query: { condition, data },
    states: { noDataState, execErrState },
    labels: { labels },
    texts: { annotations },
  }
  return (Object.keys(parts) as RulePart[]).filter((part) => !says(stored, parts[part]))
}

/** The whole rule as Grafana wants it back. Labels and texts that the table does not know stay. */
export function updateInstalledRule(rule: AlertRule, stored: StoredRule, source: PrometheusSource): StoredRule {
  const definition = definitionFor(rule, stored, source)
  return {
    ...stored,
    ...definition,
    labels: { ...stored.labels, ...definition.labels },
    annotations: { ...stored.annotations, ...definition.annotations },
  }
}
