import type { Batch, Cell } from '../batch.ts'
import { MAX_CELLS } from '../identity.ts'
import type { RedisClient } from '../redis-client.ts'

/** Keys that live on are renewed, and tenants, writers and cells entered in their lists, this often. */
const RENEWAL_INTERVAL_MS = 3600 * 1000
/** Writers remembered per connection: a collector sees many. Forgetting one costs a renewal. */
const MAX_WRITERS = 10_000

/** What a server is known to have of a writer, from its answers on this connection. */
interface WriterMemory {
  renewedAtMs: number | undefined
  /** Cells that the tenant has. */
  cells: Set<string>
}

const memories = new WeakMap<RedisClient, Map<string, WriterMemory>>()

function memoryOf(redis: RedisClient, { tenant, writer }: Batch): WriterMemory {
  let writers = memories.get(redis)
  if (!writers || writers.size >= MAX_WRITERS) {
    writers = new Map()
    memories.set(redis, writers)
  }
  const key = `${tenant} ${writer}`
  let memory = writers.get(key)
  if (!memory) {
    memory = { renewedAtMs: undefined, cells: new Set() }
    writers.set(key, memory)
  }
  return memory
}

/** True for the first batch of a writer on a connection, and hourly from then on. */
export function isRenewalDue(redis: RedisClient, batch: Batch): boolean {
  const { renewedAtMs } = memoryOf(redis, batch)
  return renewedAtMs === undefined || performance.now() - renewedAtMs >= RENEWAL_INTERVAL_MS
}

export function noteRenewal(redis: RedisClient, batch: Batch): void {
  memoryOf(redis, batch).renewedAtMs = performance.now()
}

/** Cells of the batch that the tenant may not have yet. A server that lost data answers a gap, and all is forgotten. */
export function unknownCells(redis: RedisClient, batch: Batch): Cell[] {
  const { cells } = memoryOf(redis, batch)
  return batch.cells.filter(({ id }) => !cells.has(id))
}

/** The tenant has the cells of the batch; they were not folded. */
export function noteCells(redis: RedisClient, batch: Batch): void {
  const { cells } = memoryOf(redis, batch)
  if (cells.size > MAX_CELLS) cells.clear()
  for (const { id } of batch.cells) cells.add(id)
}

export function forgetCells(redis: RedisClient, batch: Batch): void {
  memoryOf(redis, batch).cells.clear()
}
