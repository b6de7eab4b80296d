import { type JobNames, LOCAL_TARGETS, renderScrapeConfigs, type ScrapeTargets } from '../alerts/index.ts'

export interface PrometheusConfigOptions {
  notice: string
  jobs?: JobNames
  /** `host:port` of each; default: where the programs listen by default, on this machine. */
  targets?: ScrapeTargets & { alertmanager: string }
  /** Default 15. */
  scrapeIntervalSeconds?: number
  /** Default 30. */
  evaluationIntervalSeconds?: number
}

const DEFAULT_TARGETS = { ...LOCAL_TARGETS, alertmanager: '127.0.0.1:9093' }

export function renderPrometheusConfig(options: PrometheusConfigOptions): string {
  const { notice, jobs, targets = DEFAULT_TARGETS, scrapeIntervalSeconds = 15, evaluationIntervalSeconds = 30 } = options
  return `# ${notice}
global:
  scrape_interval: ${scrapeIntervalSeconds}s
  evaluation_interval: ${evaluationIntervalSeconds}s

rule_files:
  - rules/aiwatch.yml

alerting:
  alertmanagers:
    - static_configs:
        - targets: ['${targets.alertmanager}']

${renderScrapeConfigs(targets, jobs)}`
}
