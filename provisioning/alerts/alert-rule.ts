/**
 * What an alert rule is. Nothing here needs Node or a server: the files of Prometheus and Grafana are generated from it, and a page can
 * import it.
 */

/** What a rule needs to be scraped. `collector`: its own `/metrics`. */
export type Exporter = 'collector' | 'redis_exporter' | 'node_exporter'

/** `state`: 1 is well, 0 is not. `share`: 0 to 1. */
export type Unit = 'share' | 'seconds' | 'usd_per_hour' | 'users' | 'calls' | 'keys' | 'state'

export type Severity = 'info' | 'warning' | 'critical'

/** Names of the scrape jobs of Prometheus. */
export interface JobNames {
  collector: string
  redisExporter: string
  nodeExporter: string
}

export const DEFAULT_JOBS: JobNames = { collector: 'aiwatch', redisExporter: 'aiwatch-redis', nodeExporter: 'aiwatch-node' }

/** What an expression is made for. */
export interface ExpressionSettings {
  /** Length of the window that rates and increases look at, as PromQL writes it, such as `10m`. */
  window: string
  /** A matcher of the job that the rule's exporter is scraped by, such as `job="aiwatch"`. */
  job: string
}

export interface AlertRule {
  /** Lower case with hyphens, at most 32 characters. Stable: it is part of what is installed. */
  id: string
  title: string
  /** What it looks at and why, with the limits of what it can see. */
  description: string
  needs: Exporter
  unit: Unit
  /** The rule fires when the value is past the threshold on this side. */
  fires: 'above' | 'below'
  /** Default, in the rule's unit. */
  threshold: number
  /** Seconds; 0 where the expression looks at no window. */
  windowSeconds: number
  /** Seconds for which the value must stay past the threshold. */
  forSeconds: number
  severity: Severity
  area: 'usage' | 'redis' | 'collector' | 'machine'
  /** The value that is compared with the threshold, one series for each that may fire; without any series the rule cannot fire. */
  expression(settings: ExpressionSettings): string
  /** One sentence. `{value}`, `{threshold}` and `{name}` of a label of the expression's result are replaced. */
  summary: string
  /** What to do. */
  action: string
}

/** What may differ from the table where a rule is installed. */
export interface RuleSettings {
  threshold?: number
  windowSeconds?: number
  forSeconds?: number
  jobs?: JobNames
}
