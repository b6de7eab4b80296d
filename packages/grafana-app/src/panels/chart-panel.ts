import { type SceneDataProvider, SceneTimeRange, VizPanel } from '@grafana/scenes'

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
  return new VizPanel({
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
      },
      overrides: [],
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
  return new VizPanel({
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
    fieldConfig: { defaults: { custom: { fillOpacity: 70, lineWidth: 0 } }, overrides: [] },
  })
}
