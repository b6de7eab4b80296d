/** How the key of a RedisTimeSeries names what it holds: `<metric>[:<direction or outcome>]:<cell>` at its end. */
import { METRICS, type Metric, metricOfCode } from '../series-catalogue.ts'

const parts = new Map<number, string>()
const codes = new Map<string, number>()
for (const metric of METRICS as readonly Metric[]) {
  for (const [offset, split] of (metric.split?.values ?? [undefined]).entries()) {
    const part = split === undefined ? metric.name : `${metric.name}:${split}`
    parts.set(metric.code + offset, part)
    codes.set(part, metric.code + offset)
  }
}

/** Every code of the catalogue, ascending. */
export const SERIES_CODES: readonly number[] = [...parts.keys()].sort((a, b) => a - b)

/** The part of a key that stands for a code. Throws a RangeError for a code that is not of the catalogue. */
export function seriesPart(code: number): string {
  const part = parts.get(code)
  if (part === undefined) throw new RangeError(`code ${code} is not in the catalogue of series`)
  return part
}

/** The labels that tell the series of a code from the others of its cell. */
export function seriesLabels(code: number): string[] {
  const entry = metricOfCode(code)
  if (!entry) throw new RangeError(`code ${code} is not in the catalogue of series`)
  const { metric, split } = entry
  return ['metric', metric.name, ...(metric.split && split !== undefined ? [metric.split.label, split] : [])]
}

/** Code and cell of a key; undefined when it is not the key of a series of this catalogue. */
export function parseSeriesKey(key: string): { code: number; cell: string } | undefined {
  const end = key.lastIndexOf(':')
  const begin = key.indexOf(':ts:')
  const tierEnd = key.indexOf(':', begin + 4)
  if (begin < 0 || tierEnd < 0 || tierEnd >= end) return undefined
  const code = codes.get(key.slice(tierEnd + 1, end))
  return code === undefined ? undefined : { code, cell: key.slice(end + 1) }
}
