import { expect, test } from 'vitest'
import { sampleSchema } from '../src/sample-schema.ts'

test('references, variants, constants and bounds are followed', () => {
  const schema = {
    type: 'object',
    properties: {
      step: { $ref: '#/$defs/step' },
      kind: { const: 'a' },
      either: { anyOf: [{ type: 'null' }, { type: 'string' }] },
      list: { type: 'array', minItems: 2, items: { type: 'integer', minimum: 5 } },
      day: { type: ['string', 'null'], format: 'date' },
    },
    $defs: { step: { type: 'object', properties: { done: { type: 'boolean' } } } },
  }
  expect(sampleSchema(schema)).toEqual({ step: { done: true }, kind: 'a', either: null, list: [5, 5], day: '2025-01-31' })
})

test('a schema that refers to itself ends', () => {
  const schema = { type: 'object', properties: { child: { $ref: '#' }, name: { type: 'string' } } }
  expect(sampleSchema(schema)).toMatchObject({ name: 'river', child: { name: 'river' } })
})

test('a schema that asks for more values than there is memory is cut', () => {
  let schema: object = { type: 'string' }
  for (let depth = 0; depth < 8; depth++) schema = { type: 'array', minItems: 1_000_000, items: schema }
  expect(JSON.stringify(sampleSchema(schema)).length).toBeLessThan(1_000_000)
})
