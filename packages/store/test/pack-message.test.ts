import { packVector, unpackVector } from '@aiwatch/store'
import { decode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Message, packMessage } from '../src/pack-message.ts'

const numbers = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
)

test('what is packed is read by another MessagePack library as it was', () => {
  const { message } = fc.letrec<{ message: Message }>((tie) => ({
    message: fc.oneof(
      { depthSize: 'small' },
      numbers,
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc.string({ unit: 'grapheme', minLength: 32, maxLength: 400 }),
      fc.array(tie('message'), { maxLength: 40 }),
    ),
  }))
  fc.assert(
    fc.property(message, (value) => {
      expect(decode(packMessage(value))).toEqual(value)
    }),
  )
})

test('large messages and long strings are whole', () => {
  const value = [Array.from({ length: 70_000 }, (_, i) => i), 'é'.repeat(70_000), Array.from({ length: 20 }, () => 'x')]
  expect(decode(packMessage(value))).toEqual(value)
  expect(decode(packMessage([1]))).toEqual([1])
})

test('a vector comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 700 }), numbers), { maxLength: 200 }), (pairs) => {
      expect(unpackVector(packVector(pairs.flat()))).toEqual(pairs.flat())
    }),
  )
})

test('a number that is not finite throws a RangeError', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => packVector([1, value])).toThrow(RangeError)
})
