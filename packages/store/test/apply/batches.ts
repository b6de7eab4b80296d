import { randomBytes } from 'node:crypto'
import {
  type Batch,
  bucketStart,
  type Call,
  type Cell,
  CODE,
  emptyContents,
  mergeVectors,
  type SparseVector,
  sessionKey,
  type TenantKeys,
  toCell,
  toRecentRow,
  unpackUserRecord,
  unpackVector,
  userKey,
  userVector,
} from '@aiwatch/store'
import type { Redis } from 'ioredis'

export const CELL: Cell = toCell('app', 'openai', 'gpt-4o')

export const newWriter = () => randomBytes(8).toString('hex')
export const newTenant = () => `t${randomBytes(6).toString('hex')}`

export function emptyBatch(over: Partial<Batch> = {}): Batch {
  return {
    ...emptyContents('default', 'writer'),
    sequence: 1,
    ...over,
  }
}

/** One call of user `ada` at this time, in everything that is kept. */
export function callBatch(timeMs: number, over: Partial<Batch> = {}): Batch {
  const values: SparseVector = [CODE.callsOk, 1, CODE.inputTokens, 100, CODE.outputTokens, 10, CODE.durationMs, 0.1]
  const user = userKey('ada')
  const userValues: SparseVector = [CODE.inputTokens, 100, CODE.outputTokens, 10, CODE.calls, 1]
  return emptyBatch({
    cells: [CELL],
    series: [
      { tier: '10s', start: bucketStart(timeMs, 10), cell: 0, values },
      { tier: '1m', start: bucketStart(timeMs, 60), cell: 0, values },
      { tier: '1h', start: bucketStart(timeMs, 3600), cell: 0, values },
    ],
    totals: [{ cell: 0, values }],
    sketches: [
      { level: '1m', start: bucketStart(timeMs, 60), kind: 'latency', cell: 0, counts: [105, 1] },
      { level: '1m', start: bucketStart(timeMs, 60), kind: 'latency', cell: 'all', counts: [105, 1] },
      { level: '1d', start: bucketStart(timeMs, 86_400), kind: 'latency', cell: 'all', counts: [105, 1] },
    ],
    seen: [{ user, lastSeenMs: timeMs, sessions: [[sessionKey('ada', 's1'), timeMs]] }],
    users: [
      {
        user,
        name: 'ada',
        totals: mergeVectors(userValues, [CODE.lastSeenMs, timeMs, CODE.firstSeenMs, timeMs]),
        cells: [[0, userValues]],
      },
    ],
    boards: [{ board: 'user_tokens', start: bucketStart(timeMs, 3600), entries: [[user, 110]] }],
    errors: [{ type: 'timeout', cell: 0, values: [CODE.calls, 1, CODE.lastSeenMs, timeMs, CODE.firstSeenMs, timeMs] }],
    recent: [toRecentRow(recentCall(timeMs), CELL.id)],
    days: [[bucketStart(timeMs, 86_400), [user]]],
    ...over,
  })
}

export function recentCall(endMs: number): Call {
  return {
    id: 'call-1',
    startedAt: endMs - 100,
    app: CELL.app,
    provider: CELL.provider,
    model: CELL.model,
    requestModel: 'gpt-4o-latest',
    operation: 'chat',
    stream: false,
    user: 'ada',
    session: 's1',
    tags: {},
    usage: { inputTokens: 100, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, source: 'reported' },
    costNanoUsd: 1000,
    cacheSavedNanoUsd: 0,
    durationMs: 100,
    outcome: 'timeout',
    attempts: 1,
    wastedTokens: 0,
    wastedNanoUsd: 0,
  }
}

export async function vectorAt(redis: Redis, key: string, field: string): Promise<SparseVector | undefined> {
  const packed = await redis.hgetBuffer(key, field)
  return packed ? unpackVector(packed) : undefined
}

/** The record of a user as vectors without what is 0: its totals as `t`, and each cell by its id. */
function recordVectors(packed: Buffer): [string, SparseVector][] {
  const { cells, totals, lastSeenMs, firstSeenMs, sessions } = unpackUserRecord(packed)
  const head = [CODE.sessions, sessions, CODE.lastSeenMs, lastSeenMs, CODE.firstSeenMs, firstSeenMs]
  const vectors = cells.map(([id, values]): [string, SparseVector] => [id, userVector(values)]).sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    [
      't',
      mergeVectors(
        userVector(totals),
        head.flatMap((value, i) => (i % 2 && value > 0 ? [head[i - 1] as number, value] : [])),
      ),
    ],
    ...vectors,
  ]
}

/** What is kept of a user, `t` for the totals, else the id of a cell. */
export async function userVectorAt(redis: Redis, key: string, field: string): Promise<SparseVector | undefined> {
  const packed = await redis.hgetBuffer(key, 'r')
  return packed ? new Map(recordVectors(packed)).get(field) : undefined
}

export async function counters(redis: Redis, keys: TenantKeys): Promise<Record<string, number>> {
  return Object.fromEntries(Object.entries(await redis.hgetall(keys.integrity)).map(([name, value]) => [name, Number(value)]))
}

/** Every value of a tenant in a form that can be compared, without the stream ids and the keys that hold the time of writing. */
export async function dumpTenant(redis: Redis, tenant: string): Promise<Record<string, unknown>> {
  const dump: Record<string, unknown> = {}
  for (const key of (await redis.keys(`aiw:{${tenant}}:*`)).sort()) {
    if (/:(w:|writers|late$|recent|integrity)/.test(key)) continue
    const type = await redis.type(key)
    if (type === 'hash') {
      const fields = Object.entries(await redis.hgetallBuffer(key)).sort(([a], [b]) => (a < b ? -1 : 1))
      const isText = (field: string) => field === 'n' || key.endsWith(':cells')
      dump[key] = fields.flatMap(([field, value]): [string, unknown][] => {
        if (field === 'r' && key.includes(':u:')) return recordVectors(value)
        return [[field, isText(field) ? String(value) : unpackVector(value)]]
      })
    } else if (type === 'zset') dump[key] = await redis.zrange(key, 0, -1, 'WITHSCORES')
    else dump[key] = key.includes(':uu:') ? await redis.pfcount(key) : await redis.get(key)
  }
  return dump
}
