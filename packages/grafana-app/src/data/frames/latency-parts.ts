import type { Latency } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { bucketColumn, type ColumnOf, type Frame, makeFrame, UNIT } from './frame.ts'
import { breakdownColumns } from './model-parts.ts'
import type { Parts } from './part.ts'

type LatencyModel = Latency['models'][number]
type Percentile = 'p50_seconds' | 'p95_seconds' | 'p99_seconds'

/** A frame a model: their buckets differ. */
const percentileFrames = (percentile: Percentile) => (reply: Latency) =>
  reply.models.map((row): Frame => {
    const columns: ColumnOf<LatencyModel['points'][number]>[] = [
      bucketColumn(),
      { name: percentile, title: row.model, unit: UNIT.seconds, min: 0, value: (point) => point[percentile] },
    ]
    const frame = makeFrame(row.model, row.points, columns)
    const [time, value] = frame.fields
    return time && value ? { ...frame, fields: [time, { ...value, labels: { model: row.model } }] } : frame
  })

export const latencyParts = {
  table: {
    title: () => t('parts.percentiles-by-model', 'Percentiles by model'),
    toFrames: ({ models }) => [
      makeFrame('latency', models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'p50_seconds', title: t('columns.p50', 'p50'), unit: UNIT.seconds, value: ({ p50_seconds }) => p50_seconds },
        { name: 'p90_seconds', title: t('columns.p90', 'p90'), unit: UNIT.seconds, value: ({ p90_seconds }) => p90_seconds },
        { name: 'p95_seconds', title: t('columns.p95', 'p95'), unit: UNIT.seconds, value: ({ p95_seconds }) => p95_seconds },
        { name: 'p99_seconds', title: t('columns.p99', 'p99'), unit: UNIT.seconds, value: ({ p99_seconds }) => p99_seconds },
      ]),
    ],
  },
  p50: { title: () => t('parts.p50-over-time-by-model', 'p50 over time by model'), toFrames: percentileFrames('p50_seconds') },
  p95: { title: () => t('parts.p95-over-time-by-model', 'p95 over time by model'), toFrames: percentileFrames('p95_seconds') },
  p99: { title: () => t('parts.p99-over-time-by-model', 'p99 over time by model'), toFrames: percentileFrames('p99_seconds') },
  breakdown: {
    title: () => t('parts.where-the-time-went-by-model', 'Where the time went, by model'),
    toFrames: ({ models }) => [
      makeFrame('breakdown', models, [
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        ...breakdownColumns<LatencyModel>(({ time_per_call }) => time_per_call),
      ]),
    ],
  },
} satisfies Parts<Latency>
