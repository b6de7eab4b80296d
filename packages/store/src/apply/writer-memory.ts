import type { Batch } from '../batch.ts'
import { MAX_CELLS } from '../identity.ts'
import type { RedisClient } from '../redis-client.ts'

/** Keys that live on are renewed, and tenants, writers and cells entered in their lists, this often. */
const RENEWAL_INTERVAL_MS = 3600 * 1000
/** Writers remembered per connection: a collector sees many. Forgetting one costs a renewal. */
const MAX_WRITERS = 10_000

/** Sessions remembered per writer; a session that is forgotten costs a look into the set of sessions. */
const MAX_SESSIONS = 4000

/** What a tenant is known to have, from the answers to a writer on a connection. */
export interface KnownEntries {
  cells: ReadonlySet<string>
  /** Sessions seen less than a renewal ago: they cannot be new. */
  sessions: ReadonlySet<string>
}

interface WriterMemory extends KnownEntries {
  renewedAtMs: number | undefined
  cells: Set<string>
  sessions: Set<string>
}

const NOTHING: KnownEntries = { cells: new Set(), sessions: new Set() }

const memories = new WeakMap<RedisClient, Map<string, WriterMemory>>()

/** Whose batches they are. */
type Whose = Pick<Batch, 'tenant' | 'writer'>

function memoryOf(redis: RedisClient, { tenant, writer }: Whose): WriterMemory {
  let writers = memories.get(redis)
  if (!writers || writers.size >= MAX_WRITERS) {
    writers = new Map()
    memories.set(redis, writers)
  }
  const key = `${tenant} ${writer}`
  let memory = writers.get(key)
  if (!memory) {
    memory = { renewedAtMs: undefined, cells: new Set(), sessions: new Set() }
    writers.set(key, memory)
  }
  return memory
}

/** True for the first batch of a writer on a connection, and hourly from then on. */
export function isRenewalDue(redis: RedisClient, batch: Whose): boolean {
  const { renewedAtMs } = memoryOf(redis, batch)
  return renewedAtMs === undefined || performance.now() - renewedAtMs >= RENEWAL_INTERVAL_MS
}

export function noteRenewal(redis: RedisClient, batch: Batch): void {
  memoryOf(redis, batch).renewedAtMs = performance.now()
}

/** What need not be sent, or looked up. Nothing is known at a renewal; a server that lost data answers a gap, and all is forgotten. */
export function knownEntries(redis: RedisClient, batch: Whose): KnownEntries {
  return isRenewalDue(redis, batch) ? NOTHING : memoryOf(redis, batch)
}

/** The server applied the batch. */
export function noteApplied(redis: RedisClient, batch: Batch, foldedCells: number): void {
  const { cells, sessions } = memoryOf(redis, batch)
  if (cells.size > MAX_CELLS || foldedCells > 0) cells.clear()
  if (foldedCells === 0) for (const { id } of batch.cells) cells.add(id)
  for (const row of batch.seen) for (const [session] of row.sessions) sessions.add(session)
  if (sessions.size > MAX_SESSIONS) sessions.clear()
}

export function forgetEntries(redis: RedisClient, batch: Batch): void {
  const { cells, sessions } = memoryOf(redis, batch)
  cells.clear()
  sessions.clear()
}
