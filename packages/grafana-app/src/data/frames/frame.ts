/** Answers as tables of columns: what Grafana calls data frames, made without Grafana so that it can be tested without it. */
import { t } from '../../t.ts'

export type ColumnType = 'time' | 'number' | 'string' | 'boolean'

export interface ColumnConfig {
  /** What people read. */
  displayName?: string
  description?: string
  /** A unit of Grafana. */
  unit?: string
  decimals?: number
  min?: number
  max?: number
  /** Of instants, milliseconds. */
  interval?: number
}

export interface Column {
  name: string
  type: ColumnType
  config: ColumnConfig
  labels?: Record<string, string>
  values: unknown[]
}

export interface Frame {
  name?: string
  refId?: string
  fields: Column[]
  length: number
  meta?: {
    type?: 'heatmap-cells'
    preferredVisualisationType?: 'graph' | 'table'
    notices?: { severity: 'info' | 'warning' | 'error'; text: string }[]
    /** Of cells: the names of the rows. */
    custom?: { yOrdinalDisplay: string[] }
  }
}

/** A column of a table and where a row has its value. */
export interface ColumnOf<Row> {
  name: string
  title: string
  /** `number` where there is a unit, else `string`. */
  type?: ColumnType
  unit?: string
  decimals?: number
  min?: number
  max?: number
  description?: string
  value(row: Row): unknown
}

/** With warnings of the panel; the first frame carries them. */
export function withNotices(frames: Frame[], texts: readonly string[]): Frame[] {
  const [first, ...others] = frames
  if (!first || texts.length === 0) return frames
  const notices = texts.map((text) => ({ severity: 'warning' as const, text }))
  return [{ ...first, meta: { ...first.meta, notices: [...(first.meta?.notices ?? []), ...notices] } }, ...others]
}

const toMs = (value: unknown) => (typeof value === 'string' ? Date.parse(value) : value)

/** Instants may be ISO 8601 or milliseconds since the epoch. */
export function makeFrame<Row>(name: string, rows: readonly Row[], columns: readonly ColumnOf<Row>[]): Frame {
  const fields = columns.map(({ name, title, type, value, ...config }): Column => {
    const columnType = type ?? (config.unit === undefined ? 'string' : 'number')
    const values = rows.map(value)
    return { name, type: columnType, config: { displayName: title, ...config }, values: columnType === 'time' ? values.map(toMs) : values }
  })
  return { name, fields, length: rows.length }
}

export const bucketColumn = (): ColumnOf<{ timestamp: number }> => ({
  name: 'time',
  title: t('columns.time', 'Time'),
  type: 'time',
  value: ({ timestamp }) => timestamp,
})

export const UNIT = {
  count: 'short',
  tokens: 'short',
  perSecond: 'short',
  usd: 'currencyUSD',
  seconds: 's',
  milliseconds: 'ms',
  share: 'percentunit',
  bytes: 'bytes',
  bytesPerSecond: 'Bps',
} as const
