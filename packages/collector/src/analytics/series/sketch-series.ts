/** Percentiles of a cell's latencies, from its sketches. */
import type { StoreReader } from '@aiwatch/store'
import type { Percentile } from './aggregations.ts'
import { assertCellKnown, parseCellKey } from './cell-key.ts'
import { SKETCH_UNIT, sketchOf } from './cell-metrics.ts'
import { CELL_SKETCH_LEVELS } from './levels.ts'
import { percentilesOf } from './percentiles-of.ts'
import { bucketsOf, makeNotes, type PlannedQuery, planRange } from './planned-query.ts'
import { readSketches } from './read-stored.ts'
import type { KeyQuery, QueryLimits } from './series-query.ts'
import { bucketingOf, type SeriesAnswer } from './series-source.ts'

/** Undefined when the key's metric has no sketches. Throws what can be said against the query without Redis. */
export function planSketchSeries(
  reader: StoreReader,
  query: KeyQuery & { aggregation: Percentile },
  limits: QueryLimits,
): PlannedQuery<SeriesAnswer> | undefined {
  const { key, aggregation } = query
  const { metric, cell } = parseCellKey(key)
  const kind = sketchOf(metric)
  if (!kind) return undefined
  const plan = planRange(query, limits, { levels: CELL_SKETCH_LEVELS, addsUp: true })
  const { app, provider, model } = cell
  return {
    buckets: bucketsOf(plan, limits),
    async read() {
      const [known, sketches] = await Promise.all([reader.cells(), readSketches(reader, plan.stretches, kind, new Set([cell.id]))])
      assertCellKnown(key, cell, known)
      const labels = { tenant: reader.tenant, tier: String(plan.coarsest.name), metric, app, provider, model, unit: SKETCH_UNIT }
      const data = percentilesOf(sketches, { ...bucketingOf(query), aggregation })
      return { key, ...makeNotes({ query, plan, unit: SKETCH_UNIT, estimate: 'sketch' }), data, labels }
    },
  }
}
