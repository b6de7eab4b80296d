import type { DataLink } from '@grafana/data'
import { type SceneDataProvider, VizPanel } from '@grafana/scenes'

interface Table {
  title: string
  data: SceneDataProvider
  description?: string
  /** Links of a column's cells, by the name that people read. */
  links?: Record<string, DataLink>
  /** Columns shown as bars of the greatest. */
  gauges?: string[]
  sortBy?: { displayName: string; desc: boolean }
}

const override = (column: string, id: string, value: unknown) => ({
  matcher: { id: 'byName', options: column },
  properties: [{ id, value }],
})

export function tablePanel({ title, data, description, links = {}, gauges = [], sortBy }: Table): VizPanel {
  return new VizPanel({
    pluginId: 'table',
    title,
    description,
    $data: data,
    options: { showHeader: true, cellHeight: 'sm', sortBy: sortBy ? [sortBy] : [] },
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true, minWidth: 90 }, noValue: '–' },
      overrides: [
        ...Object.entries(links).map(([column, link]) => override(column, 'links', [link])),
        ...gauges.map((column) => override(column, 'custom.cellOptions', { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' })),
        // The key of a user is for links alone.
        override('Key', 'custom.hideFrom.viz', true),
      ],
    },
  })
}
