import {
  applyBatch,
  CODE,
  openReader,
  packUserRecord,
  type SparseVector,
  tenantKeys,
  toCell,
  unpackUserRecord,
  userKey,
} from '@aiwatch/store'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestStore, type TestStore } from '../read/open-store.ts'
import { emptyBatch, newTenant } from './batches.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

const CODES = [CODE.inputTokens, CODE.outputTokens, CODE.costNanoUsd, CODE.calls, CODE.errors] as const
const CELLS = Array.from({ length: 90 }, (_, n) => toCell('app', 'provider', `model-${n}`))
const ADA = userKey('ada')

/** Around the greatest numbers of each form, and fractions that add exactly. */
const anyNumber = fc.oneof(
  fc.nat({ max: 300 }),
  fc.constantFrom(255, 65_535, 2 ** 24 - 1, 2 ** 32 - 1, 2 ** 40 - 1, 2 ** 48 - 1),
  fc.nat({ max: 1000 }).map((eighths) => eighths / 8),
)
const anyValues = fc.tuple(anyNumber, anyNumber, anyNumber, anyNumber, anyNumber)

describe('the record of a user', () => {
  test('is packed and unpacked as it was, in any form', () => {
    const id = fc.constantFrom(...CELLS.map((cell) => cell.id))
    const record = fc.record({
      lastSeenMs: fc.nat({ max: 2e12 }),
      firstSeenMs: fc.nat({ max: 2e12 }),
      sessions: anyNumber,
      totals: anyValues,
      cells: fc.uniqueArray(fc.tuple(id, anyValues), { selector: ([cell]) => cell, maxLength: 90 }),
    })
    const property = fc.property(record, (given) => {
      expect(unpackUserRecord(packUserRecord(given))).toEqual(given)
    })
    fc.assert(property)
  })

  test.each([
    ['a form that there is not', [9, 0, 0]],
    ['no head', [1]],
    ['half a cell', [...packUserRecord({ lastSeenMs: 1, firstSeenMs: 1, sessions: 0, totals: [1, 1, 1, 1, 1], cells: [] }), 1, 2]],
    ['nothing', []],
  ])('is refused with %s', (_, bytes) => {
    expect(() => unpackUserRecord(Uint8Array.from(bytes))).toThrow(/^not the record of a user/)
  })

  test('is the sum of what was sent, whatever the numbers, the cells and their order', async () => {
    const cells = fc.uniqueArray(fc.nat({ max: CELLS.length - 1 }), { maxLength: 80 })
    const flush = fc.record({ cells, values: anyValues, agoMs: fc.nat({ max: 100_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(flush, { minLength: 1, maxLength: 6 }), async (flushes) => {
        const tenant = newTenant()
        const now = Date.now()
        const sums = new Map<string, number[]>()
        const totals = [0, 0, 0, 0, 0]
        for (const [i, { cells: numbers, values, agoMs }] of flushes.entries()) {
          const vector: SparseVector = CODES.flatMap((code, column) => [code, values[column] as number])
          const times = [CODE.lastSeenMs, now - agoMs, CODE.firstSeenMs, now - agoMs]
          const users = [
            { user: ADA, name: 'ada', totals: [...vector, ...times], cells: numbers.map((n): [number, SparseVector] => [n, vector]) },
          ]
          const result = await applyBatch(store.redis, emptyBatch({ tenant, sequence: i + 1, cells: CELLS, users }))
          expect(result).toMatchObject({ status: 'applied', refusedOperations: 0 })
          for (const [column, value] of values.entries()) {
            totals[column] = (totals[column] as number) + value
            for (const n of numbers) {
              const own = sums.get((CELLS[n] as (typeof CELLS)[number]).id) ?? [0, 0, 0, 0, 0]
              sums.set((CELLS[n] as (typeof CELLS)[number]).id, own)
              own[column] = (own[column] as number) + value
            }
          }
        }
        const record = unpackUserRecord((await store.redis.hgetBuffer(tenantKeys(tenant).user(ADA), 'r')) as Buffer)
        expect(record.totals).toEqual(totals)
        expect(new Map(record.cells)).toEqual(sums)
        expect(record.lastSeenMs).toBe(now - Math.min(...flushes.map(({ agoMs }) => agoMs)))
        expect(record.firstSeenMs).toBe(now - Math.max(...flushes.map(({ agoMs }) => agoMs)))
      }),
      { numRuns: 60 },
    )
  })

  test('that cannot be read is refused and counted, and the others are written', async () => {
    const tenant = newTenant()
    await store.redis.hset(tenantKeys(tenant).user(ADA), 'r', 'garbage')
    const users = ['ada', 'bob'].map((name) => ({ user: userKey(name), name, totals: [CODE.calls, 1], cells: [] }))
    expect(await applyBatch(store.redis, emptyBatch({ tenant, users }))).toMatchObject({ status: 'applied', refusedOperations: 1 })
    expect((await openReader(store.redis, { tenant }).users([userKey('bob')]))[0]).toMatchObject({ name: 'bob', calls: 1 })
    expect(await store.redis.hget(tenantKeys(tenant).user(ADA), 'r')).toBe('garbage')
  })

  test('with a code that users do not have is an invalid batch', async () => {
    const users = [{ user: ADA, name: 'ada', totals: [CODE.calls, 1, CODE.durationMs, 1], cells: [] }]
    await expect(applyBatch(store.redis, emptyBatch({ tenant: newTenant(), users }))).rejects.toMatchObject({ code: 'invalid_batch' })
  })
})
