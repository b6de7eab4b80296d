/** A panel of a page as the JSON model of a panel in a dashboard, and its queries for Explore. */
import { locationUtil, type RawTimeRange } from '@grafana/data'
import { SceneQueryRunner, SceneTimeRange, sceneGraph, type VizPanel } from '@grafana/scenes'
import type { Panel } from '@grafana/schema'
import { interpolateQuery } from '../../datasource/interpolate-query.ts'
import { DATA_SOURCE_TYPE } from '../../plugin-ids.ts'
import { DATA_SOURCE } from '../ask.ts'

/** A third of a dashboard's width would cut the legends. */
const SIZE = { w: 12, h: 8 }

const dataSourceOf = (panel: VizPanel) => ({ type: DATA_SOURCE_TYPE, uid: sceneGraph.interpolate(panel, DATA_SOURCE.uid) })

function queriesOf(panel: VizPanel) {
  const runner = panel.state.$data
  const datasource = dataSourceOf(panel)
  const queries = runner instanceof SceneQueryRunner ? runner.state.queries : []
  return queries.map((query) => ({
    ...interpolateQuery(query, (text, format) =>
      sceneGraph.interpolate(panel, text, undefined, (value) => format(value as string | string[])),
    ),
    datasource,
  }))
}

/** Of a panel that has a time range of its own, such as `30d`. */
function timeFromOf({ state: { $timeRange } }: VizPanel): string | undefined {
  return $timeRange instanceof SceneTimeRange ? $timeRange.state.from.replace(/^now-/, '') : undefined
}

export function toPanelJson(panel: VizPanel): Panel {
  const { pluginId, title, description, options, fieldConfig } = panel.state
  const timeFrom = timeFromOf(panel)
  return {
    type: pluginId,
    title,
    ...(typeof description === 'string' ? { description } : {}),
    datasource: dataSourceOf(panel),
    targets: queriesOf(panel),
    options: options as Panel['options'],
    fieldConfig: fieldConfig as Panel['fieldConfig'],
    gridPos: { x: 0, y: 0, ...SIZE },
    ...(timeFrom ? { timeFrom } : {}),
  }
}

const toText = (time: RawTimeRange['from']) => (typeof time === 'string' ? time : String(time.valueOf()))

/** Where Explore asks the same of the same time range. */
export function toExploreUrl(panel: VizPanel): string {
  const { raw } = sceneGraph.getTimeRange(panel).state.value
  const pane = {
    datasource: dataSourceOf(panel).uid,
    queries: queriesOf(panel),
    range: { from: toText(raw.from), to: toText(raw.to) },
  }
  return locationUtil.assureBaseUrl(`/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify({ panel: pane }))}`)
}
