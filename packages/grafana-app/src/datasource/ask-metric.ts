/** A question of kind `metric`: series of the catalogue. */
import type { Catalog, QueryReply } from '@aiwatch/collector/contract'
import type { ScopedVars } from '@grafana/data'
import type { Question } from '../data/answer-client.ts'
import { parseDuration } from '../data/duration.ts'
import { type Column, type Frame, UNIT } from '../data/frames/frame.ts'
import { cellFrames } from '../data/frames/heatmap-cells.ts'
import { t } from '../t.ts'
import type { AskedRange, PanelRange } from './asked-range.ts'
import { expandNames, type Replace } from './interpolate.ts'
import type { LabelFilter, MetricQuery } from './query.ts'
import type { QueryFault } from './query-fault.ts'

export const DEFAULT_LIMIT = 20
/** What the collector takes. */
const MAX_LIMIT = 1000
/** The finest tier; the collector takes no shorter buckets of percentiles than a minute. */
const LEAST_STEP_MS = 10_000
const LEAST_PERCENTILE_STEP_MS = 60_000
const SAMPLE_MS = 30_000
const PERCENTILE = /^p\d+$/
const STEP = /^\d+(ms|s|m|h|d)$/

const isStep = (text: string) => STEP.test(text) || text.includes('$')

const describeStep = (step: string | number) =>
  t('fault.step', 'the step must be a number and ms, s, m, h or d, such as 5m, got {{step}}', { step })

/** What needs no catalogue. */
function findOwnFault({ metric, aggregation, filters = [], step, limit }: MetricQuery): QueryFault | undefined {
  if (!metric) return { field: 'metric', message: t('fault.metric.none', 'choose a metric') }
  if (!aggregation) return { field: 'aggregation', message: t('fault.aggregation.none', 'choose an aggregation') }
  if (step && !isStep(step)) {
    return { field: 'step', message: describeStep(step) }
  }
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT)) {
    return {
      field: 'limit',
      message: t('fault.limit', 'the most series must be a whole number from 1 to {{max}}, got {{limit}}', { max: MAX_LIMIT, limit }),
    }
  }
  const labels = filters.map(({ label }) => label)
  const twice = labels.find((label, index) => labels.indexOf(label) !== index)
  if (twice !== undefined)
    return {
      field: 'filters',
      message: t('fault.filters.twice', '{{label}} is filtered twice: put its names into one filter', { label: twice }),
    }
  return undefined
}

/** Why the query cannot be asked, or undefined. Without a catalogue only what needs none is looked at. */
export function findMetricFault(query: MetricQuery, catalog?: Catalog): QueryFault | undefined {
  const { metric, aggregation, filters = [], groupBy = [] } = query
  const fault = findOwnFault(query)
  if (fault || !catalog) return fault
  const known = catalog.metrics.find(({ name }) => name === metric)
  if (!known)
    return {
      field: 'metric',
      message: t('fault.metric.unknown', 'the collector has no metric {{metric}}', { metric: JSON.stringify(metric) }),
    }
  if (!known.aggregations.includes(aggregation)) {
    const names = known.aggregations.join(', ')
    const message = t('fault.aggregation.unknown', '{{metric}} has no aggregation {{aggregation}}; one of {{names}}', {
      metric,
      aggregation,
      names,
    })
    return { field: 'aggregation', message }
  }
  const findUnknown = (labels: readonly string[]) => labels.find((label) => !known.labels.includes(label))
  const unknown = findUnknown(filters.map(({ label }) => label)) ?? findUnknown(groupBy)
  if (unknown === undefined) return undefined
  const field = filters.some(({ label }) => label === unknown) ? 'filters' : 'groupBy'
  const label = JSON.stringify(unknown)
  const names = known.labels.join(', ')
  const message =
    names === ''
      ? t('fault.label.none', '{{metric}} has no label {{label}}; it has none', { metric, label })
      : t('fault.label.unknown', '{{metric}} has no label {{label}}; it has {{names}}', { metric, label, names })
  return { field, message }
}

export const checkMetricQuery = (query: MetricQuery, catalog?: Catalog): string | undefined => findMetricFault(query, catalog)?.message

/** `intervalMs`: what the panel has room for. */
export function chooseStepMs({ metric, aggregation }: Pick<MetricQuery, 'metric' | 'aggregation'>, intervalMs: number): number {
  const leastMs = PERCENTILE.test(aggregation) ? LEAST_PERCENTILE_STEP_MS : isSampled(metric) ? SAMPLE_MS : LEAST_STEP_MS
  return Math.max(leastMs, Math.ceil(intervalMs / leastMs) * leastMs)
}

/** As the collector reads a filter of one label; undefined where it does not filter. */
function toMatcher({ operator, values }: LabelFilter, expand: (text: string) => string[]): unknown {
  if (operator === 'absent') return null
  if (operator === 'present') return { not: null }
  const names = values.flatMap(expand)
  if (names.length === 0) return undefined
  return operator === '=' ? names : { not: names }
}

