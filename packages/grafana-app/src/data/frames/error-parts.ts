import type { Errors } from '@aiwatch/collector/contract'
import { type Column, type Frame, makeFrame, UNIT } from './frame.ts'
import { cellFrames } from './heatmap-cells.ts'
import type { Parts } from './part.ts'

const toCalls = ({ buckets }: Errors['heatmap'][number]) => new Map(buckets.map(({ timestamp, calls }) => [timestamp, calls]))

/** A column a type on one time axis, as a state timeline and stacked bars take it. */
function typesFrame({ heatmap, window, step_seconds }: Errors): Frame {
  const stepMs = step_seconds * 1000
  const firstMs = Math.floor(Date.parse(window.from) / stepMs) * stepMs
  const toMs = Date.parse(window.to)
  const times: number[] = []
  for (let atMs = firstMs; atMs < toMs; atMs += stepMs) times.push(atMs)
  const columns = heatmap.map((row): Column => {
    const { error_type } = row
    const calls = toCalls(row)
    const config = { displayName: error_type, unit: UNIT.count, decimals: 0 }
    return { name: error_type, type: 'number', config, values: times.map((atMs) => calls.get(atMs) ?? 0) }
  })
  return { name: 'heatmap', length: times.length, fields: [{ name: 'time', type: 'time', config: {}, values: times }, ...columns] }
}

const heatmapFrames = ({ heatmap, window, step_seconds }: Errors) =>
  cellFrames(
    heatmap.map((row) => ({ name: row.error_type, values: toCalls(row) })),
    { fromMs: Date.parse(window.from), toMs: Date.parse(window.to), stepMs: step_seconds * 1000 },
    { name: 'cells', config: { displayName: 'Calls', unit: UNIT.count, decimals: 0 } },
  )

export const errorsParts = {
  totals: {
    title: 'Totals of the window',
    toFrames: (reply) => [
      makeFrame(
        'totals',
        [reply],
        [
          { name: 'errors', title: 'Errors', unit: UNIT.count, value: ({ errors }) => errors },
          { name: 'error_rate', title: 'Error rate', unit: UNIT.share, decimals: 2, value: ({ error_rate }) => error_rate },
          { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
          { name: 'patterns', title: 'Patterns', unit: UNIT.count, value: ({ patterns }) => patterns.length },
          {
            name: 'new_patterns',
            title: 'New patterns',
            unit: UNIT.count,
            value: ({ patterns }) => patterns.filter((one) => one.is_new).length,
          },
        ],
      ),
    ],
  },
  patterns: {
    title: 'Patterns',
    toFrames: ({ patterns }) => [
      makeFrame('patterns', patterns, [
        { name: 'error_type', title: 'Error', value: ({ error_type }) => error_type },
        { name: 'app', title: 'App', value: ({ app }) => app },
        { name: 'provider', title: 'Provider', value: ({ provider }) => provider },
        { name: 'model', title: 'Model', value: ({ model }) => model },
        { name: 'calls', title: 'Calls', unit: UNIT.count, value: ({ calls }) => calls },
        { name: 'share_of_calls', title: 'Share of calls', unit: UNIT.share, decimals: 2, value: (row) => row.share_of_calls },
        { name: 'first_seen', title: 'First seen', type: 'time', value: ({ first_seen }) => first_seen },
        { name: 'last_seen', title: 'Last seen', type: 'time', value: ({ last_seen }) => last_seen },
        { name: 'is_new', title: 'New', type: 'boolean', value: ({ is_new }) => is_new },
      ]),
    ],
  },
  heatmap: { title: 'Errors over time by type', toFrames: (reply) => [typesFrame(reply)] },
  cells: { title: 'Errors over time by type, for a heat map', toFrames: heatmapFrames },
} satisfies Parts<Errors>
