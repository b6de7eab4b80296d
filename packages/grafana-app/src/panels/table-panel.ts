import type { DataLink } from '@grafana/data'
import type { SceneDataProvider, VizPanel } from '@grafana/scenes'
import { makePanel } from './make-panel.ts'

interface Table {
  title: string
  data: SceneDataProvider
  description?: string
  /** Links of a column's cells, by its name: what people read depends on their language. */
  links?: Record<string, DataLink | DataLink[]>
  /** Columns shown as bars of the greatest. */
  gauges?: string[]
  sortBy?: { displayName: string; desc: boolean }
}

/** Of columns whose content does not fit the width that all share, pixels. */
const WIDTHS: Record<string, number> = {
  model: 160,
  models: 240,
  name: 240,
  session: 150,
  started_at: 180,
  first_seen: 180,
  last_seen: 180,
  last_heard: 180,
  at: 180,
  description: 220,
  command: 420,
  counter: 240,
  operation: 140,
  tags: 200,
}

const override = (column: string, properties: Record<string, unknown>) => ({
  matcher: { id: 'byName', options: column },
  properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
})

/** From nothing to the column's own greatest: by default a bar reaches to the greatest number of the whole table. */
const GAUGE = {
  color: { mode: 'fixed', fixedColor: 'blue' },
  'custom.cellOptions': { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' },
  min: 0,
  fieldMinMax: true,
}

export function tablePanel({ title, data, description, links = {}, gauges = [], sortBy }: Table): VizPanel {
  return makePanel({
    pluginId: 'table',
    title,
    description,
    $data: data,
    options: { showHeader: true, cellHeight: 'sm', sortBy: sortBy ? [sortBy] : [] },
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true, minWidth: 90, wrapHeaderText: true }, noValue: '–' },
      overrides: [
        ...Object.entries(links).map(([column, link]) => override(column, { links: [link].flat() })),
        ...Object.entries(WIDTHS).map(([column, width]) => override(column, { 'custom.width': width })),
        ...gauges.map((column) => override(column, GAUGE)),
        // The key of a user is for links alone.
        override('key', { 'custom.hideFrom.viz': true }),
      ],
    },
  })
}
