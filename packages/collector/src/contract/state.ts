/** The state of the store and of the machine. */
import { z } from 'zod'
import { count, instant, seconds, share } from './common.ts'

export const noQuery = z.strictObject({})

export const redisReply = z.object({
  kind: z.string().describe('`redis`, `valkey` or `stack`.'),
  version: z.string(),
  mode: z.string(),
  role: z.string(),
  timeseries: z.enum(['module', 'plain']),
  uptime_seconds: count('Since the server started, seconds.'),
  latency_seconds: seconds('One PING.'),
  memory: z.object({
    used_bytes: count('Bytes.'),
    peak_bytes: count('Bytes.'),
    max_bytes: count('maxmemory, bytes; 0: no limit.'),
    used_share: share('Used ÷ maxmemory; 0 without a limit.'),
    fragmentation_ratio: count('Resident ÷ used.'),
    eviction_policy: z.string(),
  }),
  commands_per_second: count('As the server measures it now.'),
  clients: count('Connections.'),
  blocked_clients: count('Connections that wait.'),
  evicted_keys: count('Since the start.'),
  persistence: z.object({
    append_only: z.boolean(),
    last_save: instant('Last snapshot.').nullable(),
    last_save_ok: z.boolean(),
    changes_since_save: count('Writes.'),
    loading: z.boolean(),
  }),
  slow_log: z
    .array(z.object({ at: instant('When.'), duration_seconds: count('Seconds.'), command: z.string(), client: z.string() }))
    .nullable()
    .describe('Newest first, at most 20, arguments cut; null where looking is not allowed.'),
  keys: z
    .array(
      z.object({
        family: z.string(),
        description: z.string(),
        keys: count('Keys, estimated from a sample.'),
        bytes: count('Estimated from a sample, bytes.'),
      }),
    )
    .describe('By kind of AIWatch key.'),
})
export type RedisState = z.output<typeof redisReply>

export const systemReply = z.object({
  host: z.string(),
  cpu_share: share('Of all cores, over the last seconds.').nullable(),
  load_1m: count('Processes.'),
  cores: count('CPUs.'),
  memory_total_bytes: count('Bytes.'),
  memory_available_bytes: count('Bytes.'),
  disk: z
    .object({
      path: z.string(),
      total_bytes: count('Bytes that programs can use: what the system reserves is not in it.'),
      free_bytes: count('Bytes.'),
    })
    .nullable(),
  network: z
    .object({ received_bytes_per_second: count('Bytes per second.'), sent_bytes_per_second: count('Bytes per second.') })
    .nullable()
    .describe('All interfaces but loopback; null where the system does not tell.'),
  collector: z.object({
    version: z.string(),
    uptime_seconds: count('Seconds.'),
    cpu_share: share('Of one core.').nullable(),
    resident_bytes: count('Bytes.'),
    event_loop_delay_p99_seconds: seconds('Over the last seconds.'),
  }),
  sampler: z.object({ status: z.string(), last_slot: instant('Newest sampled slot.').nullable() }),
})
export type SystemState = z.output<typeof systemReply>

export const catalogReply = z.object({
  metrics: z.array(
    z.object({
      name: z.string(),
      unit: z.string().describe('UCUM, as OpenTelemetry writes units.'),
      description: z.string(),
      labels: z.array(z.string()),
      label_values: z.record(z.string(), z.array(z.string())).describe('Of direction or outcome.'),
      aggregations: z.array(z.string()),
      kind: z.enum(['sum', 'sampled']).describe('Sums per bucket, or a value sampled every 30 seconds.'),
      has_percentiles: z.boolean(),
    }),
  ),
  apps: z.array(z.string()),
  providers: z.array(z.string()),
  models: z.array(z.string()),
  tags: z.array(z.string()).describe('Names of tags with cost in the last 24 hours.'),
  tiers: z.array(z.object({ tier: z.string(), step_seconds: count('Seconds.'), kept_seconds: count('Seconds.') })),
})
export type Catalog = z.output<typeof catalogReply>
