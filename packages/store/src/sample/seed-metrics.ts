/** The metrics that a sampler takes every 30 s: names, slots and retention. */
export interface SeedMetric {
  name: string
  unit: string
  description: string
  slotSeconds: number
  keepSeconds: number
}

const SLOT_SECONDS = 30
const DAY_SECONDS = 24 * 3600

function seedMetric(name: string, unit: string, description: string, keepDays = 1): SeedMetric {
  return { name, unit, description, slotSeconds: SLOT_SECONDS, keepSeconds: keepDays * DAY_SECONDS }
}

export const SEED_METRICS: readonly SeedMetric[] = [
  seedMetric('tokens:input_rate', '{token}/min', 'Input tokens per minute.'),
  seedMetric('tokens:output_rate', '{token}/min', 'Output tokens per minute.'),
  seedMetric('users:active_5m', '{user}', 'Users seen in the last 5 minutes.'),
  seedMetric('users:active_1h', '{user}', 'Users seen in the last hour.'),
  seedMetric('response_time:p95', 's', '95th percentile of the duration of calls over 5 minutes.'),
  seedMetric('response_time:p99', 's', '99th percentile of the duration of calls over 5 minutes.'),
  seedMetric('error_rate', '1', 'Share of calls of the last 5 minutes that ended in an error, 0 to 1.'),
  seedMetric('memory:redis_used', 'By', 'Memory used by Redis.', 7),
  seedMetric('cpu:usage', '1', 'Share of the CPU of the host in use, 0 to 1.', 7),
]

const byName = new Map(SEED_METRICS.map((metric) => [metric.name, metric]))
const PREFIX = 'metrics:'

/** The metric of this name (without `metrics:`); undefined when there is none. */
export function findSeedMetric(name: string): SeedMetric | undefined {
  return byName.get(name)
}

/** Name by which HTTP callers ask for a seed metric: `metrics:<name>`, for tenants other than `default` with `{tenant}:` in front. */
export function seedMetricKey(tenant: string, name: string): string {
  return tenant === 'default' ? PREFIX + name : `{${tenant}}:${PREFIX}${name}`
}

/** Undoes `seedMetricKey`; undefined when the key is not a seed metric's of this tenant. */
export function parseSeedMetricKey(tenant: string, key: string): SeedMetric | undefined {
  const prefix = seedMetricKey(tenant, '')
  return key.startsWith(prefix) ? findSeedMetric(key.slice(prefix.length)) : undefined
}
