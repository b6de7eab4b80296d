import { type SceneDataProvider, SceneTimeRange, type VizPanel } from '@grafana/scenes'
import { makePanel } from './make-panel.ts'
import { nothing } from './nothing.ts'

interface Chart {
  title: string
  data: SceneDataProvider
  description?: string
  /** Where the data has a time of its own, such as `now-30d`. */
  from?: string
  /** `bars` for what is counted in buckets, `lines` for what is measured. */
  style?: 'lines' | 'bars' | 'area'
  isStacked?: boolean
}

const LOOK = {
  lines: { drawStyle: 'line', fillOpacity: 0 },
  area: { drawStyle: 'line', fillOpacity: 15 },
  bars: { drawStyle: 'bars', fillOpacity: 70, lineWidth: 0 },
}

/** Over time. */
export function chartPanel({ title, data, description, from, style = 'area', isStacked }: Chart): VizPanel {
  const { defaults, overrides } = nothing()
  return makePanel({
    pluginId: 'timeseries',
    title,
    description,
    $data: data,
    ...(from ? { $timeRange: new SceneTimeRange({ from, to: 'now' }) } : {}),
    options: {
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    fieldConfig: {
      defaults: {
        custom: {
          ...LOOK[style],
          lineInterpolation: 'linear',
          showPoints: 'auto',
          pointSize: 4,
          spanNulls: false,
          stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
        },
        ...defaults,
      },
      overrides,
    },
  })
}

interface Bars {
  title: string
  data: SceneDataProvider
  /** The column of the names. */
  names: string
  isStacked?: boolean
}

/** By name: a bar or a group of bars for each row of a table. */
export function barPanel({ title, data, names, isStacked }: Bars): VizPanel {
  const { defaults, overrides } = nothing()
  return makePanel({
    pluginId: 'barchart',
    title,
    $data: data,
    options: {
      orientation: 'horizontal',
      xField: names,
      showValue: 'never',
      stacking: isStacked ? 'normal' : 'none',
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'none' },
    },
    fieldConfig: { defaults: { custom: { fillOpacity: 70, lineWidth: 0 }, ...defaults }, overrides },
  })
}

interface HeatMap {
  title: string
  data: SceneDataProvider
  description?: string
}

/** Over time by name, darker where there is more. The data are cells: `heatmap-cells.ts`. Grafana's heat map says "No data" whatever it is told to say. */
export function heatMapPanel({ title, data, description }: HeatMap): VizPanel {
  return makePanel({
    pluginId: 'heatmap',
    title,
    description,
    $data: data,
    options: {
      calculate: false,
      color: { mode: 'scheme', scheme: 'Oranges', steps: 32, exponent: 0.5, fill: 'dark-orange', reverse: false, min: 0 },
      cellGap: 1,
      // Buckets without an error stay empty.
      filterValues: { le: 0 },
      // The first row, which has most, above.
      yAxis: { axisPlacement: 'left', reverse: true },
      tooltip: { mode: 'single', showColorScale: true },
      legend: { show: true },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      showValue: 'never',
    },
    fieldConfig: { defaults: { custom: { scaleDistribution: { type: 'linear' } } }, overrides: [] },
  })
}
