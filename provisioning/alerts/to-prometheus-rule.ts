import type { AlertRule, RuleSettings } from './alert-rule.ts'
import { summaryTemplate } from './fill-sentence.ts'
import { resolveRule } from './resolve-rule.ts'

/** An alerting rule as a rules file of Prometheus has it. */
export interface PrometheusRule {
  alert: string
  expr: string
  for: string
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** `redis-memory` → `AIWatchRedisMemory`. */
export function alertName(id: string): string {
  return `AIWatch${id.replace(/(^|-)(.)/g, (_, _hyphen, letter: string) => letter.toUpperCase())}`
}

export function toPrometheusRule(rule: AlertRule, settings: RuleSettings = {}): PrometheusRule {
  const { condition, threshold, forSeconds, labels } = resolveRule(rule, settings)
  return {
    alert: alertName(rule.id),
    expr: condition,
    for: `${forSeconds}s`,
    labels,
    annotations: {
      summary: summaryTemplate(rule, { threshold, value: '$value' }),
      description: rule.description,
      action: rule.action,
    },
  }
}
