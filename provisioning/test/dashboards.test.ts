import type { Collector } from '@aiwatch/collector'
import { waitUntil, whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CallWriter, testCall } from '../../packages/collector/test/write-calls.ts'
import { DASHBOARDS, type Dashboard, type PromTarget, toGrafanaDashboard } from '../dashboards/index.ts'
import { type LiveStage, openLiveStage } from './live-stage.ts'
import { promqlSelectors } from './promql-selectors.ts'

interface GrafanaPanel {
  id: number
  type: string
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
}

const panelsOf = ({ sections }: Dashboard) => sections.flatMap(({ panels }) => panels)

describe('the dashboards', () => {
  it('have uids, titles and names of variables that are their own', () => {
    for (const values of [DASHBOARDS.map(({ uid }) => uid), DASHBOARDS.map(({ title }) => title)]) {
      expect(new Set(values).size).toBe(values.length)
    }
    // Grafana refuses longer ones.
    for (const { uid } of DASHBOARDS) expect(uid.length).toBeLessThanOrEqual(40)
  })

  it.each(DASHBOARDS.map((one) => [one.title, one] as const))('%s: panels have their place, and say what they show', (_, dashboard) => {
    const { panels } = toGrafanaDashboard(dashboard) as { panels: GrafanaPanel[] }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(panels.filter(({ gridPos }) => gridPos.x + gridPos.w > 24)).toEqual([])
    for (const { title, description, unit } of panelsOf(dashboard)) {
      expect(description, title).toMatch(/^.{10,}[.]$/s)
      expect(unit, title).not.toBe('')
    }
  })

  it('name no data source but that of their variable, so that they work with any', () => {
    for (const dashboard of DASHBOARDS) {
      const uids = [...JSON.stringify(toGrafanaDashboard(dashboard)).matchAll(/"datasource":\{"type":"[^"]+","uid":"([^"]+)"\}/g)]
      expect(uids.length).toBeGreaterThan(10)
      const variable = dashboard.source === 'prometheus' ? 'prometheus' : 'collector'
      expect(new Set(uids.map(([, uid]) => uid))).toEqual(new Set([`\${${variable}}`]))
    }
  })

  it('have another revision when anything in them changed: else Grafana would keep the old one', () => {
    const [dashboard] = DASHBOARDS
    if (!dashboard) throw new Error('there is no dashboard')
    const revision = (one: Dashboard) => (toGrafanaDashboard(one) as { revision: number }).revision
    expect(revision({ ...dashboard })).toBe(revision(dashboard))
    expect(revision({ ...dashboard, description: 'Another.' })).not.toBe(revision(dashboard))
  })
})

const missing = whyNoMonitoring(['prometheus', 'prometheus-redis-exporter', 'prometheus-node-exporter'])
const PANELS = DASHBOARDS.filter(({ source }) => source === 'prometheus').flatMap((dashboard) =>
  panelsOf(dashboard).map((panel) => [dashboard.title, panel.title, panel.targets as readonly PromTarget[]] as const),
)
const VARIABLES = DASHBOARDS.filter(({ source }) => source === 'prometheus').flatMap(({ title, variables }) =>
  variables.map((variable) => [title, variable.name, variable.query] as const),
)

/** With the values that Grafana fills in where everything is chosen. */
const fill = (expression: string) => expression.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '20s')

describe.skipIf(missing)(`the panels on a real Prometheus${missing ? ` (not here: ${missing})` : ''}`, () => {
  let stage: LiveStage
  let collector: Collector

  beforeAll(async () => {
    stage = await openLiveStage({ hasAlertmanager: false })
    collector = await stage.startCollector()
    const redis = new Redis(stage.redis.url)
    const writer = new CallWriter(redis)
    const record = () =>
      writer.write([testCall({ endedMs: Date.now(), user: 'ada' }), testCall({ endedMs: Date.now(), outcome: 'timeout' })])
    await record()
    await waitUntil(
      () => stage.prometheus.query('sum(up) == 3'),
      (samples) => samples.length > 0,
    )
    // Rates need a second sample of each series, and the collector's operations some to be measured.
    await record()
    await waitUntil(
      () =>
        stage.prometheus.query('sum(rate(redis_timeseries_operations_total[20s])) > 0 and sum(rate(token_analytics_calls_total[20s])) > 0'),
      (samples) => samples.length > 0,
    )
    redis.disconnect()
  }, 120_000)
  afterAll(async () => {
    await collector?.close()
    await stage?.stop()
  })

  const ask = (expression: string, timeoutMs = 5000) =>
    waitUntil(
      () => stage.prometheus.query(expression),
      (samples) => samples.length > 0,
      timeoutMs,
    )

  it.each(PANELS)('%s: "%s" has values, and names no series that does not exist', async (_, __, targets) => {
    for (const { expr } of targets) {
      const expression = fill(expr)
      for (const selector of promqlSelectors(expression)) expect(await ask(selector), selector).not.toEqual([])
      const values = (await ask(expression)).map(({ value }) => Number(value[1]))
      expect(values.filter(Number.isFinite), expression).not.toEqual([])
    }
  })

  it.each(VARIABLES)('%s: the variable %s has values', async (_, __, query) => {
    const [, series, label] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? []
    const samples = await ask(`count by (${label}) (${series})`)
    expect(samples.map(({ metric }) => metric[label ?? ''])).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)])
  })
})
