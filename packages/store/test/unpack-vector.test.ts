import { unpackVector } from '@aiwatch/store'
import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './read/open-store.ts'

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    0,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    -1,
    -32,
    -33,
    -128,
    -129,
    -32_768,
    -32_769,
    -(2 ** 31),
    -(2 ** 31) - 1,
  ),
)
const vector = fc.array(fc.tuple(number, number), { maxLength: 40 }).map((pairs) => pairs.flat())

describe('unpackVector', () => {
  test('reads every number that a MessagePack encoder writes', () => {
    fc.assert(
      fc.property(vector, (numbers) => {
        // -0 is written as the integer 0.
        expect(unpackVector(encode(numbers))).toEqual(numbers.map((value) => value + 0))
      }),
    )
    expect(unpackVector(encode([0.5, -0.25], { forceFloat32: true }))).toEqual([0.5, -0.25])
  })

  test.each([
    ['long', 20_000],
    ['of more than 65,535 entries', 70_000],
  ])('reads a vector that is %s', (_, length) => {
    const numbers = Array.from({ length }, (_, i) => i)
    expect(unpackVector(encode(numbers))).toEqual(numbers)
  })

  test('reads integers beyond 2^53 as the nearest double', () => {
    expect(unpackVector(encode([1, 2n ** 60n, 2, -(2n ** 60n) - 1n], { useBigInt64: true }))).toEqual([1, 2 ** 60, 2, -(2 ** 60)])
  })

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a map', encode({ a: 1 })],
    ['a number', encode(7)],
    ['text inside', encode([1, 'a'])],
    ['null inside', encode([1, null])],
    ['a nested array', encode([1, [2]])],
    ['an odd length', encode([1, 2, 3])],
    ['a cut number', encode([1, 70_000]).subarray(0, 4)],
    ['a cut array', encode([1, 2, 3, 4]).subarray(0, 3)],
    ['bytes left over', Buffer.concat([encode([1, 2]), Buffer.from([0])])],
    ['a NaN', encode([1, Number.NaN])],
    ['a length without entries', Uint8Array.from([0xdd, 0xff, 0xff, 0xff, 0xfe])],
  ])('refuses %s', (_, packed) => {
    expect(() => unpackVector(packed)).toThrow(/not a packed vector: /)
  })

  test('answers a vector or a RangeError to any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(unpackVector(bytes).every(Number.isFinite)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })
})

describe('with a real server', () => {
  let store: TestStore
  beforeAll(async () => {
    store = await openTestStore()
  })
  afterAll(() => store.close())

  test("reads what Redis' own encoder writes", async () => {
    await fc.assert(
      fc.asyncProperty(vector, async (numbers) => {
        const script = 'local v = {} for i = 1, #ARGV do v[i] = tonumber(ARGV[i]) end return cmsgpack.pack(v)'
        const packed = (await store.redis.callBuffer('EVAL', script, 0, ...numbers.map(String))) as Buffer
        expect(unpackVector(packed)).toEqual(numbers.map((value) => value + 0))
      }),
      { numRuns: 50 },
    )
  })
})
