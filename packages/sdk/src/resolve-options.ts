/** Options, else environment variables, else defaults; each checked once. */
import { assertTenant } from '@aiwatch/store'
import { AIWatchOptionError } from './errors.ts'
import { checkPrices, checkRedis, checkTags, parseRedisVariable, parseTags } from './option-checks.ts'
import { type AIWatchOptions, DEFAULT_REDIS_URL, type ModelPriceOverride, type ResolvedOptions } from './options.ts'

type OptionName = keyof AIWatchOptions
type Environment = Record<string, string | undefined>

const VARIABLES: Record<Exclude<OptionName, 'onError'>, readonly string[]> = {
  redis: ['AIWATCH_REDIS_URL', 'REDIS_URL'],
  tenant: ['AIWATCH_TENANT'],
  app: ['AIWATCH_APP'],
  tags: ['AIWATCH_TAGS'],
  userIds: ['AIWATCH_USER_IDS'],
  secret: ['AIWATCH_SECRET'],
  flushIntervalMs: ['AIWATCH_FLUSH_INTERVAL_MS'],
  maxBufferBytes: ['AIWATCH_MAX_BUFFER_BYTES'],
  streamUsage: ['AIWATCH_STREAM_USAGE'],
  prices: ['AIWATCH_PRICES'],
  enabled: ['AIWATCH_ENABLED'],
  closeTimeoutMs: ['AIWATCH_CLOSE_TIMEOUT_MS'],
}
const VARIABLES_OF: Partial<Record<OptionName, readonly string[]>> = VARIABLES

/** A checker returns the value to use, or throws an Error whose message goes on "AIWatch option <name> …". */
interface Rule<T> {
  name: OptionName
  check(value: unknown): T
  /** Turns the text of a variable into what `check` takes. Default: the text itself. */
  parse?(text: string): unknown
  fallback: T
  /** For the warning. Default: the fallback itself. */
  fallbackText?: string
}

class OptionReader {
  readonly warnings: string[] = []
  private readonly options: AIWatchOptions
  private readonly environment: Environment

  constructor(options: AIWatchOptions, environment: Environment) {
    this.options = options
    this.environment = environment
  }

  /** The first variable of an option that is set to something; an empty one counts as not set. */
  variable(name: OptionName): { variable: string; text: string } | undefined {
    for (const variable of VARIABLES_OF[name] ?? []) {
      const text = this.environment[variable]
      if (text !== undefined && text !== '') return { variable, text }
    }
    return undefined
  }

  read<T>(rule: Rule<T>): T {
    const given = this.options[rule.name]
    if (given !== undefined) {
      try {
        return rule.check(given)
      } catch (error) {
        throw new AIWatchOptionError(rule.name, VARIABLES_OF[rule.name]?.[0], (error as Error).message)
      }
    }
    const set = this.variable(rule.name)
    if (!set) return rule.fallback
    try {
      return rule.check(rule.parse ? rule.parse(set.text) : set.text)
    } catch (error) {
      const shown = rule.fallbackText ?? (typeof rule.fallback === 'object' ? JSON.stringify(rule.fallback) : String(rule.fallback))
      this.warnings.push(`${set.variable} ${(error as Error).message}; option ${rule.name} is ${shown} instead`)
      return rule.fallback
    }
  }
}

function oneOf<T extends string>(choices: readonly T[]) {
  return (value: unknown): T => {
    if (choices.includes(value as T)) return value as T
    throw new Error(`must be ${choices.map((choice) => `'${choice}'`).join(' or ')}, got ${show(value)}`)
  }
}

