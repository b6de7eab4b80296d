import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NumberTemplates } from '../../src/dialects/number-templates.ts'

/** What stands after the brace that opens an object. */
const membersOf = (value: object) => JSON.stringify(value).slice(1)

const usageOf = (prompt: number, cached: number) => ({
  usage: { prompt_tokens: prompt, details: { cached_tokens: cached, list: [1, prompt, 'a "5" \\'] } },
  tier: 'v2',
})

describe('NumberTemplates', () => {
  it('reads texts that differ in their numbers, at any place of a longer one', () => {
    const templates = new NumberTemplates()
    for (const [prompt, cached] of [
      [0, 0],
      [7, 123_456_789],
      [999_999_999_999_999, 1],
    ] as const) {
      const members = membersOf(usageOf(prompt, cached))
      expect(templates.parse(members, 0)).toEqual(usageOf(prompt, cached))
      expect(templates.parse(`data: {${members}\n\n`, 7, 7 + members.length)).toEqual(usageOf(prompt, cached))
    }
  })

  it('gives the same object for texts that are alike, and another one for others', () => {
    const templates = new NumberTemplates()
    templates.parse(membersOf(usageOf(1, 2)), 0)
    const known = templates.parse(membersOf(usageOf(3, 4)), 0)
    expect(templates.parse(membersOf(usageOf(5, 6)), 0)).toBe(known)
    expect(templates.parse(membersOf({ usage: { input_tokens: 5 } }), 0)).not.toBe(known)
  })

  it('answers what JSON.parse answers, whatever the texts are', () => {
    const number = fc.oneof(fc.nat(), fc.constantFrom(0, -1, 0.5, 1e21, 5e-7, 2 ** 53, 123_456_789_012_345_680))
    const shapes: ((a: unknown, b: unknown) => object)[] = [
      (a, b) => ({ a, b }),
      (a, b) => ({ a: { x: a, y: [b, a] }, b: null }),
      (a, b) => ({ text: '12 "3\\', a: [[a], b] }),
      (a, b) => ({ 5: a, '5"': { a: b } }),
      (a) => ({ a, b: true }),
      () => ({}),
    ]
    const call = fc.tuple(fc.constantFrom(...shapes), fc.oneof(number, fc.string()), number)
    fc.assert(
      fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
        const templates = new NumberTemplates()
        for (const [shape, a, b] of calls)
          expect(templates.parse(membersOf(shape(a, b)), 0)).toEqual(JSON.parse(JSON.stringify(shape(a, b))))
      }),
      { numRuns: 500 },
    )
  })

  it.each(['"a":1', '"a":01}', '"a":1}}', '"a":1,}', '"a":}', '"a":1}x', '', ']'])('throws on %j, known or not', (members) => {
    const templates = new NumberTemplates()
    expect(() => templates.parse(members, 0)).toThrow(SyntaxError)
    templates.parse('"a":1}', 0)
    expect(() => templates.parse(members, 0)).toThrow(SyntaxError)
  })

  it('keeps the last of equal names, as JSON.parse does', () => {
    const templates = new NumberTemplates()
    expect(templates.parse('"a":1,"a":2}', 0)).toEqual({ a: 2 })
    expect(templates.parse('"a":3,"a":4}', 0)).toEqual({ a: 4 })
  })
})
