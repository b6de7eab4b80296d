/** The sampled metrics, `metrics:…`: one value per 30 s slot, kept by the sampler. */
import { parseSeedMetricKey, SEED_METRICS, type SeedMetric, type StoreReader } from '@aiwatch/store'
import { unknownKey } from '../../errors.ts'
import { aggregateSamples } from './aggregate-samples.ts'
import type { DataPoint, Sample } from './data-point.ts'
import type { Level } from './levels.ts'
import { bucketsOf, type Estimate, makeNotes, planRange } from './planned-query.ts'
import { bucketingOf, type SeriesSource } from './series-source.ts'

const PREFIX = 'metrics:'
/** The default tenant's names are those that all tenants may use over HTTP: a caller has one tenant. */
const DEFAULT_TENANT = 'default'

export const SEED_KEYS: readonly string[] = SEED_METRICS.map((metric) => PREFIX + metric.name)

export function isSeedKey(tenant: string, key: string): boolean {
  return key.startsWith(PREFIX) || key.startsWith(`{${tenant}}:${PREFIX}`)
}

function findSeed(tenant: string, key: string): SeedMetric {
  const seed = parseSeedMetricKey(tenant, key) ?? parseSeedMetricKey(DEFAULT_TENANT, key)
  if (!seed) throw unknownKey(key, `the sampled metrics are ${SEED_KEYS.join(', ')}`)
  return seed
}

/** Percentiles are sampled from sketches. Whether a sampled rate holds estimated tokens is not kept. */
function estimateOf(name: string): Estimate {
  if (name.startsWith('response_time:')) return 'sketch'
  return name.startsWith('tokens:') ? undefined : false
}

const toSample = ({ timestampMs, value }: { timestampMs: number; value: number }): Sample => ({ timestamp: timestampMs, value })

/** Throws an `unknown_key` error when there is no such metric. */
export function openSeedSeries(reader: StoreReader, key: string): SeriesSource {
  const { name, unit, slotSeconds, keepSeconds } = findSeed(reader.tenant, key)
  const labels = () => ({ tenant: reader.tenant, metric: name, unit })
  const level: Level = { name: undefined, stepMs: slotSeconds * 1000, keepMs: keepSeconds * 1000, settleMs: 0 }
  return {
    labels,
    plan(query, limits) {
      const plan = planRange(query, limits, { levels: [level], addsUp: false, anyBucket: true })
      return {
        buckets: bucketsOf(plan, limits),
        async read() {
          const parts = await Promise.all(plan.stretches.map(({ fromMs, toMs }) => reader.samples(name, fromMs, toMs - 1)))
          const data: DataPoint[] = aggregateSamples(parts.flat().map(toSample), { ...bucketingOf(query), aggregation: query.aggregation })
          return { key, ...makeNotes({ query, plan, unit, estimate: estimateOf(name) }), data, labels: labels() }
        },
      }
    },
    async latest() {
      const sample = await reader.latestSample(name)
      return sample ? { point: toSample(sample), labels: labels() } : undefined
    },
  }
}