function between(least: number, most: number) {
  return (value: unknown): number => {
    if (typeof value === 'number' && value >= least && value <= most) return Math.floor(value)
    throw new Error(`must be a number from ${least} to ${most}, got ${show(value)}`)
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error(`must be a string, got ${show(value)}`)
}

function tenant(value: unknown): string {
  return assertTenant(text(value)).toString()
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new Error(`must be true or false, got ${show(value)}`)
}

const FLAGS: Record<string, boolean> = { true: true, '1': true, yes: true, on: true, false: false, '0': false, no: false, off: false }

function callback(value: unknown): NonNullable<AIWatchOptions['onError']> {
  if (typeof value === 'function') return value as NonNullable<AIWatchOptions['onError']>
  throw new Error(`must be a function, got ${show(value)}`)
}

const MIN_SECRET_CHARACTERS = 16

function secret(value: unknown): string {
  const key = text(value)
  if (key.length >= MIN_SECRET_CHARACTERS) return key
  throw new Error(`must have at least ${MIN_SECRET_CHARACTERS} characters, got ${key.length}`)
}

function show(value: unknown): string {
  return String(typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : value).slice(0, 100)
}

/** User ids are never kept plain when anything asked for hashing: code that does so without a secret throws, a variable leaves them out. */
function resolveUserIds(reader: OptionReader, options: AIWatchOptions): Pick<ResolvedOptions, 'userIds' | 'secret'> {
  const key = reader.read<string | undefined>({ name: 'secret', check: secret, fallback: undefined })
  const fallback: ResolvedOptions['userIds'] = reader.variable('userIds') ? 'none' : 'plain'
  const userIds = reader.read<ResolvedOptions['userIds']>({ name: 'userIds', check: oneOf(['plain', 'hashed']), fallback })
  if (userIds !== 'hashed' || key !== undefined) return { userIds, secret: key }
  if (options.userIds !== undefined)
    throw new AIWatchOptionError('secret', 'AIWATCH_SECRET', "is needed for userIds 'hashed' and is not given")
  reader.warnings.push('AIWATCH_USER_IDS is hashed but AIWATCH_SECRET is not set or not usable; user ids are left out')
  return { userIds: 'none', secret: undefined }
}

/** A wrong variable leaves no target: the default is for those who named none. */
function resolveRedis(reader: OptionReader): { target: ResolvedOptions['redis'] | undefined } {
  const fallback = reader.variable('redis') ? undefined : DEFAULT_REDIS_URL
  const check = (value: unknown): ResolvedOptions['redis'] | undefined => checkRedis(value)
  return { target: reader.read({ name: 'redis', check, parse: parseRedisVariable, fallback, fallbackText: 'not set, AIWatch is off' }) }
}

function resolveEnabled(reader: OptionReader): boolean {
  return reader.read({ name: 'enabled', check: flag, parse: (value) => FLAGS[value.toLowerCase()] ?? value, fallback: true })
}

/**
 * A wrong option in code throws `AIWatchOptionError`. A wrong variable is a warning and its default is used, because a deployment's
 * environment must not stop a program.
 */
export function resolveOptions(options: AIWatchOptions = {}, environment: Environment = process.env): ResolvedOptions {
  const reader = new OptionReader(options, environment)
  const redis = resolveRedis(reader)
  return {
    redis: redis.target ?? DEFAULT_REDIS_URL,
    tenant: reader.read({ name: 'tenant', check: tenant, fallback: 'default' }),
    app: reader.read({ name: 'app', check: text, fallback: environment['npm_package_name'] || 'default' }),
    tags: reader.read<Record<string, string>>({ name: 'tags', check: checkTags, parse: parseTags, fallback: {} }),
    ...resolveUserIds(reader, options),
    flushIntervalMs: reader.read({ name: 'flushIntervalMs', check: between(10, 60_000), parse: Number, fallback: 1000 }),
    maxBufferBytes: reader.read({
      name: 'maxBufferBytes',
      check: between(65_536, Number.MAX_SAFE_INTEGER),
      parse: Number,
      fallback: 32 * 1024 * 1024,
    }),
    streamUsage: reader.read({ name: 'streamUsage', check: oneOf(['request', 'observe']), fallback: 'request' as const }),
    prices: reader.read<Record<string, ModelPriceOverride>>({ name: 'prices', check: checkPrices, parse: JSON.parse, fallback: {} }),
    onError: reader.read<ResolvedOptions['onError']>({ name: 'onError', check: callback, fallback: undefined }),
    enabled: resolveEnabled(reader) && redis.target !== undefined,
    closeTimeoutMs: reader.read({ name: 'closeTimeoutMs', check: between(0, 600_000), parse: Number, fallback: 5000 }),
    warnings: reader.warnings,
  }
}
