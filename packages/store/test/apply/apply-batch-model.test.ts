import {
  type Applied,
  applyBatch,
  type Batch,
  bucketStart,
  CODE,
  type SeriesRow,
  type SparseVector,
  tenantKeys,
  toCell,
  userKey,
} from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { counters, dumpTenant, emptyBatch, newTenant } from './batches.ts'

let server: RedisServer
let redis: Redis
beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
})
afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

const CELLS = Array.from({ length: 3 }, (_, n) => toCell('app', 'provider', `model-${n}`))
const TIER_SECONDS = { '10s': 10, '1m': 60, '1h': 3600 } as const

/** A call: cell, user, tokens, duration in microseconds, age in seconds. Over 24 hours old: refused by time buckets. */
const anyCall = fc.record({
  cell: fc.nat({ max: 2 }),
  user: fc.constantFrom('ada', 'bob'),
  tokens: fc.oneof(fc.nat({ max: 1000 }), fc.constant(10 ** 14 + 1)),
  microseconds: fc.nat({ max: 10_000_000 }),
  ageSeconds: fc.constantFrom(0, 0, 0, 30, 90, 7200, 80_000, 110_000),
})
type AnyCall = typeof anyCall extends fc.Arbitrary<infer T> ? T : never

/** `next`: the writer's next batch. `again`: one that was sent. `skip`: one that is not the next yet. */
const anyStep = fc.record({
  writer: fc.constantFrom('a', 'b'),
  what: fc.constantFrom('next', 'next', 'next', 'again', 'skip'),
  calls: fc.array(anyCall, { maxLength: 5 }),
})

function toBatch(calls: AnyCall[], nowMs: number, over: Partial<Batch>): Batch {
  const batch = emptyBatch({ ...over, cells: CELLS })
  for (const { cell, user, tokens, microseconds, ageSeconds } of calls) {
    const timeMs = nowMs - ageSeconds * 1000
    const values: SparseVector = [CODE.callsOk, 1, CODE.inputTokens, tokens, CODE.durationMs, microseconds / 1000]
    for (const tier of ['10s', '1m', '1h'] as const)
      batch.series.push({ tier, start: bucketStart(timeMs, TIER_SECONDS[tier]), cell, values })
    batch.totals.push({ cell, values })
    batch.sketches.push({ level: '1h', start: bucketStart(timeMs, 3600), kind: 'latency', cell, counts: [95 + (tokens % 30), 1] })
    const totals = [CODE.inputTokens, tokens, CODE.calls, 1, CODE.lastSeenMs, timeMs, CODE.firstSeenMs, timeMs]
    batch.users.push({ user: userKey(user), name: user, totals, cells: [[cell, [CODE.inputTokens, tokens, CODE.calls, 1]]] })
    batch.boards.push({ board: 'user_tokens', start: bucketStart(timeMs, 3600), entries: [[userKey(user), tokens]] })
    batch.errors.push({ type: 'timeout', cell, values: [CODE.calls, 1, CODE.lastSeenMs, timeMs, CODE.firstSeenMs, timeMs] })
  }
  return batch
}

type Sums = Map<number, number>

/** What the store should hold, by key and field: written without vectors and without a look at the script. */
class Model {
  readonly hashes = new Map<string, Map<string, Sums>>()
  readonly boards = new Map<string, Map<string, number>>()
  readonly integrity: Record<string, number> = {}
  private readonly uncounted = new Map<string, number>()
  private readonly keys: ReturnType<typeof tenantKeys>
  private readonly nowMs: number

  constructor(tenant: string, nowMs: number) {
    this.keys = tenantKeys(tenant)
    this.nowMs = nowMs
  }

  count(name: string, amount: number): void {
    if (amount > 0) this.integrity[name] = (this.integrity[name] ?? 0) + amount
  }

  private add(key: string, field: string, code: number, value: number, pick: (a: number, b: number) => number = (a, b) => a + b): void {
    const fields = this.hashes.get(key) ?? new Map<string, Sums>()
    this.hashes.set(key, fields)
    const sums: Sums = fields.get(field) ?? new Map()
    fields.set(field, sums)
    const held = sums.get(code)
    sums.set(code, held === undefined ? value : pick(held, value))
  }

  apply(writer: string, calls: AnyCall[]): void {
    // The first batch of a writer, and those with lifetime totals, count themselves and those before them.
    const uncounted = (this.uncounted.get(writer) ?? 0) + 1
    const counts = calls.length > 0 || !this.uncounted.has(writer)
    this.uncounted.set(writer, counts ? 0 : uncounted)
    if (counts) this.count('appliedBatches', uncounted)
    for (const call of calls) this.applyCall(call)
  }

