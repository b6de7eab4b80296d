/** Questions by labels: every series of a metric that a filter admits, each apart, in groups, or the top few. */
import type { Metric, SketchCounters, SketchKind, StoreReader, Tier } from '@aiwatch/store'
import { codesOf } from '@aiwatch/store'
import { invalid, shorten } from '../../errors.ts'
import { type Aggregation, isAdditive, isPercentile } from './aggregations.ts'
import { estimateCodes, findMetric, METRIC_NAMES, SKETCH_ONLY, SKETCH_UNIT, sketchOf } from './cell-metrics.ts'
import { type Combine, combineSamples, combineSketches } from './combine-members.ts'
import { knownCells } from './known-cells.ts'
import { type LabelAnswer, toLabelAnswer } from './label-answer.ts'
import { assertLabel, type SeriesFilter, toFilter } from './label-filter.ts'
import { CELL_SKETCH_LEVELS, type CellSketchLevel, TIER_LEVELS } from './levels.ts'
import type { StretchPlan } from './plan-stretches.ts'
import { bucketsOf, type Estimate, makeNotes, type PlannedQuery, planRange } from './planned-query.ts'
import { admittedIds, type CellReading, readMembers } from './read-members.ts'
import { type CellIds, readCellSketches, readSamples, readSketches, readWhetherAny } from './read-stored.ts'
import type { LabelQuery, QueryLimits } from './series-query.ts'

interface Asked {
  reader: StoreReader
  query: LabelQuery
  limits: QueryLimits
  metric: Metric | undefined
  filter: SeriesFilter
  /** Cells that the filter admits among those known. */
  cellCount: number
}

/** For each bucket that may be read, this many values of single series may be in them: memory, not Redis, is the bound here. */
const VALUES_PER_BUCKET = 20

function findAsked(name: string, aggregation: Aggregation | undefined): Metric | undefined {
  if (!METRIC_NAMES.includes(name)) {
    throw invalid('metric', `metric ${JSON.stringify(shorten(name, 80))} does not exist; there are ${METRIC_NAMES.join(', ')}`)
  }
  if (name === SKETCH_ONLY && !isPercentile(aggregation)) throw sketchOnly()
  return findMetric(name)
}

export function sketchOnly(): Error {
  return invalid('aggregation', `aggregation must be one of p50, p90, p95, p99: ${SKETCH_ONLY} is kept for percentiles only`)
}

function assertValues({ limits, cellCount, filter }: Asked, steps: number): void {
  const series = cellCount * filter.splits.length
  const most = limits.maxBuckets * VALUES_PER_BUCKET
  if (series * steps <= most) return
  throw invalid(
    'filter',
    `${series} series match, of ${steps} stored buckets each; at most ${most} values are read: narrow the filter or move start_time`,
  )
}

/** Sketches of all calls are kept beside those of the cells: where nothing is told apart, they are what is asked for. */
function sketchReading(
  { reader, query, filter }: Asked,
  kind: SketchKind,
  plan: StretchPlan<CellSketchLevel>,
): CellReading<SketchCounters> {
  if (!filter.admits && query.groupBy?.length === 0) {
    return { labels: {}, read: async () => new Map([['', await readSketches(reader, plan.stretches, kind, undefined)]]) }
  }
  return { labels: {}, read: (cells) => readCellSketches(reader, plan.stretches, kind, cells as CellIds) }
}

function planSketches(asked: Asked, kind: SketchKind, combine: Combine<SketchCounters>): PlannedQuery<LabelAnswer> {
  const { reader, query, limits, filter, cellCount } = asked
  if (query.reduce !== undefined) {
    throw invalid(
      'reduce',
      `reduce does not go with ${query.aggregation} of ${query.metric}: the percentile of a group is that of all its calls`,
    )
  }
  const plan = planRange(query, limits, { levels: CELL_SKETCH_LEVELS, addsUp: true })
  const readsAll = !filter.admits && query.groupBy?.length === 0
  const readings = [sketchReading(asked, kind, plan)]
  return {
    buckets: bucketsOf(plan, limits) * (readsAll ? 1 : Math.max(1, cellCount)),
    async read() {
      const members = await readMembers({ reader, admits: filter.admits, readings, readsAll })
      return toLabelAnswer({ query, limits, notes: makeNotes({ query, plan, unit: SKETCH_UNIT, estimate: 'sketch' }), members, combine })
    },
  }
}

/** One reading per value of the split, so that each series is aggregated by itself; all in one where that makes no difference. */
function sampleReadings({ reader, query, metric, filter }: Asked, plan: StretchPlan<Tier>): CellReading<number>[] {
  const { groupBy, reduce = 'sum', aggregation } = query
  const label = metric?.split?.label
  const codesOfSplit = (split: string) => codesOf(query.metric, split === '' ? undefined : split)
  const linear = aggregation === undefined || isAdditive(aggregation) || isPercentile(aggregation)
  if (groupBy && !(label && groupBy.includes(label)) && reduce === 'sum' && linear) {
    const codes = filter.splits.flatMap(codesOfSplit)
    return codes.length === 0 ? [] : [{ labels: {}, read: (cells) => readSamples(reader, plan.stretches, codes, cells) }]
  }
  return filter.splits.map((split) => ({
    labels: label ? { [label]: split } : {},
    read: (cells) => readSamples(reader, plan.stretches, codesOfSplit(split), cells),
  }))
}

function readEstimate({ reader, query, filter }: Asked, plan: StretchPlan<Tier>): Promise<Estimate> | Estimate {
  const codes = estimateCodes(query.metric, filter.splits)
  const cells = filter.admits && admittedIds(knownCells(reader).values(), filter.admits)
  return codes && readWhetherAny(reader, plan.stretches, codes, cells)
}

function planSamples(asked: Asked): PlannedQuery<LabelAnswer> {
  const { reader, query, limits, metric, filter } = asked
  const plan = planRange(query, limits, { levels: TIER_LEVELS, addsUp: isAdditive(query.aggregation) })
  const buckets = bucketsOf(plan, limits)
  assertValues(asked, buckets)
  const readings = sampleReadings(asked, plan)
  return {
    buckets,
    async read() {
      const [members, estimate] = await Promise.all([
        readMembers({ reader, admits: filter.admits, readings, readsAll: true }),
        readEstimate(asked, plan),
      ])
      const notes = makeNotes({ query, plan, unit: metric?.unit ?? '', estimate })
      return toLabelAnswer({ query, limits, notes, members, combine: combineSamples(query) })
    },
  }
}

/** Throws what can be said against the query without Redis. The names of cells must have been learned. */
export function planLabelQuery(reader: StoreReader, query: LabelQuery, limits: QueryLimits): PlannedQuery<LabelAnswer> {
  const { aggregation } = query
  const metric = findAsked(query.metric, aggregation)
  const filter = toFilter({ matchers: query.matchers, metric, metricName: query.metric, tenant: reader.tenant })
  for (const [index, label] of (query.groupBy ?? []).entries()) assertLabel(label, metric, query.metric, `group_by.${index}`)
  const cellCount = admittedIds(knownCells(reader).values(), filter.admits).size
  const asked = { reader, query, limits, metric, filter, cellCount }
  const kind = isPercentile(aggregation) ? sketchOf(query.metric) : undefined
  if (kind && isPercentile(aggregation)) return planSketches(asked, kind, combineSketches(query, aggregation))
  return planSamples(asked)
}
