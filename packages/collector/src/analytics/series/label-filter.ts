/** Which series of a metric a query is about. */
import { boundLabel, type Cell, METRICS, type Metric } from '@aiwatch/store'
import { invalid, shorten } from '../../errors.ts'

export interface LabelMatcher {
  label: string
  /** null: the label is absent. */
  values: readonly string[] | null
  /** Everything but these values; with null: the label is there. */
  negated: boolean
  /** The part of the question that it came from. */
  field: string
}

const CELL_LABELS = ['app', 'provider', 'model'] as const
type CellLabel = (typeof CELL_LABELS)[number]
const SPLIT_LABELS: readonly string[] = [...new Set((METRICS as readonly Metric[]).flatMap(({ split }) => split?.label ?? []))]
const LABELS: readonly string[] = [...CELL_LABELS, ...SPLIT_LABELS, 'tenant']

/** A call that named no app, provider or model counts under this name. */
const UNNAMED = 'unknown'

export interface SeriesFilter {
  /** Undefined: every cell. */
  admits: ((cell: Cell) => boolean) | undefined
  /** Values of the metric's direction or outcome; one empty entry for a metric without. */
  splits: readonly string[]
}

const isCellLabel = (label: string): label is CellLabel => (CELL_LABELS as readonly string[]).includes(label)

function describeUnknown(label: string): string {
  if (label === 'metric' || label === 'tier') return `${label} is a field of the query, not a label to filter by`
  return `there is no label ${JSON.stringify(shorten(label, 60))}; there are ${LABELS.join(', ')}`
}

/** Throws an `invalid` error when series of the metric have no such label. */
export function assertLabel(label: string, metric: Metric | undefined, metricName: string, field: string): void {
  if (!LABELS.includes(label)) throw invalid(field, `${field}: ${describeUnknown(label)}`)
  if (!SPLIT_LABELS.includes(label) || metric?.split?.label === label) return
  const own = [...CELL_LABELS, ...(metric?.split ? [metric.split.label] : []), 'tenant']
  throw invalid(field, `${field}: ${metricName} has no label ${label}; its labels are ${own.join(', ')}`)
}

/** A caller has one tenant: a filter may name it, and no other. */
function assertOwnTenant({ values, negated, field }: LabelMatcher, tenant: string): void {
  const isOwn = !negated && values !== null && values.length === 1 && values[0] === tenant
  if (isOwn) return
  if (negated || values === null)
    throw invalid(field, `${field}: this would match series of every tenant; only tenant=${tenant} can be asked`)
  throw invalid(field, `${field}: only the series of tenant ${tenant} can be asked, got ${shorten(values.join(', '), 80)}`)
}

/** Cells that named none are `unknown`, so that absence of a label that every series has means that name. */
function admitsCell({ label, values, negated }: LabelMatcher): (cell: Cell) => boolean {
  const named = new Set((values ?? [UNNAMED]).map(boundLabel))
  return (cell) => named.has(cell[label as CellLabel]) !== negated
}

function assertSplitValues({ values, label, field }: LabelMatcher, known: readonly string[]): void {
  for (const value of values ?? []) {
    if (known.includes(value)) continue
    throw invalid(field, `${field}: ${label} is one of ${known.join(', ')}, got ${JSON.stringify(shorten(value, 60))}`)
  }
}

function filterSplits(matchers: readonly LabelMatcher[], metric: Metric | undefined): readonly string[] {
  const known = metric?.split?.values
  if (!known) return ['']
  return matchers.reduce<readonly string[]>((left, matcher) => {
    assertSplitValues(matcher, known)
    // Every series of the metric has the label: none is without.
    return left.filter((split) => (matcher.values?.includes(split) ?? false) !== matcher.negated)
  }, known)
}

export interface FilterQuestion {
  matchers: readonly LabelMatcher[]
  /** Undefined for a metric that is not in the catalogue. */
  metric: Metric | undefined
  metricName: string
  tenant: string
}

/** Throws an `invalid` error that names the part of the filter which no series of the metric, or not this caller, can have. */
export function toFilter({ matchers, metric, metricName, tenant }: FilterQuestion): SeriesFilter {
  const ofSplit: LabelMatcher[] = []
  const checks: ((cell: Cell) => boolean)[] = []
  for (const matcher of matchers) {
    const { label, field, values, negated } = matcher
    const asksAbsent = values === null && !negated
    // A metric that is not split has no series with the label: all of them are without.
    if (asksAbsent && SPLIT_LABELS.includes(label) && metric?.split?.label !== label) continue
    assertLabel(label, metric, metricName, field)
    if (label === 'tenant') assertOwnTenant(matcher, tenant)
    else if (isCellLabel(label)) checks.push(admitsCell(matcher))
    else ofSplit.push(matcher)
  }
  return {
    admits: checks.length === 0 ? undefined : (cell) => checks.every((check) => check(cell)),
    splits: filterSplits(ofSplit, metric),
  }
}
