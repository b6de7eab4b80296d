/** A dashboard as the JSON that Grafana loads, the same for the app's own and for those that are provisioned by file. */
import { createHash } from 'node:crypto'
import type { Dashboard, Panel, Section, Target, Variable } from './dashboard.ts'

/** Of the classic model; Grafana brings older ones up to its own. */
const SCHEMA_VERSION = 41
const COLUMNS = 24
const APP_PATH = '/a/aiwatch-analytics-app'
/** Every dashboard of ours: the list of them in each one's head is by this tag. */
const TAG = 'aiwatch'

/** Each dashboard has the data source as a variable: uids differ between installations, and there may be several. */
const SOURCES = {
  aiwatch: { type: 'aiwatch-analytics-datasource', variable: 'collector', label: 'Collector' },
  prometheus: { type: 'prometheus', variable: 'prometheus', label: 'Prometheus' },
} as const

const sourceOf = ({ source }: Dashboard) => ({ type: SOURCES[source].type, uid: `\${${SOURCES[source].variable}}` })

function toTarget(target: Target, index: number, datasource: object): object {
  const refId = String.fromCharCode(65 + index)
  if (target.kind !== 'promql') return { refId, datasource, ...target }
  const { expr, legend, instant = false } = target
  const mode = instant ? { instant: true, range: false, format: 'table' } : { instant: false, range: true, format: 'time_series' }
  return { refId, datasource, editorMode: 'code', expr, legendFormat: legend, ...mode }
}

function toPanel(panel: Panel, id: number, at: { x: number; y: number }, datasource: object): object {
  const { kind, title, description, targets, width, height, options, transformations, timeFrom, ...field } = panel
  const { unit, min, max, decimals, thresholds, mappings, custom, links, overrides = [] } = field
  const steps = thresholds ?? [{ color: 'green', value: null }]
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos: { ...at, w: width, h: height },
    targets: targets.map((target, index) => toTarget(target, index, datasource)),
    fieldConfig: {
      defaults: {
        ...(unit === 'auto' ? {} : { unit }),
        ...(min === undefined ? {} : { min }),
        ...(max === undefined ? {} : { max }),
        ...(decimals === undefined ? {} : { decimals }),
        color: { mode: kind === 'stat' ? 'thresholds' : 'palette-classic' },
        thresholds: { mode: 'absolute', steps },
        ...(mappings ? { mappings } : {}),
        ...(links ? { links } : {}),
        noValue: '–',
        ...(custom ? { custom } : {}),
      },
      overrides,
    },
    options,
    ...(transformations ? { transformations } : {}),
    ...(timeFrom ? { timeFrom } : {}),
  }
}

/** From left to right, and on the next line where the width is used up. */
function placeSections(sections: readonly Section[], datasource: object): object[] {
  const placed: object[] = []
  let y = 0
  for (const { title, panels } of sections) {
    placed.push({ id: placed.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] })
    y += 1
    let x = 0
    let lineHeight = 0
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        x = 0
        y += lineHeight
        lineHeight = 0
      }
      placed.push(toPanel(panel, placed.length + 1, { x, y }, datasource))
      x += panel.width
      lineHeight = Math.max(lineHeight, panel.height)
    }
    y += lineHeight
  }
  return placed
}

/** All values are a filter of none: `*` is what the AIWatch data source leaves out, and `.*` matches any label. */
const toVariable = ({ name, label, description, query }: Variable, { source }: Dashboard, datasource: object) => ({
  type: 'query',
  name,
  label,
  description,
  datasource,
  query: source === 'prometheus' ? { refId: name, query } : query,
  definition: query,
  refresh: source === 'prometheus' ? 2 : 1,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: source === 'prometheus' ? '.*' : '*',
  current: { selected: true, text: ['All'], value: ['$__all'] },
  options: [],
})

const sourceVariable = ({ source }: Dashboard) => ({
  type: 'datasource',
  name: SOURCES[source].variable,
  label: SOURCES[source].label,
  query: SOURCES[source].type,
  refresh: 1,
  regex: '',
  multi: false,
  includeAll: false,
  options: [],
  current: {},
})

const HEAD_LINK = { icon: 'external link', tooltip: '', tags: [], asDropdown: false, targetBlank: false, includeVars: true, keepTime: true }

function toLinks({ page }: Dashboard): object[] {
  const dashboards = { ...HEAD_LINK, type: 'dashboards', title: 'AIWatch', tags: [TAG], asDropdown: true, includeVars: false }
  return [...(page ? [{ ...HEAD_LINK, type: 'link', title: page.title, url: `${APP_PATH}/${page.path}`, icon: 'bolt' }] : []), dashboards]
}

/** Grafana loads an app's dashboard again when this number is another one. */
const revisionOf = (content: object) => createHash('sha256').update(JSON.stringify(content)).digest().readUInt32BE() >>> 1

export function toGrafanaDashboard(dashboard: Dashboard): object {
  const datasource = sourceOf(dashboard)
  const { uid, title, description, tags, from = 'now-1h', refresh = '30s' } = dashboard
  const content = {
    uid,
    title,
    description,
    tags: [TAG, ...tags],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    time: { from, to: 'now' },
    refresh,
    timepicker: {},
    timezone: 'browser',
    templating: { list: [sourceVariable(dashboard), ...dashboard.variables.map((one) => toVariable(one, dashboard, datasource))] },
    annotations: { list: [] },
    links: toLinks(dashboard),
    panels: placeSections(dashboard.sections, datasource),
  }
  return { ...content, revision: revisionOf(content) }
}
