/** From the id of a trace to the trace, in each data source of Grafana that holds traces. */
import type { DataLink } from '@grafana/data'
import { getDataSourceSrv } from '@grafana/runtime'
import { t } from '../t.ts'
import { CELL } from './links.ts'

/** How each kind asks for a trace by its id. */
const QUERIES: Record<string, { queryType?: string }> = {
  jaeger: {},
  tempo: { queryType: 'traceql' },
  zipkin: { queryType: 'traceID' },
}

/** One link for each data source; none where Grafana has none, or none that the reader may query. */
export function traceLinks(): DataLink[] {
  const sources = getDataSourceSrv().getList({ filter: ({ type }) => Object.hasOwn(QUERIES, type) })
  return sources.map(({ uid, name, type }) => {
    const query = { refId: 'A', datasource: { type, uid }, ...QUERIES[type], query: 'TRACE' }
    const pane = JSON.stringify({ trace: { datasource: uid, queries: [query], range: { from: 'now-24h', to: 'now' } } })
    const panes = encodeURIComponent(pane).replace('TRACE', CELL)
    return { title: t('links.trace', 'Trace in {{name}}', { name }), url: `/explore?schemaVersion=1&panes=${panes}` }
  })
}
