import { GAUGE, override } from '@aiwatch/provisioning/look'
import type { DataLink } from '@grafana/data'
import type { SceneDataProvider, VizPanel } from '@grafana/scenes'
import { makePanel } from './make-panel.ts'
import { nothing } from './nothing.ts'

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

export function tablePanel({ title, data, description, links = {}, gauges = [], sortBy }: Table): VizPanel {
  const { defaults, overrides } = nothing()
  return makePanel({
    pluginId: 'table',
    title,
    description,
    $data: data,
    options: { showHeader: true, cellHeight: 'sm', sortBy: sortBy ? [sortBy] : [] },
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true, minWidth: 90, wrapHeaderText: true }, ...defaults },
      overrides: [
        ...overrides,
        ...Object.entries(links).map(([column, link]) => override(column, { links: [link].flat() })),
        ...Object.entries(WIDTHS).map(([column, width]) => override(column, { 'custom.width': width })),
        ...gauges.map((column) => override(column, GAUGE)),
        // The key of a user is for links alone.
        override('key', { 'custom.hideFrom.viz': true }),
      ],
    },
  })
}
