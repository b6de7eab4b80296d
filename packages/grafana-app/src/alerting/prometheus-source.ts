/** Which Prometheus scrapes the collector, and by which jobs. */
import { DEFAULT_JOBS, type Exporter, type JobNames } from '@aiwatch/provisioning/alerts'
import type { InstantAnswer, InstantQuery } from './instant-query.ts'

/** Types of data sources that speak PromQL and that Grafana can alert on. */
const PROMETHEUS_TYPES = new Set(['prometheus', 'grafana-amazonprometheus-datasource', 'grafana-azureprometheus-datasource'])

export const isPrometheus = ({ type }: { type: string }) => PROMETHEUS_TYPES.has(type)

/** A metric that only this exporter has. */
const PROBES: Record<Exporter, string> = {
  collector: 'token_analytics_redis_up',
  redis_exporter: 'redis_evicted_keys_total',
  node_exporter: 'node_cpu_seconds_total',
}

const JOB_OF: Record<Exporter, keyof JobNames> = {
  collector: 'collector',
  redis_exporter: 'redisExporter',
  node_exporter: 'nodeExporter',
}

export const EXPORTERS = Object.keys(PROBES) as Exporter[]

export interface PrometheusSource {
  uid: string
  name: string
  /** Jobs by which each is scraped; empty: it is not. */
  jobs: Record<Exporter, string[]>
  /** What Prometheus or Grafana answered instead. */
  failure?: string
}

const refIdOf = (uid: string, exporter: Exporter) => `${uid}/${exporter}`

export function probeQueries(uid: string): InstantQuery[] {
  return EXPORTERS.map((exporter) => ({
    refId: refIdOf(uid, exporter),
    datasourceUid: uid,
    expression: `count by (job) (${PROBES[exporter]})`,
  }))
}

export function readProbes({ uid, name }: { uid: string; name: string }, answers: Map<string, InstantAnswer>): PrometheusSource {
  const jobs: PrometheusSource['jobs'] = { collector: [], redis_exporter: [], node_exporter: [] }
  let failure: string | undefined
  for (const exporter of EXPORTERS) {
    const answer = answers.get(refIdOf(uid, exporter))
    if (answer && 'samples' in answer) jobs[exporter] = answer.samples.map(({ labels }) => labels['job'] ?? '').sort()
    else failure ??= answer?.failure
  }
  return { uid, name, jobs, ...(failure === undefined ? {} : { failure }) }
}

/** One that scrapes the collector; of several the one with most exporters, then the first. */
export function chooseSource(sources: readonly PrometheusSource[]): PrometheusSource | undefined {
  const parts = ({ jobs }: PrometheusSource) => EXPORTERS.filter((exporter) => jobs[exporter].length > 0).length
  return sources.filter(({ jobs }) => jobs.collector.length > 0).sort((one, other) => parts(other) - parts(one))[0]
}

/** Names for the rules: AIWatch's own where it is among those found or none is, else the first that was found. */
export function jobNamesOf({ jobs }: Pick<PrometheusSource, 'jobs'>): JobNames {
  const names = { ...DEFAULT_JOBS }
  for (const exporter of EXPORTERS) {
    const key = JOB_OF[exporter]
    const [first] = jobs[exporter]
    if (first !== undefined && !jobs[exporter].includes(names[key])) names[key] = first
  }
  return names
}
