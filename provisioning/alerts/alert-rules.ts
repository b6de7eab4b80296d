import type { AlertRule } from './alert-rule.ts'
import { COLLECTOR_RULES } from './rules/collector-rules.ts'
import { MACHINE_RULES } from './rules/machine-rules.ts'
import { REDIS_RULES } from './rules/redis-rules.ts'
import { USAGE_RULES } from './rules/usage-rules.ts'

/** Every alert rule of AIWatch. */
export const ALERT_RULES: readonly AlertRule[] = [...USAGE_RULES, ...REDIS_RULES, ...COLLECTOR_RULES, ...MACHINE_RULES]

export function findAlertRule(id: string): AlertRule | undefined {
  return ALERT_RULES.find((rule) => rule.id === id)
}
