/** What Redis can answer, as errors that say whether trying again helps and what to do. */

/**
 * `invalid_setting` and `invalid_batch` are ours; `wrong_backend`: the tenant's series are kept in another form; `future`: the server's clock
 * stands behind the batch even after it was clamped. The rest is Redis' or the network's.
 */
export type StoreErrorCode =
  | 'invalid_setting'
  | 'invalid_batch'
  | 'wrong_backend'
  | 'future'
  | 'out_of_memory'
  | 'read_only'
  | 'loading'
  | 'no_script'
  | 'unavailable'
  | 'busy'
  | 'auth'
  | 'misconf'
  | 'cross_slot'
  | 'unsupported'
  | 'connection'
  | 'timeout'
  | 'unknown'

export interface StoreErrorDetail {
  code: StoreErrorCode
  /** True when the same request may succeed later without anybody changing anything in the program. */
  retryable: boolean
  cause?: unknown
}

export class StoreError extends Error {
  override name = 'StoreError'
  readonly code: StoreErrorCode
  readonly retryable: boolean

  constructor(message: string, { code, retryable, cause }: StoreErrorDetail) {
    super(message, { cause })
    this.code = code
    this.retryable = retryable
  }
}

interface Rule {
  matches: RegExp
  code: StoreErrorCode
  retryable: boolean
  advice: string
}

/** The first that matches decides. Redis' own errors begin with a code in capitals; a script's are wrapped in text. */
const RULES: readonly Rule[] = [
  {
    matches: /\bOOM\b/,
    code: 'out_of_memory',
    retryable: true,
    advice: 'Redis is full: raise maxmemory, or keep less in it; nothing was written',
  },
  {
    matches: /\bREADONLY\b/,
    code: 'read_only',
    retryable: true,
    advice: 'this Redis is a read-only replica: connect to the primary (or through Sentinel)',
  },
  { matches: /\bLOADING\b/, code: 'loading', retryable: true, advice: 'Redis is reading its data from disk: wait' },
  { matches: /\bNOSCRIPT\b/, code: 'no_script', retryable: true, advice: 'Redis forgot the script: it is sent again' },
  {
    matches: /\b(MASTERDOWN|TRYAGAIN|CLUSTERDOWN|NOREPLICAS|UNBLOCKED)\b/,
    code: 'unavailable',
    retryable: true,
    advice: 'Redis fails over or lacks nodes: wait, or look at the cluster',
  },
  { matches: /\bBUSY\b/, code: 'busy', retryable: true, advice: 'Redis runs a long script: wait, or stop it by SCRIPT KILL' },
  {
    matches: /\b(NOAUTH|WRONGPASS|NOPERM)\b|invalid password|without any password configured|invalid username-password/i,
    code: 'auth',
    retryable: false,
    advice: 'Redis refuses the user or password: check the ones in the Redis URL and what the user may do',
  },
  {
    matches: /\bMISCONF\b/,
    code: 'misconf',
    retryable: true,
    advice: 'Redis cannot save to disk: look at its log and the free space of its disk',
  },
  {
    matches: /\b(CROSSSLOT|MOVED|ASK)\b/,
    code: 'cross_slot',
    retryable: false,
    advice: 'this Redis is a cluster: give its nodes as a list, so that requests go to the right one',
  },
  {
    matches: /unknown command ['`]?TS\./i,
    code: 'unsupported',
    retryable: false,
    advice:
      'this Redis does not have RedisTimeSeries, in which the series of the tenant are kept: connect to the Redis it was begun on, or load the module',
  },
  {
    matches: /unknown command|Unexpected engine|#!|unsupported option|^ERR syntax error/i,
    code: 'unsupported',
    retryable: false,
    advice: 'this Redis lacks what is needed: use Redis 7 or newer, or Valkey',
  },
  { matches: /timed out|ETIMEDOUT/i, code: 'timeout', retryable: true, advice: 'Redis did not answer in time' },
  {
    matches:
      /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Connection is closed|Stream isn't writeable|max retries per request|Socket closed|All sentinels|slots cache/i,
    code: 'connection',
    retryable: true,
    advice: 'Redis is not reachable: check that it runs and that the Redis URL is right',
  },
]

/** Makes a StoreError of anything that a Redis client threw. A StoreError comes back as it is. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = (error as { code?: unknown } | null)?.code
  const text = `${typeof code === 'string' ? `${code} ` : ''}${error instanceof Error ? error.message : String(error)}`
  const rule = RULES.find(({ matches }) => matches.test(text))
  if (!rule) return new StoreError(`Redis: ${text}`, { code: 'unknown', retryable: true, cause: error })
  return new StoreError(`${rule.advice} (${text.slice(0, 200)})`, { code: rule.code, retryable: rule.retryable, cause: error })
}
