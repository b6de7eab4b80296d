/** `GET /v1/catalog`: what can be asked for. */
import { METRICS, type Metric, SEED_METRICS, type StoreReader, TIERS } from '@aiwatch/store'
import type { Catalog } from '../../contract/index.ts'
import { AGGREGATIONS, type Aggregation } from '../series/aggregations.ts'
import { sketchOf } from '../series/cell-metrics.ts'

const DAY_SECONDS = 86_400
const TAGS = 1000
/** The first is what fits most questions: programs that show the list begin with it. */
const startingWith = (...first: readonly Aggregation[]) => [...first, ...AGGREGATIONS.filter((name) => !first.includes(name))]
const OF_SUMS = startingWith('sum', 'rate')
/** A rate of what is no sum means nothing. */
const OF_SAMPLES = startingWith('last').filter((name) => name !== 'rate')

const sorted = (names: Iterable<string>) => [...new Set(names)].sort((a, b) => a.localeCompare(b))

function describeMetrics(): Catalog['metrics'] {
  const sums = (METRICS as readonly Metric[]).map(({ name, unit, description, split }): Catalog['metrics'][number] => ({
    name,
    unit,
    description,
    labels: ['app', 'provider', 'model', ...(split ? [split.label] : [])],
    label_values: split ? { [split.label]: [...split.values] } : {},
    aggregations: OF_SUMS,
    kind: 'sum',
    has_percentiles: sketchOf(name) !== undefined,
  }))
  const sampled = SEED_METRICS.map(({ name, unit, description }): Catalog['metrics'][number] => ({
    name: `metrics:${name}`,
    unit,
    description,
    labels: [],
    label_values: {},
    aggregations: OF_SAMPLES,
    kind: 'sampled',
    has_percentiles: false,
  }))
  return [...sums, ...sampled]
}

export async function answerCatalog(reader: StoreReader, nowMs: number): Promise<Catalog> {
  const now = nowMs / 1000
  const [cells, tags] = await Promise.all([reader.cells(), reader.top('tag_calls', now - DAY_SECONDS, now + 10, TAGS)])
  const names = [...cells.values()]
  return {
    metrics: describeMetrics(),
    apps: sorted(names.map(({ app }) => app)),
    providers: sorted(names.map(({ provider }) => provider)),
    models: sorted(names.map(({ model }) => model)),
    tags: sorted(tags.map(({ member }) => member.slice(0, member.indexOf('=')))),
    tiers: Object.entries(TIERS).map(([tier, { seconds, keepSeconds }]) => ({ tier, step_seconds: seconds, kept_seconds: keepSeconds })),
  }
}
