import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RowLists } from '../../src/rollup/row-lists.ts'

it('keeps the rows of each list under their keys, in the order in which they came', () => {
  const entry = fc.record({ list: fc.nat({ max: 5 }), key: fc.nat({ max: 200 }), by: fc.nat({ max: 1e9 }) })
  const property = fc.property(fc.array(entry, { maxLength: 900 }), (entries) => {
    const lists = new RowLists()
    const heads = [0, 0, 0, 0, 0, 0]
    const expected = heads.map(() => new Map<number, number>())
    for (const { list, key, by } of entries) {
      const row = lists.rowOf(heads[list] as number, key)
      heads[list] ||= row
      lists.increase(row, by, 1, -by, 0.5)
      const own = expected[list] as Map<number, number>
      own.set(key, (own.get(key) ?? 0) + by)
    }
    const found = heads.map((head) => new Map([...lists.list(head)].map((row) => [lists.keyOf(row), lists.value(row, 0)])))
    expect(found.map((own) => [...own])).toEqual(expected.map((own) => [...own]))
    const rows = heads.flatMap((head) => [...lists.list(head)])
    expect(rows.reduce((sum, row) => sum + lists.value(row, 1), 0)).toBe(entries.length)
    expect(rows.reduce((sum, row) => sum + lists.value(row, 3), 0)).toBe(entries.length / 2)
    for (const row of rows) expect(lists.value(row, 2)).toBe(0 - lists.value(row, 0))
  })
  fc.assert(property, { numRuns: 50 })
})

it('takes no memory while it is empty', () => {
  const lists = new RowLists()
  expect(lists.bytes).toBe(0)
  lists.rowOf(0, 1)
  expect(lists.bytes).toBeGreaterThan(0)
})
