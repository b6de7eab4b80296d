// @vitest-environment jsdom
import { FieldType } from '@grafana/data'
import { expect, test } from 'vitest'
import { hasChange } from '../../src/panels/hide-empty-change.ts'

const seriesOf = (values: unknown[]) =>
  [
    {
      fields: [
        { name: 'at', type: FieldType.time, values: values.map((_, i) => i), config: {} },
        { name: 'calls', type: FieldType.number, values, config: {} },
      ],
      length: values.length,
    },
  ] as never

test.each([
  ['a value and the one before', [4, 5], true],
  ['a fall to nothing', [4, 0], true],
  ['a tenfold', [4, 40], true],
  ['more than a tenfold', [4, 41], false],
  ['nothing before', [0, 5], false],
  ['no value before', [null, 5], false],
  ['one value', [5], false],
  ['no value', [], false],
])('%s: %j', (_, values, expected) => {
  expect(hasChange(seriesOf(values))).toBe(expected)
})
