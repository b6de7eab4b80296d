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

/** The families in the text format, with the metrics of this process's registry. */
export async function renderFamilies(families: readonly Family[], processRegistry: Registry): Promise<string> {
  const registry = new Registry()
  for (const family of families) {
    // All that a registry asks of a metric when it prints it is a name and `get`.
    const metric = { name: family.name, get: async () => ({ ...family, aggregator: 'first' }) }
    registry.registerMetric(metric as unknown as Metric)
  }
  return Registry.merge([registry, processRegistry]).metrics()
}
