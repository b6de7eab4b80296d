/**
 * A strict reader of Prometheus' text format 0.0.4: it throws where a scraper would refuse or silently misread.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export interface ParsedSample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface ParsedFamily {
  help: string
  type: string
  samples: ParsedSample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"/
const VALUE = /^[ ]([+-]?Inf|NaN|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/
const UNESCAPED: Record<string, string> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }

function parseSample(line: string): ParsedSample {
  const name = NAME.exec(line)?.[0]
  if (!name) throw new Error(`no metric name: ${line}`)
  let rest = line.slice(name.length)
  const labels: Record<string, string> = {}
  if (rest.startsWith('{')) {
    rest = rest.slice(1)
    while (!rest.startsWith('}')) {
      const match = LABEL.exec(rest)
      if (!match) throw new Error(`bad label at ${rest.slice(0, 60)} in ${line}`)
      const [whole, label, text] = match as unknown as [string, string, string]
      if (Object.hasOwn(labels, label)) throw new Error(`label ${label} twice in ${line}`)
      labels[label] = text.replace(/\\[\\"n]/g, (pair) => UNESCAPED[pair] as string)
      rest = rest.slice(whole.length)
      if (rest.startsWith(',')) rest = rest.slice(1)
      else if (!rest.startsWith('}')) throw new Error(`no comma after ${label} in ${line}`)
    }
    rest = rest.slice(1)
  }
  const value = VALUE.exec(rest)?.[1]
  if (value === undefined) throw new Error(`bad value ${JSON.stringify(rest)} in ${line}`)
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function belongsTo(sample: string, family: string, type: string): boolean {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].some((suffix) => sample === family + suffix)
  return sample === family
}

function assertHistogram(name: string, samples: readonly ParsedSample[]): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels))
  for (const [labels, own] of series) {
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`)
    const counts = buckets.map((sample) => sample.value)
    const bounds = buckets.map((sample) => Number(sample.labels['le']?.replace('Inf', 'Infinity')))
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name}${labels} has no +Inf bucket`)
    if (bounds.some((bound, index) => index > 0 && !(bound > (bounds[index - 1] as number))))
      throw new Error(`${name}${labels}: bounds do not rise`)
    if (counts.some((count, index) => index > 0 && count < (counts[index - 1] as number)))
      throw new Error(`${name}${labels}: buckets are not cumulative`)
    const count = own.filter((sample) => sample.name === `${name}_count`)
    if (count.length !== 1 || count[0]?.value !== counts.at(-1)) throw new Error(`${name}${labels}: _count is not the +Inf bucket`)
    if (own.filter((sample) => sample.name === `${name}_sum`).length !== 1) throw new Error(`${name}${labels} has no _sum`)
  }
}

export function parseExposition(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line must end with a line feed')
  const families = new Map<string, ParsedFamily>()
  const seen = new Set<string>()
  let current: [name: string, family: ParsedFamily] | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const help = /^# HELP (\S+) (.*)$/.exec(line)
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line)
    if (help) {
      const name = help[1] as string
      if (families.has(name)) throw new Error(`family ${name} twice`)
      current = [name, { help: help[2] as string, type: '', samples: [] }]
      families.set(...current)
    } else if (type) {
      if (!current || current[0] !== type[1] || current[1].samples.length > 0) throw new Error(`TYPE out of place: ${line}`)
      current[1].type = type[2] as string
    } else if (line.startsWith('#')) {
      throw new Error(`unexpected comment: ${line}`)
    } else {
      const sample = parseSample(line)
      if (!current || !belongsTo(sample.name, current[0], current[1].type)) throw new Error(`${sample.name} outside its family: ${line}`)
      const identity = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`
      if (seen.has(identity)) throw new Error(`series twice: ${line}`)
      seen.add(identity)
      current[1].samples.push(sample)
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') assertHistogram(name, family.samples)
  return families
}
