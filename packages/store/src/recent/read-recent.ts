import type { Cell } from '../batch.ts'
import type { Call } from '../call.ts'
import type { TenantKeys } from '../keys.ts'
import type { CellNames } from '../read/cell-names.ts'
import type { CorruptFields } from '../read/corrupt-fields.ts'
import { asBuffers, asInteger } from '../read/replies.ts'
import type { Reply, RoundTrips } from '../read/round-trips.ts'
import type { RecentOptions } from '../read/store-reader.ts'
import { decodeRecentCall } from './recent-call.ts'

export interface RecentSources {
  keys: TenantKeys
  names: CellNames
  trips: RoundTrips
  corrupt: CorruptFields
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 10_000
const STREAM_ID = /^\d{1,20}-\d{1,20}$/

/** Recent calls, newest first. Entries that cannot be read are left out and counted. */
export async function readRecent(
  { keys, names, trips, corrupt }: RecentSources,
  options: RecentOptions = {},
): Promise<{ id: string; call: Call }[]> {
  const { limit = DEFAULT_LIMIT, before } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new RangeError(`limit must be an integer from 1 to ${MAX_LIMIT}, got ${limit}`)
  if (before !== undefined && !STREAM_ID.test(before))
    throw new RangeError(`before must be a stream id such as 1700000000000-0, got ${JSON.stringify(before)}`)
  const newest = before === undefined ? '+' : `(${before}`
  const [reply, cells] = await Promise.all([trips.ask('XREVRANGE', [keys.recent, newest, '-', 'COUNT', limit]), names.all()])
  return decodeEntries(reply, cells, corrupt)
}

type Entries = { id: string; call: Call }[]

function decodeEntries(reply: Reply, cells: Map<string, Cell>, corrupt: CorruptFields): Entries {
  const calls: Entries = []
  for (const entry of Array.isArray(reply) ? reply : []) {
    const call = corrupt.attempt(() => {
      const [id, fields] = entry as [Buffer, (Buffer | null)[]]
      const list = asBuffers(fields)
      const at = list.findIndex((field, i) => i % 2 === 0 && field?.toString('latin1') === 'c')
      return { id: id.toString('latin1'), call: decodeRecentCall(list[at + 1] ?? '', cells) }
    })
    if (call) calls.push(call)
  }
  return calls
}

/** How many calls are kept, and the oldest of them. One round trip. */
export async function readKept({
  keys,
  names,
  trips,
  corrupt,
}: RecentSources): Promise<{ count: number; oldest: Entries[number] | undefined }> {
  const [length, reply, cells] = await Promise.all([
    trips.ask('XLEN', [keys.recent]),
    trips.ask('XRANGE', [keys.recent, '-', '+', 'COUNT', 1]),
    names.all(),
  ])
  return { count: asInteger(length), oldest: decodeEntries(reply, cells, corrupt)[0] }
}
