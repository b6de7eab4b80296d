import type { Costs } from '@aiwatch/collector/contract'
import { BUCKET, type ColumnOf, makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

export const costsParts = {
  totals: {
    title: 'Totals of the window',
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
          { name: 'cache_saved_usd', title: 'Saved by the cache', unit: UNIT.usd, value: ({ cache_saved_usd }) => cache_saved_usd },
          { name: 'wasted_usd', title: 'Wasted', unit: UNIT.usd, value: ({ wasted_usd }) => wasted_usd },
          { name: 'wasted_attempts', title: 'Wasted attempts', unit: UNIT.count, value: ({ wasted_attempts }) => wasted_attempts },
          { name: 'unpriced_calls', title: 'Calls without a price', unit: UNIT.count, value: ({ unpriced_calls }) => unpriced_calls },
        ],
      ),
    ],
  },
  table: {
    title: 'Money by name',
    toFrames: ({ rows }) => [
      makeFrame('costs', rows, [
        { name: 'name', title: 'Name', value: ({ name }) => name },
        { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
        { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'tokens', title: 'Tokens', unit: UNIT.count, value: ({ tokens }) => tokens },
        { name: 'unpriced_calls', title: 'Without a price', unit: UNIT.count, value: ({ unpriced_calls }) => unpriced_calls },
        { name: 'cache_saved_usd', title: 'Saved by the cache', unit: UNIT.usd, value: ({ cache_saved_usd }) => cache_saved_usd },
        { name: 'wasted_usd', title: 'Wasted', unit: UNIT.usd, value: ({ wasted_usd }) => wasted_usd },
        { name: 'key', title: 'Key', value: ({ key }) => key },
      ]),
    ],
  },
  points: {
    title: 'Money over time',
    toFrames: ({ points }) => [
      makeFrame('points', points, [
        BUCKET,
        { name: 'cost_usd', title: 'Cost', unit: UNIT.usd, value: ({ cost_usd }) => cost_usd },
        { name: 'cache_saved_usd', title: 'Saved by the cache', unit: UNIT.usd, value: ({ cache_saved_usd }) => cache_saved_usd },
        { name: 'wasted_usd', title: 'Wasted', unit: UNIT.usd, value: ({ wasted_usd }) => wasted_usd },
      ] satisfies ColumnOf<Costs['points'][number]>[]),
    ],
  },
  unpriced: {
    title: 'Models without a price',
    toFrames: ({ unpriced_models }) => [
      makeFrame('unpriced', unpriced_models, [
        { name: 'model', title: 'Model', value: ({ model }) => model },
        { name: 'calls', title: 'Calls without a price', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'tokens', title: 'Tokens', unit: UNIT.count, value: ({ tokens }) => tokens },
      ]),
    ],
  },
} satisfies Parts<Costs>
