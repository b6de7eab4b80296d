import type { DataLink } from '@grafana/data'
import type { SceneDataProvider, VizPanel } from '@grafana/scenes'
import { makePanel } from './make-panel.ts'

interface Table {
  title: string
  data: SceneDataProvider
  description?: string
  /** Links of a column's cells, by the name that people read. */
  links?: Record<string, DataLink | DataLink[]>
  /** Columns shown as bars of the greatest. */
  gauges?: string[]
  sortBy?: { displayName: string; desc: boolean }
}

/** Of columns whose content does not fit the width that all share, pixels. */
const WIDTHS: Record<string, number> = {
  Model: 210,
  Models: 240,
  Name: 240,
  Session: 150,
  Started: 180,
  'First seen': 180,
  'Last seen': 180,
  'Last heard': 180,
  At: 180,
  'What it holds': 300,
  Command: 420,
  Counter: 240,
  Operation: 140,
  Tags: 200,
}

const override = (column: string, id: string, value: unknown) => ({
  matcher: { id: 'byName', options: column },
  properties: [{ id, value }],
})

export function tablePanel({ title, data, description, links = {}, gauges = [], sortBy }: Table): VizPanel {
  return makePanel({
    pluginId: 'table',
    title,
    description,
    $data: data,
    options: { showHeader: true, cellHeight: 'sm', sortBy: sortBy ? [sortBy] : [] },
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true, minWidth: 90 }, noValue: '–' },
      overrides: [
        ...Object.entries(links).map(([column, link]) => override(column, 'links', [link].flat())),
        ...Object.entries(WIDTHS).map(([column, width]) => override(column, 'custom.width', width)),
        ...gauges.map((column) => override(column, 'color', { mode: 'fixed', fixedColor: 'blue' })),
        ...gauges.map((column) => override(column, 'custom.cellOptions', { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' })),
        // The key of a user is for links alone.
        override('Key', 'custom.hideFrom.viz', true),
      ],
    },
  })
}
