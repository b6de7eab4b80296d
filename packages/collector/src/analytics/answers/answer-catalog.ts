/** `GET /v1/catalog`: what can be asked for. */
import { METRICS, type Metric, SEED_METRICS, type StoreReader, TIERS } from '@aiwatch/store'
import type { Catalog } from '../../contract/index.ts'

const DAY_SECONDS = 86_400
const TAGS = 1000
const SUMS = [
  'sum',
  'rate',
  'avg',
  'min',
  'max',
  'count',
  'first',
  'last',
  'range',
  'std.p',
  'std.s',
  'var.p',
  'var.s',
  'p50',
  'p90',
  'p95',
  'p99',
]
const SAMPLED = [
  'last',
  'avg',
  'min',
  'max',
  'sum',
  'count',
  'first',
  'range',
  'std.p',
  'std.s',
  'var.p',
  'var.s',
  'p50',
  'p90',
  'p95',
  'p99',
]
const WITH_SKETCH: readonly string[] = ['duration_ms', 'first_token_ms']

const sorted = (names: Iterable<string>) => [...new Set(names)].sort((a, b) => a.localeCompare(b))

function describeMetrics(): Catalog['metrics'] {
  const sums = (METRICS as readonly Metric[]).map(({ name, unit, description, split }): Catalog['metrics'][number] => ({
    name,
    unit,
    description,
    labels: ['app', 'provider', 'model', ...(split ? [split.label] : [])],
    label_values: split ? { [split.label]: [...split.values] } : {},
    aggregations: SUMS,
    kind: 'sum',
    has_percentiles: WITH_SKETCH.includes(name),
  }))
  const sampled = SEED_METRICS.map(({ name, unit, description }): Catalog['metrics'][number] => ({
    name: `metrics:${name}`,
    unit,
    description,
    labels: [],
    label_values: {},
    aggregations: SAMPLED,
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
