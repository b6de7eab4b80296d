/** Series of a cell: `<metric>[:<direction or outcome>]:<app>:<provider>:<model>`, sums per bucket in three tiers. */
import { type Cell, metricOfCode, type ParsedSeriesName, type StoreReader, TIERS, type Tier } from '@aiwatch/store'
import { aggregateSamples } from './aggregate-samples.ts'
import { isAdditive } from './aggregations.ts'
import { assertCellKnown, parseCellKey } from './cell-key.ts'
import { estimateCodes } from './cell-metrics.ts'
import { TIER_LEVELS } from './levels.ts'
import type { StretchPlan } from './plan-stretches.ts'
import { bucketsOf, type Labels, makeNotes, planRange } from './planned-query.ts'
import { readSamples, readWhetherAny } from './read-stored.ts'
import type { KeyQuery } from './series-query.ts'
import { bucketingOf, type SeriesSource } from './series-source.ts'

function unitOfSeries({ code }: ParsedSeriesName): string {
  return metricOfCode(code)?.metric.unit ?? ''
}

function labelsOf(series: ParsedSeriesName, tenant: string, tier?: string): Labels {
  const { metric, split, code, cell } = series
  const labels: Labels = {
    tenant,
    ...(tier === undefined ? {} : { tier }),
    metric,
    app: cell.app,
    provider: cell.provider,
    model: cell.model,
  }
  const catalogued = metricOfCode(code)?.metric
  if (catalogued?.split && split !== undefined) labels[catalogued.split.label] = split
  labels['unit'] = unitOfSeries(series)
  return labels
}

/** How far back the newest value is looked for, per tier, in buckets. */
const LATEST_BUCKETS: readonly [Tier, number][] = [
  ['10s', 60],
  ['1m', 180],
  ['1h', 168],
]

async function readEstimated(reader: StoreReader, { metric, split, cell }: ParsedSeriesName, plan: StretchPlan<Tier>) {
  const codes = estimateCodes(metric, split === undefined ? [] : [split])
  return codes && (await readWhetherAny(reader, plan.stretches, codes, new Set([cell.id])))
}

/** Throws an `unknown_key` error for a name that no series can have. */
export function openCellSeries(reader: StoreReader, key: string, nowMs: number): SeriesSource {
  const series = parseCellKey(key)
  const { cell, code } = series
  const cells = new Set([cell.id])
  const unit = unitOfSeries(series)
  const assertKnown = (known: Map<string, Cell>) => assertCellKnown(key, cell, known)

  const read = async (query: KeyQuery, plan: StretchPlan<Tier>) => {
    const [known, samples, estimate] = await Promise.all([
      reader.cells(),
      readSamples(reader, plan.stretches, [code], cells),
      readEstimated(reader, series, plan),
    ])
    assertKnown(known)
    const data = aggregateSamples(samples.get(cell.id) ?? [], { ...bucketingOf(query), aggregation: query.aggregation })
    const labels = labelsOf(series, reader.tenant, plan.coarsest.name)
    return { key, ...makeNotes({ query, plan, unit, estimate }), data, labels }
  }

  return {
    labels: () => labelsOf(series, reader.tenant),
    plan(query, limits) {
      const plan = planRange(query, limits, { levels: TIER_LEVELS, addsUp: isAdditive(query.aggregation) })
      return { buckets: bucketsOf(plan, limits), read: () => read(query, plan) }
    },
    async latest() {
      const nowSeconds = nowMs / 1000
      const [known, ...found] = await Promise.all([
        reader.cells(),
        ...LATEST_BUCKETS.map(([tier, count]) =>
          reader.metric(tier, [code], nowSeconds - count * TIERS[tier].seconds, nowSeconds + 1, cells),
        ),
      ])
      assertKnown(known)
      const index = found.findIndex((rows) => rows.length > 0)
      const newest = found[index]?.[0]?.samples.at(-1)
      if (!newest) return undefined
      const point = { timestamp: newest.start * 1000, value: newest.value }
      return { point, labels: labelsOf(series, reader.tenant, LATEST_BUCKETS[index]?.[0]) }
    },
  }
}
