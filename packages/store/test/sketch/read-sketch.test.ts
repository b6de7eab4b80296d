import { openReader, SKETCH_LEVELS, type SketchLevel, type SketchRow } from '@aiwatch/store'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CELLS, newTenant, openTestStore, type TestStore, TestWriter } from '../read/open-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

const startOf = (level: SketchLevel, back: number) =>
  (Math.floor(Date.now() / 1000 / SKETCH_LEVELS[level].seconds) - back) * SKETCH_LEVELS[level].seconds
const kinds = ['latency', 'first_token', 'per_output_token'] as const
/** As a reader gives counters: index and count in turn, indexes ascending. */
const flat = (counters: Map<number, number>) => [...counters].sort((a, b) => a[0] - b[0]).flat()
const row = fc.record({
  back: fc.nat(4),
  kind: fc.constantFrom(...kinds),
  cell: fc.oneof(fc.nat(CELLS.length - 1), fc.constant('all' as const)),
  index: fc.nat(600),
  count: fc.integer({ min: 1, max: 1e6 }),
})

describe('sketches', () => {
  test('merged and bucket by bucket equal the counters that were written', async () => {
    const question = fc.record({
      kind: fc.constantFrom(...kinds),
      cells: fc.option(fc.subarray([0, 1, 2]), { nil: undefined }),
      from: fc.nat(4),
      to: fc.nat(4),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), fc.array(question, { minLength: 1, maxLength: 4 }), async (rows, questions) => {
        const tenant = newTenant()
        const writer = new TestWriter(store.redis, tenant)
        const newest = startOf('1m', 0)
        const sketches: SketchRow[] = rows.map(({ back, kind, cell, index, count }) => ({
          level: '1m',
          start: newest - back * 60,
          kind,
          cell,
          counts: [index, count],
        }))
        for (const sketch of sketches) await writer.apply({ sketches: [sketch] })
        const reader = openReader(store.redis, { tenant })
        for (const { kind, cells, from, to } of questions) {
          const range = [newest - Math.max(from, to) * 60, newest - Math.min(from, to) * 60] as const
          const asked = sketches.filter(
            (sketch) =>
              sketch.kind === kind &&
              sketch.start >= range[0] &&
              sketch.start < range[1] &&
              (cells ? cells.includes(sketch.cell as number) : sketch.cell === 'all'),
          )
          const add = (counters: Map<number, number>, [index, count]: number[]) =>
            counters.set(index as number, (counters.get(index as number) ?? 0) + (count as number))
          const merged = new Map<number, number>()
          const apart = new Map<number, Map<number, number>>()
          for (const { start, counts } of asked) {
            add(merged, counts)
            apart.set(start, add(apart.get(start) ?? new Map(), counts))
          }
          const ids = cells && new Set(cells.map((cell) => CELLS[cell]?.id as string))
          expect(await reader.sketch('1m', kind, ...range, ids)).toEqual(flat(merged))
          const buckets = await reader.sketches('1m', kind, ...range, ids)
          expect(buckets).toEqual([...apart].sort((a, b) => a[0] - b[0]).map(([start, counters]) => ({ start, counters: flat(counters) })))
        }
      }),
      { numRuns: 25 },
    )
  })

  test.each(Object.keys(SKETCH_LEVELS) as SketchLevel[])('level %s has the latency of all cells together', async (level) => {
    const tenant = newTenant()
    const start = startOf(level, 0)
    await new TestWriter(store.redis, tenant).apply({
      sketches: [{ level, start, kind: 'latency', cell: 'all', counts: [100, 1, 101, 2] }],
    })
    expect(await openReader(store.redis, { tenant }).sketch(level, 'latency', start, start + 1)).toEqual([100, 1, 101, 2])
  })

  test('of cells, or of other kinds, are refused at the 10 s level, where they are not kept', async () => {
    const reader = openReader(store.redis, { tenant: 'default' })
    await expect(reader.sketch('10s', 'first_token', 0, 1)).rejects.toThrow(/ask for level 1m or above/)
    await expect(reader.sketches('10s', 'latency', 0, 1, new Set(['x']))).rejects.toThrow(/ask for level 1m or above/)
  })
})
