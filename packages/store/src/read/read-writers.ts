/** What is known of a tenant's writers: processes, for as long as their guard is remembered. */
import { GUARD_SECONDS } from '../apply/apply-script.ts'
import { tenantKeys } from '../keys.ts'
import type { RedisClient } from '../redis-client.ts'
import { isCounter } from './read-integrity.ts'
import type { Integrity } from './store-reader.ts'

export interface WriterState {
  /** Random per process. */
  writer: string
  /** Program that its first calls were of; undefined when its first batch had none. */
  app?: string
  /** `host:process id`; undefined where the writer does not tell. */
  origin?: string
  /** Batches applied so far: sequences have no gaps. */
  lastSequence: number
  /** When its last batch was applied, by the server's clock, in milliseconds since the epoch; undefined for writers of an older version. */
  lastHeardMs?: number
  /** A cut append-only file was replayed: half of its last batch is in the totals, and it has not been told. */
  isTorn: boolean
  /** How far its clock ran ahead of the server's when calls were last set back, in milliseconds; 0 when that never happened. */
  clockAheadMs: number
  /** Those that are not 0. `appliedBatches` is `lastSequence`. */
  counters: Partial<Integrity>
}

export interface WriterList {
  /** Heard of in the last 48 h. */
  count: number
  /** Those that entered themselves last (they do so hourly) first. */
  writers: WriterState[]
}

/** Most writers that one question lists. */
export const MAX_WRITERS_LISTED = 1000

function toNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}

function parseName(text: string | undefined): { app?: string; origin?: string } {
  try {
    const { app, origin } = JSON.parse(text ?? '{}') as Record<string, unknown>
    return { ...(typeof app === 'string' ? { app } : {}), ...(typeof origin === 'string' ? { origin } : {}) }
  } catch {
    return {}
  }
}

function toWriter(writer: string, fields: Record<string, string>): WriterState {
  const counters: Partial<Integrity> = {}
  for (const [name, text] of Object.entries(fields)) {
    const value = toNumber(text)
    if (isCounter(name) && value !== undefined) counters[name] = value
  }
  const lastHeardMs = toNumber(fields['at'])
  return {
    writer,
    ...parseName(fields['name']),
    lastSequence: toNumber(fields['last']) ?? 0,
    ...(lastHeardMs === undefined ? {} : { lastHeardMs }),
    isTorn: (fields['first'] ?? '0') !== (fields['last'] ?? '0'),
    clockAheadMs: toNumber(fields['aheadMs']) ?? 0,
    counters,
  }
}

/** Two round trips. Throws a RangeError when `limit` is not an integer from 1 to 1000. */
export async function readWriters(redis: RedisClient, tenant: string, limit = 100): Promise<WriterList> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_WRITERS_LISTED) {
    throw new RangeError(`limit must be an integer from 1 to ${MAX_WRITERS_LISTED}, got ${limit}`)
  }
  const keys = tenantKeys(tenant)
  const [count, names] = await Promise.all([redis.zcard(keys.writers), redis.zrange(keys.writers, 0, limit - 1, 'REV')])
  const guards = await Promise.all(names.map((writer) => redis.hgetall(keys.writer(writer))))
  const writers: WriterState[] = []
  // A guard can expire before its entry does.
  for (const [i, fields] of guards.entries()) if (Object.keys(fields).length > 0) writers.push(toWriter(names[i] as string, fields))
  return { count, writers }
}

/** For how long a silent writer is listed, in seconds. */
export const WRITER_KEPT_SECONDS = GUARD_SECONDS