function toFilter(filters: readonly LabelFilter[], expand: (text: string) => string[]): Record<string, unknown> {
  const matchers = filters.map((filter) => [filter.label, toMatcher(filter, expand)] as const)
  return Object.fromEntries(matchers.filter(([, matcher]) => matcher !== undefined))
}

interface Asked {
  query: MetricQuery
  range: AskedRange
  intervalMs: number
  replace: Replace
  scopedVars: ScopedVars
}

/** What the collector samples each half minute is one series, asked for by its key. */
const isSampled = (metric: string) => metric.startsWith('metrics:')

interface MetricQuestion extends Question {
  body: { bucket_duration: string | number } & Record<string, unknown>
}

export function metricQuestion({ query, range, intervalMs, replace, scopedVars }: Asked): MetricQuestion {
  const expand = (text: string) => expandNames(text, replace, scopedVars)
  const filter = toFilter(query.filters ?? [], expand)
  const series = {
    metric: query.metric,
    ...(Object.keys(filter).length > 0 ? { filter } : {}),
    group_by: query.groupBy ?? [],
    top_k: { k: query.limit ?? DEFAULT_LIMIT, other: true },
  }
  return {
    path: 'query',
    body: {
      ...(isSampled(query.metric) ? { key: query.metric } : series),
      start_time: range.from,
      end_time: range.to,
      aggregation: query.aggregation,
      bucket_duration: query.step ? (expand(query.step)[0] ?? query.step) : chooseStepMs(query, intervalMs),
    },
  }
}

/** UCUM, as the collector writes units, → Grafana's. */
const UNITS: Record<string, string> = { ms: 'ms', s: 's', By: 'bytes', '1': 'percentunit' }

/** Units of a sum; a rate is per second. Nano-dollars are shown as dollars. */
export function unitOf(unit: string, aggregation: string): { unit: string; factor: number } {
  if (aggregation === 'count') return { unit: UNIT.count, factor: 1 }
  if (unit === 'nUSD' || unit.startsWith('nUSD')) return { unit: UNIT.usd, factor: 1e-9 }
  return { unit: UNITS[unit] ?? UNIT.count, factor: 1 }
}

/** What names series and gives them a unit. */
type Shown = Pick<MetricQuery, 'refId' | 'metric' | 'aggregation' | 'groupBy' | 'legend'>

const nameSeries = (query: Shown, labels: Record<string, string>) => {
  if (query.legend) return query.legend.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, label: string) => labels[label] ?? '')
  const values = Object.entries(labels)
    .filter(([label]) => query.groupBy?.includes(label))
    .map(([, value]) => value)
  return values.length > 0 ? values.join(' · ') : query.metric
}

export function metricFrames(query: Shown, reply: QueryReply): Frame[] {
  const series = 'series' in reply ? reply.series : [{ labels: reply.labels, data: reply.data }]
  const other =
    'series' in reply && reply.other ? [{ labels: { other: 'true' }, data: reply.other.data, name: `other (${reply.other.series})` }] : []
  const { unit, factor } = unitOf(reply.unit, query.aggregation)
  const notices: NonNullable<Frame['meta']>['notices'] = []
  if (reply.partial) notices.push({ severity: 'warning', text: `Kept only since ${new Date(reply.partial.from).toISOString()}.` })
  if (reply.estimated) notices.push({ severity: 'info', text: 'A part of the values is estimated: some providers reported no usage.' })
  return [...series, ...other].map((one) => {
    const displayName = 'name' in one ? one.name : nameSeries(query, one.labels)
    const value: Column = {
      name: query.metric,
      type: 'number',
      config: { displayName, unit },
      labels: one.labels,
      values: one.data.map((point) => (point.value === null ? null : point.value * factor)),
    }
    const time: Column = { name: 'time', type: 'time', config: {}, values: one.data.map(({ timestamp }) => timestamp) }
    return {
      name: displayName,
      refId: query.refId,
      length: one.data.length,
      fields: [time, value],
      meta: { preferredVisualisationType: 'graph', ...(notices.length ? { notices } : {}) },
    }
  })
}

function stepMsOf({ body }: MetricQuestion): number {
  const { bucket_duration: step } = body
  const stepMs = typeof step === 'number' ? step : (parseDuration(step) ?? 0) * 1000
  if (stepMs > 0) return stepMs
  throw new Error(describeStep(step))
}

/** A row a series, in the buckets that were asked for. */
export function heatmapFrames(query: MetricQuery, question: MetricQuestion, range: PanelRange, reply: QueryReply): Frame[] {
  const series = metricFrames(query, reply)
  const rows = series.map(({ name = '', fields: [time, value] }) => ({
    name,
    values: new Map(time?.values.map((at, index) => [Number(at), value?.values[index]])),
  }))
  const first = series[0]
  const config = { displayName: query.metric, unit: first?.fields[1]?.config.unit ?? UNIT.count }
  const frames = cellFrames(rows, { ...range, stepMs: stepMsOf(question) }, { name: query.metric, config })
  const notices = first?.meta?.notices
  return frames.map((frame) => ({ ...frame, refId: query.refId, meta: { ...frame.meta, ...(notices ? { notices } : {}) } }))
}