  private applyCall({ cell, user, tokens, microseconds, ageSeconds }: AnyCall): void {
    const timeMs = this.nowMs - ageSeconds * 1000
    const id = (CELLS[cell] as (typeof CELLS)[number]).id
    const places = [this.keys.totals]
    if (ageSeconds < 86_400)
      for (const [tier, seconds] of Object.entries(TIER_SECONDS))
        places.push(this.keys.series(tier as SeriesRow['tier'], bucketStart(timeMs, seconds)))
    for (const key of places) {
      this.add(key, id, CODE.callsOk, 1)
      this.add(key, id, CODE.inputTokens, tokens)
      // In microseconds, so that the model's sums have no rounding.
      this.add(key, id, CODE.durationMs, microseconds)
    }
    for (const field of ['t', id]) {
      // Of users what is 0 is not told.
      if (tokens > 0) this.add(this.keys.user(userKey(user)), field, CODE.inputTokens, tokens)
      this.add(this.keys.user(userKey(user)), field, CODE.calls, 1)
    }
    this.add(this.keys.errors, `timeout:${id}`, CODE.calls, 1)
    for (const [key, field] of [
      [this.keys.user(userKey(user)), 't'],
      [this.keys.errors, `timeout:${id}`],
    ] as const) {
      this.add(key, field, CODE.lastSeenMs, timeMs, Math.max)
      this.add(key, field, CODE.firstSeenMs, timeMs, Math.min)
    }
    if (ageSeconds >= 86_400) {
      this.count('lateRefusedCalls', 1)
      return
    }
    if (ageSeconds > 15) this.count('lateCalls', 1)
    this.add(this.keys.sketch('1h', bucketStart(timeMs, 3600)), `l:${id}`, 95 + (tokens % 30), 1)
    const key = this.keys.board('user_tokens', bucketStart(timeMs, 3600))
    const board = this.boards.get(key) ?? new Map<string, number>()
    this.boards.set(key, board)
    board.set(userKey(user), (board.get(userKey(user)) ?? 0) + tokens)
  }
}

/** The store's dump in the form of the model. */
function toModelForm(dump: Record<string, unknown>) {
  const hashes: Record<string, Record<string, Record<number, number>>> = {}
  const boards: Record<string, Record<string, number>> = {}
  for (const [key, value] of Object.entries(dump)) {
    if (key.includes(':b:')) {
      const flat = value as string[]
      boards[key] = Object.fromEntries(flat.flatMap((member, i) => (i % 2 ? [] : [[member, Number(flat[i + 1])]])))
    } else if (Array.isArray(value) && !key.endsWith(':cells')) {
      const fields: Record<string, Record<number, number>> = {}
      for (const [field, vector] of value as [string, SparseVector][]) {
        if (field === 'n') continue
        const sums: Record<number, number> = {}
        for (let i = 0; i < vector.length; i += 2) {
          const code = vector[i] as number
          sums[code] = code === CODE.durationMs ? Math.round((vector[i + 1] as number) * 1000) : (vector[i + 1] as number)
          if (code === CODE.durationMs) expect((sums[code] as number) / 1000).toBe(vector[i + 1])
        }
        fields[field] = sums
      }
      hashes[key] = fields
    }
  }
  return { hashes, boards }
}

const toObject = (model: Model) => ({
  hashes: Object.fromEntries(
    [...model.hashes].map(([key, fields]) => [key, Object.fromEntries([...fields].map(([f, sums]) => [f, Object.fromEntries(sums)]))]),
  ),
  boards: Object.fromEntries([...model.boards].map(([key, board]) => [key, Object.fromEntries(board)])),
})

test('whatever two writers send, in order, again or too early: the store holds what the model holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const tenant = newTenant()
      const nowMs = Date.now()
      const model = new Model(tenant, nowMs)
      const sent: Record<string, Batch[]> = { a: [], b: [] }
      for (const { writer, what, calls } of steps) {
        const own = sent[writer] as Batch[]
        const next = toBatch(calls, nowMs, { tenant, writer, sequence: own.length + 1 })
        if (what === 'next') {
          const result = await applyBatch(redis, next)
          expect(result).toMatchObject({ status: 'applied', last: own.length + 1, refusedOperations: 0 } satisfies Partial<Applied>)
          own.push(next)
          model.apply(writer, calls)
        } else if (what === 'skip') {
          expect(await applyBatch(redis, { ...next, sequence: own.length + 2 })).toMatchObject({ status: 'gap', last: own.length })
          model.count('gapBatches', 1)
        } else if (own.length > 0) {
          const again = own[calls.length % own.length] as Batch
          expect(await applyBatch(redis, again)).toMatchObject({ status: 'duplicate', last: own.length })
          model.count('duplicateBatches', 1)
        }
      }
      expect(toModelForm(await dumpTenant(redis, tenant))).toEqual(toObject(model))
      expect(await counters(redis, tenantKeys(tenant))).toEqual(model.integrity)
    }),
    { numRuns: 60 },
  )
})
