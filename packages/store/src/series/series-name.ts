/** The names by which HTTP callers ask for series: `<metric>[:<direction or outcome>]:<app>:<provider>:<model>`, without tier. */
import type { Cell } from '../batch.ts'
import { toCell } from '../identity.ts'
import { decodeLabel, encodeNamePart } from '../labels.ts'
import { codesOf, METRICS, type Metric } from '../series-catalogue.ts'

export interface SeriesName {
  metric: string
  /** Direction or outcome, where the metric has them. */
  split?: string
  app: string
  provider: string
  model: string
}

export interface ParsedSeriesName extends SeriesName {
  /** The only code of the series. */
  code: number
  cell: Cell
}

const byName: ReadonlyMap<string, Metric> = new Map((METRICS as readonly Metric[]).map((metric) => [metric.name, metric]))

/** The HTTP name of a series. Throws a RangeError that names the part when metric or split are not of the catalogue. */
export function formatSeriesName(name: SeriesName): string {
  const metric = assertMetric(name.metric)
  const cell = toCell(name.app, name.provider, name.model)
  const parts = [cell.app, cell.provider, cell.model].map(encodeNamePart)
  return [metric.name, ...(metric.split ? [assertSplit(metric, name.split)] : []), ...parts].join(':')
}

function assertMetric(name: string): Metric {
  const metric = byName.get(name)
  if (!metric)
    throw new RangeError(`metric ${JSON.stringify(name.slice(0, 80))} does not exist; there are ${[...byName.keys()].join(', ')}`)
  return metric
}

function assertSplit(metric: Metric, split: string | undefined): string {
  const { label, values } = metric.split as NonNullable<Metric['split']>
  if (split === undefined || !values.includes(split)) {
    throw new RangeError(`${label} of ${metric.name} must be one of ${values.join(', ')}, got ${JSON.stringify(split?.slice(0, 80))}`)
  }
  return split
}

/** Undoes `formatSeriesName`; throws a RangeError that says which part is wrong. */
export function parseSeriesName(text: string): ParsedSeriesName {
  const [metricName = '', ...rest] = text.split(':')
  const metric = assertMetric(metricName)
  const expected = metric.split ? [metric.split.label, 'app', 'provider', 'model'] : ['app', 'provider', 'model']
  if (rest.length !== expected.length) {
    throw new RangeError(
      `a series of ${metric.name} is named ${[metric.name, ...expected.map((part) => `<${part}>`)].join(':')}, got ${rest.length + 1} parts`,
    )
  }
  const split = metric.split ? assertSplit(metric, rest[0]) : undefined
  const labels = rest.slice(-3)
  const [app, provider, model] = labels.map((part, i) => decodePart(part, expected.at(i - 3) as string)) as [string, string, string]
  const code = codesOf(metric.name, split)[0] as number
  return { metric: metric.name, ...(split === undefined ? {} : { split }), app, provider, model, code, cell: toCell(app, provider, model) }
}

function decodePart(part: string, name: string): string {
  if (part === '') throw new RangeError(`${name} is empty; a call without one has the name unknown`)
  if (/%(?![0-9A-Fa-f]{2})/.test(part)) throw new RangeError(`${name} has a % that is not followed by two hexadecimal digits`)
  return decodeLabel(part)
}
