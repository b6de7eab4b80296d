/** How figures and tables look, in our dashboards and on the app's pages alike. */
import type { Override } from './dashboard.ts'

/** Pixels, of figures with names; those that Grafana chooses for a figure of this height leave a name of six. */
export const NAMED_TEXT = { titleSize: 12, valueSize: 22 }

/** A bar in a table's cell, from nothing to the column's own greatest: by default it reaches to the greatest number of the whole table. */
export const GAUGE = {
  color: { mode: 'fixed', fixedColor: 'blue' },
  'custom.cellOptions': { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' },
  min: 0,
  fieldMinMax: true,
}

/** `column`: its name. */
export const override = (column: string, properties: Readonly<Record<string, unknown>>): Override => ({
  matcher: { id: 'byName', options: column },
  properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
})
