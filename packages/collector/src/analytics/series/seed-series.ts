/** The sampled metrics, `metrics:…`: one value per 30 s slot, kept by the sampler. */
import { parseSeedMetricKey, SEED_METRICS, type SeedMetric, type StoreReader } from '@aiwatch/store'
import { unknownKey } from '../../errors.ts'
import type { DataPoint } from './aggregate-samples.ts'
import { countBuckets } from './count-buckets.ts'
import type { Labels, SeriesSource } from './series-source.ts'

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

/** Throws an `unknown_key` error when there is no such metric. */
export function openSeedSeries(reader: StoreReader, key: string, nowMs: number): SeriesSource {
  const { name, unit, slotSeconds, keepSeconds } = findSeed(reader.tenant, key)
  const toPoint = ({ timestampMs, value }: { timestampMs: number; value: number }): DataPoint => ({ timestamp: timestampMs, value })
  const labels = (): Labels => ({ tenant: reader.tenant, metric: name, unit })
  return {
    stepMs: () => slotSeconds * 1000,
    bucketsRead: (range) => countBuckets(range, { stepMs: slotSeconds * 1000, keepMs: keepSeconds * 1000, nowMs }),
    assertBucket: () => {},
    labels,
    async read({ startMs, endMs }) {
      // Samples live in a key per hour: a range that begins before the oldest would ask for keys that cannot exist.
      const earliestMs = nowMs - keepSeconds * 1000
      const [fromMs, toMs] = [Math.max(startMs, earliestMs), Math.min(endMs, nowMs)]
      return fromMs > toMs ? [] : (await reader.samples(name, fromMs, toMs)).map(toPoint)
    },
    async latest() {
      const sample = await reader.latestSample(name)
      return sample ? { point: toPoint(sample), labels: labels() } : undefined
    },
  }
}
