import { DEFAULT_JOBS, type JobNames } from './alert-rule.ts'

/** `host:port` of each. */
export interface ScrapeTargets {
  collector: string
  redisExporter: string
  nodeExporter: string
}

export const LOCAL_TARGETS: ScrapeTargets = { collector: '127.0.0.1:8081', redisExporter: '127.0.0.1:9121', nodeExporter: '127.0.0.1:9100' }

/** The section `scrape_configs` of Prometheus, with what the rules need. Default targets: where the programs listen by default, on this machine. */
export function renderScrapeConfigs(targets = LOCAL_TARGETS, jobs: JobNames = DEFAULT_JOBS): string {
  return `scrape_configs:
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
