/** What becomes of a query when another metric is chosen: it keeps what the new one has as well. */
import type { Catalog } from '@aiwatch/collector/contract'
import type { MetricQuery } from './query.ts'

export function chooseMetric(query: MetricQuery, name: string, catalog: Catalog | undefined): MetricQuery {
  const chosen = catalog?.metrics.find((one) => one.name === name)
  if (!chosen) return { ...query, metric: name }
  const { aggregations, labels } = chosen
  const { aggregation, filters = [], groupBy = [] } = query
  return {
    ...query,
    metric: name,
    aggregation: aggregations.includes(aggregation) ? aggregation : (aggregations[0] ?? 'sum'),
    filters: filters.filter(({ label }) => labels.includes(label)),
    groupBy: groupBy.filter((label) => labels.includes(label)),
  }
}
