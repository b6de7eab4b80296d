/** Every setting of the collector: where it comes from, its unit and its default. The environment is read here and nowhere else. */
import { assertTenant, parseRedisUrl } from '@aiwatch/store'
import { z } from 'zod'

const LOG_LEVELS = ['info', 'error', 'silent'] as const

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i
const ADDRESS = /^[A-Za-z0-9.:_-]+$/

/** Whether only this machine can reach what listens on the address. */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address)
}

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)

const configSchema = z.object({
  /** `redis://` or `rediss://` URL, with user and password where there are some. */
  redisUrl: z
    .string()
    .superRefine((text, context) => {
      const fault = faultOf(() => parseRedisUrl(text))
      if (fault) context.addIssue({ code: 'custom', message: fault.replace(/^redis: /, '') })
    })
    .default('redis://127.0.0.1:6379'),
  /** 0 takes a free one. */
  analyticsPort: port(8081),
  /** 0 takes a free one. */
  timeseriesPort: port(8082),
  /** Address that both ports listen on. Any but a loopback address needs an API key to exist. */
  listen: z.string().regex(ADDRESS, 'must be an IP address or a host name, without port').max(253).default('127.0.0.1'),
  /** Whose data is answered while there is no API key. The sampler works for every tenant. */
  tenant: z
    .string()
    .refine((name) => faultOf(() => assertTenant(name)) === undefined, 'must match [a-z0-9_-]{1,64}')
    .default('default'),
  /** How long a request waits for Redis before it is answered with 503, in milliseconds. */
  redisTimeoutMs: z.coerce.number().int().min(50).max(60_000).default(1500),
  /** Largest request body in bytes. */
  maxBodyBytes: z.coerce.number().int().min(1024).max(10_485_760).default(65_536),
  /** Most points in one answer of /query. */
  maxPoints: z.coerce.number().int().min(100).max(1_000_000).default(100_000),
  /** Most stored buckets read for one /query or /multi-query, whatever is made of them. */
  maxBuckets: z.coerce.number().int().min(100).max(1_000_000).default(50_000),
  /** Most entries in one /multi-query. */
  maxQueries: z.coerce.number().int().min(1).max(1000).default(50),
  /** How long an answer of /v1 is shared, in milliseconds. */
  answerCacheMs: z.coerce.number().int().min(0).max(60_000).default(1000),
  /** Whether this process takes part in the sampling of the 30-second metrics. */
  sampler: z.stringbool().or(z.boolean()).default(true),
  /** Whether this process publishes what writers left unpublished; only tenants on RedisTimeSeries have such. */
  publisher: z.stringbool().or(z.boolean()).default(true),
  logLevel: z.enum(LOG_LEVELS).default('info'),
})

export type CollectorConfig = z.output<typeof configSchema>
/** What `startCollector` takes: every setting has a default. */
export type CollectorOptions = Partial<CollectorConfig>

const VARIABLES: Record<keyof CollectorConfig, readonly string[]> = {
  redisUrl: ['AIWATCH_REDIS_URL', 'REDIS_URL'],
  analyticsPort: ['ANALYTICS_PORT'],
  timeseriesPort: ['TIMESERIES_PORT'],
  listen: ['AIWATCH_LISTEN'],
  tenant: ['AIWATCH_TENANT'],
  redisTimeoutMs: ['AIWATCH_REDIS_TIMEOUT_MS'],
  maxBodyBytes: ['AIWATCH_MAX_BODY_BYTES'],
  maxPoints: ['AIWATCH_MAX_POINTS'],
  maxBuckets: ['AIWATCH_MAX_BUCKETS'],
  maxQueries: ['AIWATCH_MAX_QUERIES'],
  answerCacheMs: ['AIWATCH_ANSWER_CACHE_MS'],
  sampler: ['AIWATCH_SAMPLER'],
  publisher: ['AIWATCH_PUBLISHER'],
  logLevel: ['AIWATCH_LOG'],
}

/** Thrown for a setting that cannot be used; the message names each such setting. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** What the check throws, as text; undefined when it passes. */
function faultOf(check: () => void): string | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function validate(values: Record<string, unknown>, nameOf: (field: keyof CollectorConfig) => string): CollectorConfig {
  const result = configSchema.safeParse(values)
  if (result.success) return result.data
  const sentences = result.error.issues.map((issue) => {
    const field = issue.path[0] as keyof CollectorConfig
    // A URL may hold a password, so its text is not repeated.
    const got = field === 'redisUrl' ? '' : `, got ${JSON.stringify(values[field])}`
    return `${nameOf(field)}: ${issue.message}${got}`
  })
  throw new ConfigError(sentences.join('\n'))
}

/** Settings from environment variables; an empty variable counts as not set. Throws a ConfigError that names the variables. */
export function readConfig(environment: NodeJS.ProcessEnv): CollectorConfig {
  const values: Record<string, unknown> = {}
  const usedName = new Map<string, string>()
  for (const [field, names] of Object.entries(VARIABLES)) {
    const name = names.find((candidate) => environment[candidate])
    if (!name) continue
    values[field] = environment[name]
    usedName.set(field, name)
  }
  return validate(values, (field) => usedName.get(field) ?? (VARIABLES[field] as readonly string[]).join(' or '))
}

/** Settings given by a program, the rest by default. Throws a ConfigError that names the settings. */
export function resolveConfig(options: CollectorOptions): CollectorConfig {
  return validate(options, (field) => field)
}
