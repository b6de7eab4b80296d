import { expect, test } from 'vitest'
import type { Column } from '../../src/data/frames/frame.ts'
import { cellFrames } from '../../src/data/frames/heatmap-cells.ts'

const MINUTE_MS = 60_000
const SHOWN = { name: 'cells', config: { displayName: 'Calls' } }
const row = (name: string, values: [atMs: number, calls: number][]) => ({ name, values: new Map(values) })
const cellsOf = (rows: ReturnType<typeof row>[], toMs: number, fromMs = 0) => cellFrames(rows, { fromMs, toMs, stepMs: MINUTE_MS }, SHOWN)

/** What Grafana's panel reads of its cells: see `getDenseHeatmapData` and `heatmapPathsDense` there. */
function readAsPanel([x, y, value]: readonly (Column | undefined)[]) {
  const [xs = [], ys = [], counts = []] = [x, y, value].map((column) => column?.values as number[])
  const rows = ys.length - ys.lastIndexOf(ys[0] ?? 0)
  return { rows, columns: ys.length / rows, bucketMs: (xs[rows] ?? Number.NaN) - (xs[0] ?? 0), counts }
}

test('no row is no frame: of one without numbers the panel says that it failed', () => {
  expect(cellsOf([], MINUTE_MS)).toEqual([])
})

test.each([
  ['a single bucket of a single row', [row('timeout', [[0, 3]])], MINUTE_MS, { rows: 1, columns: 2, counts: [3, 0] }],
  ['a range that is shorter than a bucket', [row('timeout', [[0, 3]])], 1000, { rows: 1, columns: 2, counts: [3, 0] }],
  [
    'a single bucket of several rows',
    [row('timeout', [[0, 3]]), row('auth', [[0, 1]])],
    MINUTE_MS,
    { rows: 2, columns: 2, counts: [3, 1, 0, 0] },
  ],
  [
    'many buckets',
    [row('timeout', [[0, 3]]), row('auth', [[2 * MINUTE_MS, 1]])],
    3 * MINUTE_MS,
    { rows: 2, columns: 3, counts: [3, 0, 0, 0, 0, 1] },
  ],
])('the panel finds the width of a bucket in %s', (_, rows, toMs, read) => {
  const frame = cellsOf(rows, toMs)[0]
  expect(readAsPanel(frame?.fields ?? [])).toEqual({ ...read, bucketMs: MINUTE_MS })
  expect(frame?.meta).toEqual({ type: 'heatmap-cells', custom: { yOrdinalDisplay: rows.map(({ name }) => name) } })
})

test('the first bucket is the one that holds the beginning of the range', () => {
  const [frame] = cellsOf([row('timeout', [[MINUTE_MS, 2]])], 3 * MINUTE_MS, MINUTE_MS + 1)
  expect(frame?.fields.map(({ values }) => values)).toEqual([
    [MINUTE_MS, 2 * MINUTE_MS],
    [0, 0],
    [2, 0],
  ])
})
