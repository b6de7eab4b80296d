import { type SceneDataProvider, VizPanel } from '@grafana/scenes'

interface Chart {
  title: string
  data: SceneDataProvider
  description?: string
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
export function chartPanel({ title, data, description, style = 'area', isStacked }: Chart): VizPanel {
  return new VizPanel({
    pluginId: 'timeseries',
    title,
    description,
    $data: data,
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

/** By name: one bar a row of a table, `names` the column of the names. */
export function barPanel({ title, data, names }: { title: string; data: SceneDataProvider; names: string }): VizPanel {
  return new VizPanel({
    pluginId: 'barchart',
    title,
    $data: data,
    options: {
      orientation: 'horizontal',
      xField: names,
      showValue: 'auto',
      stacking: 'normal',
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'none' },
    },
    fieldConfig: { defaults: { custom: { fillOpacity: 70, lineWidth: 0 } }, overrides: [] },
  })
}
