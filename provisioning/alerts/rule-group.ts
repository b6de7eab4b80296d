/** Where rules lie in Grafana and Prometheus. The same wherever they are installed from, so that none is there twice. */
import type { AlertRule } from './alert-rule.ts'

/** Title of the folder of Grafana. */
export const RULE_FOLDER = 'AIWatch'

/** Rules of an area are one group: evaluated together, in order. */
export function ruleGroupName({ area }: AlertRule): string {
  return `aiwatch-${area}`
}
