import { DEFAULT_JOBS, type JobNames } from '../alerts/index.ts'

export interface PrometheusConfigOptions {
  notice: string
  jobs?: JobNames
  /** `host:port` of each; default: where the programs listen by default, on this machine. */
  targets?: { collector: string; redisExporter: string; nodeExporter: string; alertmanager: string }
  /** Default 15. */
  scrapeIntervalSeconds?: number
  /** Default 30. */
  evaluationIntervalSeconds?: number
}

const LOCAL_TARGETS = {
  collector: '127.0.0.1:8081',
  redisExporter: '127.0.0.1:9121',
  nodeExporter: '127.0.0.1:9100',
  alertmanager: '127.0.0.1:9093',
}

export function renderPrometheusConfig(options: PrometheusConfigOptions): string {
  const { notice, jobs = DEFAULT_JOBS, targets = LOCAL_TARGETS, scrapeIntervalSeconds = 15, evaluationIntervalSeconds = 30 } = options
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

scrape_configs:
  # The collector: figures of one tenant, the one of the API key. For several, add a job for each, under a name of its own and with
  # the labels \`job: ${jobs.collector}\` and \`tenant\` in its static_configs; the rules keep tenants apart by the latter.
  - job_name: ${jobs.collector}
    static_configs:
      - targets: ['${targets.collector}']
    # Where API keys are in use (aiwatch keys create --role read):
    # authorization:
    #   credentials_file: /etc/prometheus/aiwatch.key

  # Redis as the server itself tells it: evictions, persistence.
  - job_name: ${jobs.redisExporter}
    static_configs:
      - targets: ['${targets.redisExporter}']

  # The machines that AIWatch and its Redis run on.
  - job_name: ${jobs.nodeExporter}
    static_configs:
      - targets: ['${targets.nodeExporter}']
`
}
