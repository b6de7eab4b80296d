import { countSketch, mergeSketches, SKETCH_RELATIVE_ERROR, type SketchCounters, sketchIndex, sketchQuantiles } from '@aiwatch/store'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const sketchOf = (values: readonly number[]): SketchCounters => {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(sketchIndex(value), (counts.get(sketchIndex(value)) ?? 0) + 1)
  return [...counts].sort((a, b) => a[0] - b[0]).flat()
}

const values = fc.array(fc.double({ min: 0.2, max: 1e7, noNaN: true }), { maxLength: 60 })

test('merged sketches count what all of them counted, wherever it lies', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 5 }), (parts) => {
      const merged = mergeSketches(parts.map(sketchOf))
      expect(merged).toEqual(sketchOf(parts.flat()))
      expect(countSketch(merged)).toBe(parts.flat().length)
    }),
  )
  // Indexes that no duration has.
  expect(mergeSketches([[3, 1, 5000, 2], [70_000, 4], [], [3, 9]])).toEqual([3, 10, 5000, 2, 70_000, 4])
  expect(mergeSketches([])).toEqual([])
})

test('a sketch that is merged with none is left as it is', () => {
  const only = sketchOf([1, 2, 3])
  expect(mergeSketches([only])).toBe(only)
  const copy = [...only]
  mergeSketches([only, only])
  expect(only).toEqual(copy)
})

test('quantiles are those of the values by nearest rank, within the relative error', () => {
  fc.assert(
    fc.property(values, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }), (some, quantiles) => {
      const found = sketchQuantiles(sketchOf(some), quantiles)
      expect(found === null).toBe(some.length === 0)
      if (found === null) return
      const sorted = [...some].sort((a, b) => a - b)
      for (const [i, quantile] of quantiles.entries()) {
        const exact = sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1] as number
        expect(Math.abs((found[i] as number) - exact) / exact).toBeLessThanOrEqual(SKETCH_RELATIVE_ERROR + 1e-9)
      }
    }),
  )
})
