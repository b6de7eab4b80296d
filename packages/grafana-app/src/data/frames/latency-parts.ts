import type { Latency } from '@aiwatch/collector/contract'
import { BUCKET, type ColumnOf, type Frame, makeFrame, UNIT } from './frame.ts'
import { breakdownColumns } from './model-parts.ts'
import type { Parts } from './part.ts'

type LatencyModel = Latency['models'][number]
type Percentile = 'p50_seconds' | 'p95_seconds' | 'p99_seconds'

/** A frame a model: their buckets differ. */
const percentileFrames = (percentile: Percentile) => (reply: Latency) =>
  reply.models.map((row): Frame => {
    const columns: ColumnOf<LatencyModel['points'][number]>[] = [
      BUCKET,
      { name: percentile, title: row.model, unit: UNIT.seconds, min: 0, value: (point) => point[percentile] },
    ]
    const frame = makeFrame(row.model, row.points, columns)
    const [time, value] = frame.fields
    return time && value ? { ...frame, fields: [time, { ...value, labels: { model: row.model } }] } : frame
  })

export const latencyParts = {
  table: {
    title: 'Percentiles by model',
    toFrames: ({ models }) => [
      makeFrame('latency', models, [
        { name: 'model', title: 'Model', value: ({ model }) => model },
        { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'p50_seconds', title: 'p50', unit: UNIT.seconds, value: ({ p50_seconds }) => p50_seconds },
        { name: 'p90_seconds', title: 'p90', unit: UNIT.seconds, value: ({ p90_seconds }) => p90_seconds },
        { name: 'p95_seconds', title: 'p95', unit: UNIT.seconds, value: ({ p95_seconds }) => p95_seconds },
        { name: 'p99_seconds', title: 'p99', unit: UNIT.seconds, value: ({ p99_seconds }) => p99_seconds },
      ]),
    ],
  },
  p50: { title: 'p50 over time by model', toFrames: percentileFrames('p50_seconds') },
  p95: { title: 'p95 over time by model', toFrames: percentileFrames('p95_seconds') },
  p99: { title: 'p99 over time by model', toFrames: percentileFrames('p99_seconds') },
  breakdown: {
    title: 'Where the time went, by model',
    toFrames: ({ models }) => [
      makeFrame('breakdown', models, [
        { name: 'model', title: 'Model', value: ({ model }) => model },
        ...breakdownColumns<LatencyModel>(({ time_per_call }) => time_per_call),
      ]),
    ],
  },
} satisfies Parts<Latency>
