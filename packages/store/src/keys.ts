/**
 * Every key of a tenant. All carry the tenant as a cluster hash tag, so that one script can touch them; none holds free text.
 */
import type { Board } from './batch.ts'
import { assertTenant } from './identity.ts'
import { seriesPart } from './series/series-key.ts'
import type { SketchLevel, Tier } from './series-catalogue.ts'

export interface TenantKeys {
  /**
   * Of a writer: hash of `first` and `last` (the sequence last applied, written first and last in the apply script), `counted` (the sequence up to which
   * `integrity` counts its batches), `at` (when, ms), `name` (JSON of app and origin), `aheadMs` (its clock) and those counters of `integrity` that are not 0. 48 h.
   */
  writer(writer: string): string
  /** Writers heard of in the last 48 h: zset by server time in seconds. */
  writers: string
  /** Cell id → JSON `[app, provider, model]`. */
  cells: string
  /** `plain` or `module`, fixed at the tenant's first write. */
  backend: string
  /** Hash of cell id → packed vector. On the module the hot form of a bucket; the kept form are its time series. */
  series(tier: Tier, start: number): string
  /** Module: set of the cells of a bucket whose hash holds what their time series do not hold yet. */
  unpublishedCells(tier: Tier, start: number): string
  /** Module: zset of `<tier>:<start>`, the buckets that have such cells, by the server time in milliseconds at which they are due. */
  unpublished: string
  /** Module: the RedisTimeSeries of a code of a cell. */
  timeSeries(tier: Tier, code: number, cell: string): string
  /** Hash of cell id → packed vector, for ever. */
  totals: string
  /** Hash of `<l|f|o>:<cell id or all>` → packed sketch counters. */
  sketch(level: SketchLevel, start: number): string
  /** zset: user key by last seen, milliseconds. */
  seenUsers: string
  /** zset: session key by last seen, milliseconds. */
  seenSessions: string
  /** HyperLogLog of user keys of a day. */
  dayUsers(start: number): string
  /** zset: member by what it gained in the hour. */
  board(board: Board, start: number): string
  /** Hash: `n` name, `r` record (see `audience/user-record.ts`). Renewed for 30 days. */
  user(user: string): string
  /** Stream, newest 10,000 calls kept: field `c`, a call. */
  recent: string
  /** Hash of `<error type>:<cell id>` → packed vector. */
  errors: string
  /** zset: `<tier or k-level>:<start>` of buckets written after they closed, by server time in milliseconds. 25 h. */
  late: string
  /** Hash of counters (decimal): what was applied, refused, lost. */
  integrity: string
  /** Hash of one hour's samples of a seed metric: slot start in seconds → value. */
  sample(name: string, hourStart: number): string
  /** Held by the collector that runs a job. */
  lock(name: string): string
}

/** Set of tenants that have data; of no tenant itself. zset by server time in seconds. */
export const TENANTS_KEY = 'aiw:{tenants}'

const BOARD_LETTERS: Record<Board, string> = {
  user_tokens: 'ut',
  user_calls: 'uc',
  user_cost: 'um',
  tag_tokens: 'gt',
  tag_calls: 'gc',
  tag_cost: 'gm',
}

/** Keys of a tenant. Throws a TypeError when the name is not a tenant's. */
export function tenantKeys(tenant: string): TenantKeys {
  const base = `aiw:{${assertTenant(tenant)}}:`
  return {
    writer: (writer) => `${base}w:${writer}`,
    writers: `${base}writers`,
    cells: `${base}cells`,
    backend: `${base}backend`,
    series: (tier, start) => `${base}s:${tier}:${start}`,
    unpublishedCells: (tier, start) => `${base}s:${tier}:${start}:d`,
    unpublished: `${base}unpublished`,
    timeSeries: (tier, code, cell) => `${base}ts:${tier}:${seriesPart(code)}:${cell}`,
    totals: `${base}total`,
    sketch: (level, start) => `${base}k:${level}:${start}`,
    seenUsers: `${base}seen:users`,
    seenSessions: `${base}seen:sessions`,
    dayUsers: (start) => `${base}uu:${start}`,
    board: (board, start) => `${base}b:${BOARD_LETTERS[board]}:${start}`,
    user: (user) => `${base}u:${user}`,
    recent: `${base}recent`,
    errors: `${base}errors`,
    late: `${base}late`,
    integrity: `${base}integrity`,
    sample: (name, hourStart) => `${base}sample:${name}:${hourStart}`,
    lock: (name) => `${base}lock:${name}`,
  }
}
