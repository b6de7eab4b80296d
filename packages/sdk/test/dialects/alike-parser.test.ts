import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlikeParser } from '../../src/dialects/alike-parser.ts'

/** What `JSON.parse` makes of `{` and the rest; undefined when that is no JSON. */
function parseWhole(rest: string): unknown {
  try {
    return JSON.parse(`{${rest}`)
  } catch {
    return undefined
  }
}

/** The parser keeps its objects: they are compared as text. */
function expectAll(texts: readonly string[]): void {
  const parser = new AlikeParser()
  for (const rest of texts) {
    const text = `head "1" ${rest}`
    const parsed = parser.parseRest(text, text.length - rest.length)
    const expected = parseWhole(rest)
    expect(parsed && JSON.stringify(parsed)).toBe(expected && JSON.stringify(expected))
  }
}

const rest = (prompt: unknown, cached: unknown = 0) =>
  `"usage":{"prompt_tokens":${prompt},"prompt_tokens_details":{"cached_tokens":${cached}},"note":"1 \\" 2"},"fingerprint":"fp_1"}`

describe('AlikeParser', () => {
  it('reads the numbers of texts that are alike', () => {
    expectAll([rest(1200), rest(7, 1024), rest(0), rest(999_999_999_999_999), rest(1_234_567_890_123_456)])
  })

  it('reads texts that are nearly alike as they are', () => {
    const odd = ['"7"', '07', '-7', '7.5', '7e3', '', 'null', '[7]', '{"a":7}', '00', '7 ']
    expectAll([rest(1), ...odd.flatMap((value) => [rest(value), rest(2), rest(3, value)])])
    expectAll([rest(1), `${rest(2)}\n`, rest(3).slice(0, -1), `${rest(4)}}`, rest(5).replace('fp_1', 'fp_2'), rest(6)])
  })

  it('is not misled by fields that an object orders otherwise, holds once or does not hold', () => {
    for (const name of ['2', '__proto__', 'a'])
      for (const twin of ['1', 'a']) expectAll([5, 5, 6].map((value, i) => `"${name}":5,"${twin}":${value + i},"b":{"${name}":${i}}}`))
  })

  it('gives what JSON.parse gives, whatever follows on whatever', () => {
    const number = fc.oneof(fc.nat(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    const value = fc.letrec((tie) => ({
      any: fc.oneof(number, fc.string(), fc.constant(null), fc.array(tie('any'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('1', '2', 'usage', '__proto__')), tie('any'), { maxKeys: 4 }),
    })).object
    const renumbered = (text: string, by: number) => text.replace(/\d/g, (digit) => String((Number(digit) + by) % 10))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(9), { maxLength: 6 }), (objects, shifts) => {
        const texts = objects.map((object) => JSON.stringify(object).slice(1))
        expectAll([...texts, ...shifts.flatMap((by) => texts.map((text) => renumbered(text, by)))])
      }),
      { numRuns: 300 },
    )
  })

  it('parses on when no two texts are alike', () => {
    expectAll(Array.from({ length: 100 }, (_, i) => `"usage":{"field${i}":${i}},"id":"x${i}"}`))
  })
})
