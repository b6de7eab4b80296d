import { boundLabel, formatSeriesName, metricOfCode, parseSeriesName, toCell } from '@aiwatch/store'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const label = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 400 }),
  fc.constantFrom('', 'a:b', '100%', '%41', 'a,b(c)=d!', '😀🎉', 'line\nbreak', '{tag}', 'ä'.repeat(200), ':::', '%'),
)
const code = fc.integer({ min: 1, max: 39 }).filter((number) => metricOfCode(number) !== undefined)

describe('series names', () => {
  test('come back as they were, whatever the labels', () => {
    fc.assert(
      fc.property(code, label, label, label, (number, app, provider, model) => {
        const { metric, split } = metricOfCode(number) as NonNullable<ReturnType<typeof metricOfCode>>
        const name = formatSeriesName({ metric: metric.name, ...(split === undefined ? {} : { split }), app, provider, model })
        const parsed = parseSeriesName(name)
        expect(parsed).toMatchObject({
          metric: metric.name,
          app: boundLabel(app),
          provider: boundLabel(provider),
          model: boundLabel(model),
          code: number,
        })
        expect(parsed.split).toBe(split)
        expect(parsed.cell).toEqual(toCell(app, provider, model))
        expect(formatSeriesName(parsed)).toBe(name)
      }),
    )
  })

  test('have the direction or outcome second', () => {
    expect(formatSeriesName({ metric: 'tokens', split: 'input', app: 'my:app', provider: 'openai', model: 'gpt-4o' })).toBe(
      'tokens:input:my%3Aapp:openai:gpt-4o',
    )
    expect(parseSeriesName('cost_nano_usd:a:b:c')).toMatchObject({ metric: 'cost_nano_usd', app: 'a', provider: 'b', model: 'c' })
  })

  test.each([
    ['', /^metric "" does not exist/],
    ['nonsense:a:b:c', /^metric "nonsense" does not exist/],
    ['tokens:a:b:c', /^a series of tokens is named tokens:<direction>:<app>:<provider>:<model>, got 4 parts/],
    ['tokens:sideways:a:b:c', /^direction of tokens must be one of input, output, got "sideways"/],
    ['calls:great:a:b:c', /^outcome of calls must be one of ok, aborted/],
    ['duration_ms:a:b:c:d', /^a series of duration_ms is named/],
    ['duration_ms:a::c', /^provider is empty/],
    ['duration_ms:a:b:50%', /^model has a % that is not followed/],
  ])('that are wrong are refused by part: %j', (name, message) => {
    expect(() => parseSeriesName(name)).toThrow(message)
  })
})
