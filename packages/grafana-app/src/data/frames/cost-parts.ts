import type { Costs } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { bucketColumn, type ColumnOf, makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'

type CostRow = Costs['rows'][number]

interface Money {
  cost_usd: number
  cache_saved_usd: number | null
  wasted_usd: number | null
}

const costColumn = <Row extends Money>(): ColumnOf<Row> => ({
  name: 'cost_usd',
  title: t('columns.cost', 'Cost'),
  unit: UNIT.usd,
  value: ({ cost_usd }) => cost_usd,
})

const savedColumns = <Row extends Money>(): ColumnOf<Row>[] => [
  {
    name: 'cache_saved_usd',
    title: t('columns.saved-by-the-cache', 'Saved by the cache'),
    unit: UNIT.usd,
    value: ({ cache_saved_usd }) => cache_saved_usd,
  },
  { name: 'wasted_usd', title: t('columns.wasted', 'Wasted'), unit: UNIT.usd, value: ({ wasted_usd }) => wasted_usd },
]

export const costsParts = {
  totals: {
    title: () => t('parts.totals-of-the-window', 'Totals of the window'),
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          costColumn<Costs>(),
          ...savedColumns<Costs>(),
          {
            name: 'wasted_attempts',
            title: t('columns.wasted-attempts', 'Wasted attempts'),
            unit: UNIT.count,
            value: ({ wasted_attempts }) => wasted_attempts,
          },
          {
            name: 'unpriced_calls',
            title: t('columns.calls-without-a-price', 'Calls without a price'),
            unit: UNIT.count,
            value: ({ unpriced_calls }) => unpriced_calls,
          },
        ],
      ),
    ],
  },
  table: {
    title: () => t('parts.money-by-name', 'Money by name'),
    toFrames: ({ rows }) => [
      makeFrame('costs', rows, [
        { name: 'name', title: t('columns.name', 'Name'), value: ({ name }) => name },
        costColumn<CostRow>(),
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'tokens', title: t('columns.tokens', 'Tokens'), unit: UNIT.count, value: ({ tokens }) => tokens },
        {
          name: 'unpriced_calls',
          title: t('columns.without-a-price', 'Without a price'),
          unit: UNIT.count,
          value: ({ unpriced_calls }) => unpriced_calls,
        },
        ...savedColumns<CostRow>(),
        { name: 'key', title: t('columns.key', 'Key'), value: ({ key }) => key },
      ]),
    ],
  },
  points: {
    title: () => t('parts.money-over-time', 'Money over time'),
    toFrames: ({ points }) => [
      makeFrame('points', points, [bucketColumn(), costColumn(), ...savedColumns()] satisfies ColumnOf<Costs['points'][number]>[]),
    ],
  },
  unpriced: {
    title: () => t('parts.models-without-a-price', 'Models without a price'),
    toFrames: ({ unpriced_models }) => [
      makeFrame('unpriced', unpriced_models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        {
          name: 'calls',
          title: t('columns.calls-without-a-price', 'Calls without a price'),
          unit: UNIT.count,
          value: ({ calls }) => calls,
        },
        { name: 'tokens', title: t('columns.tokens', 'Tokens'), unit: UNIT.count, value: ({ tokens }) => tokens },
      ]),
    ],
  },
} satisfies Parts<Costs>
