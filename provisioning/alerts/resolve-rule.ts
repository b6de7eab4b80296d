/** A rule with its settings: what both Prometheus and Grafana are given. */
import { type AlertRule, DEFAULT_JOBS, type Exporter, type JobNames, type RuleSettings } from './alert-rule.ts'

const JOB_OF: Record<Exporter, keyof JobNames> = {
  collector: 'collector',
  redis_exporter: 'redisExporter',
  node_exporter: 'nodeExporter',
}

export interface ResolvedRule {
  rule: AlertRule
  threshold: number
  forSeconds: number
  /** The value that is compared. */
  expression: string
  /** The value, where it is past the threshold: what Prometheus fires on. */
  condition: string
  labels: Record<string, string>
}

function quote(text: string): string {
  return JSON.stringify(text)
}

/** Throws a RangeError that names the setting when it cannot be used. */
export function resolveRule(rule: AlertRule, settings: RuleSettings = {}): ResolvedRule {
  const { threshold = rule.threshold, windowSeconds = rule.windowSeconds, forSeconds = rule.forSeconds, jobs = DEFAULT_JOBS } = settings
  if (!Number.isFinite(threshold)) throw new RangeError(`threshold of ${rule.id} must be a number, got ${threshold}`)
  for (const [name, seconds] of Object.entries({ windowSeconds, forSeconds })) {
    if (!Number.isSafeInteger(seconds) || seconds < 0)
      throw new RangeError(`${name} of ${rule.id} must be whole seconds from 0 up, got ${seconds}`)
  }
  if (rule.windowSeconds > 0 && windowSeconds < 1) throw new RangeError(`windowSeconds of ${rule.id} must be at least 1`)
  const job = jobs[JOB_OF[rule.needs]]
  const expression = rule.expression({ window: `${windowSeconds}s`, job: `job=${quote(job)}` })
  return {
    rule,
    threshold,
    forSeconds,
    expression,
    condition: `(${expression}) ${rule.fires === 'above' ? '>' : '<'} ${threshold}`,
    labels: { severity: rule.severity, area: rule.area, aiwatch_rule: rule.id },
  }
}
