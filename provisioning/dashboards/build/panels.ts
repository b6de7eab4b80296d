/** The kinds of panels that our dashboards are made of, with one look for each. */
import type { Link, Override, Panel, Step, Target } from './dashboard.ts'
import { GAUGE, NAMED_TEXT, override } from './look.ts'

interface Common extends Pick<Panel, 'title' | 'description' | 'unit' | 'min' | 'max' | 'decimals' | 'timeFrom'> {
  targets: readonly Target[]
  width?: number
  height?: number
  thresholds?: readonly Step[]
  overrides?: readonly Override[]
}

interface Stat extends Common {
  link?: Link
  /** Value → text and colour. */
  texts?: Readonly<Record<string, { text: string; color: string }>>
  /** Text columns are shown too. */
  hasText?: boolean
  /** Several figures side by side, with their names. */
  hasNames?: boolean
}

/** Green, and at these values yellow and red. */
export const worseFrom = (yellow: number, red: number): Step[] => [
  { color: 'green', value: null },
  { color: 'yellow', value: yellow },
  { color: 'red', value: red },
]

/** Red, and green from this value on. */
export const wellFrom = (value: number): Step[] => [
  { color: 'red', value: null },
  { color: 'green', value },
]

const NEUTRAL: Step[] = [{ color: 'text', value: null }]

export function stat({ link, texts, hasText, hasNames, ...panel }: Stat): Panel {
  return {
    kind: 'stat',
    // Four in a row: their names have to fit.
    width: 6,
    height: 3,
    ...panel,
    thresholds: panel.thresholds ?? NEUTRAL,
    ...(link ? { links: [link] } : {}),
    ...(texts
      ? {
          mappings: [
            {
              type: 'value',
              options: Object.fromEntries(Object.entries(texts).map(([value, shown], index) => [value, { ...shown, index }])),
            },
          ],
        }
      : {}),
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: hasText ? '/.*/' : '', values: false },
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: hasNames ? 'value_and_name' : 'value',
      wideLayout: true,
      ...(hasNames ? { text: NAMED_TEXT } : {}),
    },
  }
}

interface Chart extends Common {
  /** `bars` for what is counted in buckets, `lines` for what is measured. Default `area`. */
  style?: 'lines' | 'bars' | 'area'
  isStacked?: boolean
  /** Beside the name of each series. */
  calcs?: readonly ('mean' | 'max' | 'lastNotNull' | 'sum')[]
}

const LOOK = {
  lines: { drawStyle: 'line', fillOpacity: 0, lineWidth: 1 },
  area: { drawStyle: 'line', fillOpacity: 15, lineWidth: 1 },
  bars: { drawStyle: 'bars', fillOpacity: 70, lineWidth: 0 },
}

export function chart({ style = 'area', isStacked = false, calcs = [], ...panel }: Chart): Panel {
  return {
    kind: 'timeseries',
    width: 12,
    height: 8,
    ...panel,
    custom: {
      ...LOOK[style],
      lineInterpolation: 'linear',
      showPoints: 'auto',
      pointSize: 4,
      spanNulls: false,
      stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
      thresholdsStyle: { mode: panel.thresholds ? 'dashed' : 'off' },
    },
    options: {
      legend: { showLegend: true, displayMode: calcs.length > 0 ? 'table' : 'list', placement: 'bottom', calcs },
      tooltip: { mode: 'multi', sort: 'desc', hideZeros: false },
    },
  }
}

interface Table extends Common {
  /** Links of a column's cells. */
  links?: Readonly<Record<string, Link>>
  /** Columns shown as bars of the greatest. */
  gauges?: readonly string[]
  /** Columns that are there for links alone. */
  hidden?: readonly string[]
  sortBy?: string
  transformations?: Panel['transformations']
}

export function table({ links = {}, gauges = [], hidden = [], sortBy, ...panel }: Table): Panel {
  return {
    kind: 'table',
    width: 12,
    height: 9,
    ...panel,
    custom: { align: 'auto', filterable: true, minWidth: 90, wrapHeaderText: true },
    overrides: [
      ...(panel.overrides ?? []),
      ...Object.entries(links).map(([column, link]) => override(column, { links: [link] })),
      ...gauges.map((column) => override(column, GAUGE)),
      ...hidden.map((column) => override(column, { 'custom.hideFrom.viz': true })),
    ],
    options: { showHeader: true, cellHeight: 'sm', sortBy: sortBy ? [{ displayName: sortBy, desc: true }] : [] },
  }
}

interface Bars extends Common {
  /** The column of the names. */
  names: string
  isStacked?: boolean
}

/** By name: a bar or a group of bars for each row of a table. */
export function bars({ names, isStacked = false, ...panel }: Bars): Panel {
  return {
    kind: 'barchart',
    width: 12,
    height: 8,
    ...panel,
    custom: { fillOpacity: 80, lineWidth: 0 },
    options: {
      orientation: 'horizontal',
      xField: names,
      showValue: 'never',
      stacking: isStacked ? 'normal' : 'none',
      groupWidth: 0.7,
      barWidth: 0.9,
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  }
}
