/**
 * The cells of a heat map, as Grafana's panel "Heatmap" takes them without calculating. Rows of a table would do as well, but the panel takes
 * their instants for ends of buckets and ours are beginnings.
 */
import type { Column, ColumnConfig, Frame } from './frame.ts'

export interface HeatmapRow {
  name: string
  /** Beginning of a bucket, milliseconds since the epoch → what it holds. */
  values: ReadonlyMap<number, unknown>
}

export interface Grid {
  fromMs: number
  toMs: number
  stepMs: number
}

/** The panel fails on a single cell, and draws nothing of a single column: it reads the width of a bucket from the next one. */
const LEAST_BUCKETS = 2

/** Beginnings of the buckets, at least so many. */
export function listBuckets({ fromMs, toMs, stepMs }: Grid, least = 0): number[] {
  const firstMs = Math.floor(fromMs / stepMs) * stepMs
  const buckets = Math.max(least, Math.ceil((toMs - firstMs) / stepMs))
  return Array.from({ length: buckets }, (_, index) => firstMs + index * stepMs)
}

/** A cell for each bucket of the grid and each row; empty ones hold 0. No frame where there is no row: the panel then says that there is no data. */
export function cellFrames(rows: readonly HeatmapRow[], grid: Grid, { name, config }: { name: string; config: ColumnConfig }): Frame[] {
  if (rows.length === 0) return []
  const cells = listBuckets(grid, LEAST_BUCKETS).flatMap((atMs) =>
    rows.map((row, place) => ({ atMs, place, value: row.values.get(atMs) ?? 0 })),
  )
  const column = (name: string, type: Column['type'], config: ColumnConfig, values: unknown[]): Column => ({ name, type, config, values })
  return [
    {
      name,
      length: cells.length,
      meta: { type: 'heatmap-cells', custom: { yOrdinalDisplay: rows.map((row) => row.name) } },
      fields: [
        column(
          'xMin',
          'time',
          { interval: grid.stepMs },
          cells.map(({ atMs }) => atMs),
        ),
        column(
          'y',
          'number',
          {},
          cells.map(({ place }) => place),
        ),
        column(
          'value',
          'number',
          config,
          cells.map(({ value }) => value),
        ),
      ],
    },
  ]
}
