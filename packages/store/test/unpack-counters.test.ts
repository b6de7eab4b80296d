import { unpackVector } from '@aiwatch/store'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packMessage } from '../src/pack-message.ts'

/** Bytes of a row as the apply script gets them: after the head of the string. */
const pack = (counters: number[]) => packMessage({ counters }).subarray(3)

const anyCounters = fc
  .uniqueArray(fc.tuple(fc.nat({ max: 700 }), fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 53 - 1 }))), {
    selector: ([index]) => index,
    maxLength: 60,
  })
  .map((pairs) => pairs.sort(([a], [b]) => a - b).flat())

describe('counters of a sketch', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(anyCounters, (counters) => {
        expect(unpackVector(pack(counters))).toEqual(counters)
      }),
    )
  })

  test('take as many bytes each as the greatest needs', () => {
    for (const [greatest, bytes] of [
      [255, 1],
      [256, 2],
      [65_535, 2],
      [65_536, 4],
      [2 ** 32 - 1, 4],
      [2 ** 32, 8],
    ] as const) {
      expect(pack([10, 1, 19, greatest]).length).toBe(3 + 10 * bytes)
    }
  })

  test('that are none are refused by name', () => {
    for (const counters of [
      [1, -1],
      [1, 0.5],
      [1, Number.NaN],
      [-1, 1],
      [2000, 1],
      [0.5, 1],
      [5, 1, 4, 1],
      [5, 1, 9, 1, 4, 1, 6, 1],
    ]) {
      expect(() => pack(counters), String(counters)).toThrow(RangeError)
    }
  })

  test('that were damaged throw a RangeError or are counts', () => {
    for (const bytes of [
      [1],
      [1, 0],
      [2, 0, 0, 1],
      [4, 0, 0, 1, 2],
      [3, 0, 0, 1, 2, 3],
      [8, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255],
    ]) {
      expect(() => unpackVector(Uint8Array.from(bytes)), String(bytes)).toThrow(/not a packed vector/)
    }
  })
})
