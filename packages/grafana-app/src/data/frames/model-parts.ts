import type { Figures, Model, Models } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { figureColumns } from './figure-columns.ts'
import { type ColumnOf, makeFrame, UNIT } from './frame.ts'
import type { Parts } from './part.ts'
import { courseParts } from './points.ts'

const COMPARED: (keyof Figures)[] = [
  'calls',
  'error_rate',
  'input_tokens',
  'output_tokens',
  'cost_usd',
  'latency_p50_seconds',
  'latency_p95_seconds',
  'first_token_p50_seconds',
  'generation_tokens_per_second',
  'cache_saved_usd',
  'wasted_attempts',
]

type Breakdown = Models['models'][number]['time_per_call']

/** Where the time of a call went, in the order in which it passes. */
export const breakdownColumns = <Row>(of: (row: Row) => Breakdown): ColumnOf<Row>[] => [
  { name: 'queue_seconds', title: t('columns.queue', 'Queue'), unit: UNIT.seconds, value: (row) => of(row).queue_seconds },
  { name: 'prefill_seconds', title: t('columns.prefill', 'Prefill'), unit: UNIT.seconds, value: (row) => of(row).prefill_seconds },
  { name: 'decode_seconds', title: t('columns.decode', 'Decode'), unit: UNIT.seconds, value: (row) => of(row).decode_seconds },
  {
    name: 'other_seconds',
    title: t('columns.network-and-the-rest', 'Network and the rest'),
    unit: UNIT.seconds,
    value: (row) => of(row).other_seconds,
  },
]

export const modelsParts = {
  table: {
    title: () => t('parts.models-compared', 'Models compared'),
    toFrames: ({ models }) => [
      makeFrame('models', models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        { name: 'providers', title: t('columns.providers', 'Providers'), value: ({ providers }) => providers.join(', ') },
        { name: 'apps', title: t('columns.apps', 'Apps'), value: ({ apps }) => apps.join(', ') },
        ...figureColumns<Models['models'][number]>(({ figures }) => figures, COMPARED),
      ]),
    ],
  },
  figures: {
    title: () => t('parts.every-figure-by-model', 'Every figure by model'),
    toFrames: ({ models }) => [
      makeFrame('models', models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        ...figureColumns<Models['models'][number]>(({ figures }) => figures),
      ]),
    ],
  },
  breakdown: {
    title: () => t('parts.where-the-time-went-by-model', 'Where the time went, by model'),
    toFrames: ({ models }) => [
      makeFrame('breakdown', models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        ...breakdownColumns<Models['models'][number]>(({ time_per_call }) => time_per_call),
      ]),
    ],
  },
} satisfies Parts<Models>

export const modelParts = {
  ...courseParts,
  apps: {
    title: () => t('parts.apps-that-ask-it', 'Apps that ask it'),
    toFrames: ({ apps }) => [
      makeFrame('apps', apps, [
        { name: 'app', title: t('columns.app', 'App'), value: ({ app }) => app },
        ...figureColumns<Model['apps'][number]>(({ figures }) => figures, COMPARED),
      ]),
    ],
  },
  errors: {
    title: () => t('parts.errors-by-type', 'Errors by type'),
    toFrames: ({ errors }) => [
      makeFrame('errors', errors, [
        { name: 'error_type', title: t('columns.error', 'Error'), value: ({ error_type }) => error_type },
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
      ]),
    ],
  },
  breakdown: {
    title: () => t('parts.where-the-time-went', 'Where the time went'),
    toFrames: ({ time_per_call }) => [
      makeFrame(
        'breakdown',
        [time_per_call],
        breakdownColumns<Breakdown>((row) => row),
      ),
    ],
  },
} satisfies Parts<Model>
