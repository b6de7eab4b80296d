import type { Errors } from '@aiwatch/collector/contract'
import { t } from '../../t.ts'
import { type Column, type Frame, makeFrame, UNIT } from './frame.ts'
import { cellFrames, type Grid, listBuckets } from './heatmap-cells.ts'
import type { Parts } from './part.ts'

const toCalls = ({ buckets }: Errors['heatmap'][number]) => new Map(buckets.map(({ timestamp, calls }) => [timestamp, calls]))

const gridOf = ({ window, step_seconds }: Errors): Grid => ({
  fromMs: Date.parse(window.from),
  toMs: Date.parse(window.to),
  stepMs: step_seconds * 1000,
})

/** A column a type on one time axis, as a state timeline and stacked bars take it. */
function typesFrame(reply: Errors): Frame {
  const times = listBuckets(gridOf(reply))
  const columns = reply.heatmap.map((row): Column => {
    const { error_type } = row
    const calls = toCalls(row)
    const config = { displayName: error_type, unit: UNIT.count, decimals: 0 }
    return { name: error_type, type: 'number', config, values: times.map((atMs) => calls.get(atMs) ?? 0) }
  })
  return { name: 'heatmap', length: times.length, fields: [{ name: 'time', type: 'time', config: {}, values: times }, ...columns] }
}

const heatmapFrames = (reply: Errors) =>
  cellFrames(
    reply.heatmap.map((row) => ({ name: row.error_type, values: toCalls(row) })),
    gridOf(reply),
    { name: 'cells', config: { displayName: t('columns.calls', 'Calls'), unit: UNIT.count, decimals: 0 } },
  )

export const errorsParts = {
  totals: {
    title: () => t('parts.totals-of-the-window', 'Totals of the window'),
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          { name: 'errors', title: t('columns.errors', 'Errors'), unit: UNIT.count, value: ({ errors }) => errors },
          {
            name: 'error_rate',
            title: t('columns.error-rate', 'Error rate'),
            unit: UNIT.share,
            decimals: 2,
            value: ({ error_rate }) => error_rate,
          },
          { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
          { name: 'patterns', title: t('columns.patterns', 'Patterns'), unit: UNIT.count, value: ({ patterns }) => patterns.length },
          {
            name: 'new_patterns',
            title: t('columns.new-patterns', 'New patterns'),
            unit: UNIT.count,
            value: ({ patterns }) => patterns.filter((one) => one.is_new).length,
          },
        ],
      ),
    ],
  },
  patterns: {
    title: () => t('parts.patterns', 'Patterns'),
    toFrames: ({ patterns }) => [
      makeFrame('patterns', patterns, [
        { name: 'error_type', title: t('columns.error', 'Error'), value: ({ error_type }) => error_type },
        { name: 'app', title: t('columns.app', 'App'), value: ({ app }) => app },
        { name: 'provider', title: t('columns.provider', 'Provider'), value: ({ provider }) => provider },
        { name: 'model', title: t('columns.model', 'Model'), value: ({ model }) => model },
        { name: 'calls', title: t('columns.calls', 'Calls'), unit: UNIT.count, value: ({ calls }) => calls },
        {
          name: 'share_of_calls',
          title: t('columns.share-of-calls', 'Share of calls'),
          unit: UNIT.share,
          decimals: 2,
          value: (row) => row.share_of_calls,
        },
        { name: 'first_seen', title: t('columns.first-seen', 'First seen'), type: 'time', value: ({ first_seen }) => first_seen },
        { name: 'last_seen', title: t('columns.last-seen', 'Last seen'), type: 'time', value: ({ last_seen }) => last_seen },
        { name: 'is_new', title: t('columns.new', 'New'), type: 'boolean', value: ({ is_new }) => is_new },
      ]),
    ],
  },
  heatmap: { title: () => t('parts.errors-over-time-by-type', 'Errors over time by type'), toFrames: (reply) => [typesFrame(reply)] },
  cells: {
    title: () => t('parts.errors-over-time-by-type-for-a-heat-map', 'Errors over time by type, for a heat map'),
    toFrames: heatmapFrames,
  },
} satisfies Parts<Errors>
