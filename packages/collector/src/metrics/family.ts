import { type Metric, Registry } from 'prom-client'

export type Labels = Record<string, string | number>

export interface Sample {
  labels?: Labels
  value: number
  /** Only where it differs from the family's: `_bucket`, `_sum` and `_count` of a histogram. */
  metricName?: string
}

/**
 * A metric whose values are read, not counted in this process. prom-client's own classes can only add to what they hold, which
 * would make two collectors say different things.
 */
export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  values: Sample[]
}

export const gauge = (name: string, help: string, values: Sample[]): Family => ({ name, help, type: 'gauge', values })
export const counter = (name: string, help: string, values: Sample[]): Family => ({ name, help, type: 'counter', values })

/** All that a registry asks of a metric when it prints it: a name and `get`. */
function toMetric(family: Family): Metric {
  return { name: family.name, get: async () => ({ ...family, aggregator: 'first' }) } as unknown as Metric
}

/** The metrics of the process itself. Between two scrapes in one instant some are 0 ÷ 0, which prom-client prints as no number. */
async function readFamilies(registry: Registry): Promise<Family[]> {
  const metrics = (await registry.getMetricsAsJSON()) as unknown as Family[]
  return metrics.map((family) => ({ ...family, values: family.values.filter(({ value }) => !Number.isNaN(value)) }))
}

/** The families in the text format, with the metrics of this process's registry. */
export async function renderFamilies(families: readonly Family[], processRegistry: Registry): Promise<string> {
  const registry = new Registry()
  for (const family of [...families, ...(await readFamilies(processRegistry))]) registry.registerMetric(toMetric(family))
  return registry.metrics()
}
