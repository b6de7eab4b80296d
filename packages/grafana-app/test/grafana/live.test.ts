/** A dashboard of live panels in a real Grafana: the stream through its proxy, variables and annotations, with calls that go on. */
import { type Collector, startCollector } from '@aiwatch/collector'
import { AIWatch } from '@aiwatch/sdk'
import { createApiKey } from '@aiwatch/store'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AIWatchQuery } from '../../src/datasource/query.ts'
import { APP_ID, DATA_SOURCE_TYPE } from '../../src/plugin-ids.ts'
import { describeWithGrafana } from './describe-with-grafana.ts'
import { findChromium } from './find-chromium.ts'
import { keepScreenshot, openPage } from './grafana-panels.ts'
import { type Grafana, startGrafana } from './start-grafana.ts'

const SOURCE = { type: DATA_SOURCE_TYPE, uid: 'live-test' }
const STREAM = /\/api\/datasources\/proxy\/uid\/live-test\/api\/v1\/stream/
const WAIT = { timeout: 30_000 }
/** Longer than Grafana's `[dataproxy] timeout` of 30 s, which must not cut the stream. */
const LONG_MS = 40_000

let redis: RedisServer
let collector: Collector
let grafana: Grafana
let browser: Browser
let context: BrowserContext
let watch: AIWatch

interface PanelOptions {
  id: number
  title: string
  type: 'stat' | 'table' | 'timeseries'
  x: number
  query: Omit<Extract<AIWatchQuery, { kind: 'answer' }>, 'refId' | 'kind' | 'live'>
}

const panel = ({ id, title, type, x, query }: PanelOptions) => ({
  id,
  title,
  type,
  gridPos: { x, y: 0, w: 8, h: 10 },
  datasource: SOURCE,
  targets: [{ refId: 'A', datasource: SOURCE, kind: 'answer', live: true, ...query } satisfies AIWatchQuery],
})

const DASHBOARD = {
  uid: 'live-test',
  title: 'Live',
  time: { from: 'now-15m', to: 'now' },
  templating: {
    list: [
      {
        name: 'model',
        type: 'query',
        datasource: SOURCE,
        query: { query: 'models' },
        refresh: 1,
        multi: true,
        includeAll: true,
        allValue: '*',
      },
    ],
  },
  annotations: {
    list: [
      {
        name: 'New errors',
        enable: true,
        iconColor: 'red',
        datasource: SOURCE,
        target: { refId: 'Anno', kind: 'events', event: 'new_errors' },
      },
    ],
  },
  panels: [
    panel({ id: 1, title: 'Cost today', type: 'stat', x: 0, query: { operation: 'overview', part: 'cost', fields: ['cost_usd'] } }),
    panel({ id: 2, title: 'Rates', type: 'timeseries', x: 8, query: { operation: 'overview', part: 'rates' } }),
    panel({
      id: 3,
      title: 'Newest calls',
      type: 'table',
      x: 16,
      query: { operation: 'calls', part: 'table', params: { model: '$model' }, fields: ['started_at', 'model', 'outcome'] },
    }),
  ],
}

async function record(model: string, outcome?: 'rate_limit'): Promise<void> {
  const usage = { inputTokens: 100_000, outputTokens: 20_000 }
  for (let index = 0; index < 20; index++)
    watch.record({ provider: 'openai', model, durationMs: 900, usage, ...(outcome ? { outcome } : {}) })
  await watch.flush()
}

async function start(): Promise<void> {
  redis = await startRedis()
  const client = new Redis(redis.url)
  const { token } = await createApiKey(client, { tenant: 'default', role: 'read' })
  client.disconnect()
  collector = await startCollector({ redisUrl: redis.url, analyticsPort: 0, timeseriesPort: 0, sampler: false, logLevel: 'silent' })
  watch = new AIWatch({ redis: redis.url, app: 'shop' })
  await record('gpt-4o')
  await record('gpt-4o', 'rate_limit')
  grafana = await startGrafana()
  await grafana.api(`/api/plugins/${APP_ID}/settings`, { method: 'POST', body: { enabled: true, pinned: true } })
  const source = { ...SOURCE, name: 'AIWatch', access: 'proxy', url: collector.analyticsUrl, secureJsonData: { apiKey: token } }
  await grafana.api('/api/datasources', { method: 'POST', body: source })
  await grafana.api('/api/dashboards/db', { method: 'POST', body: { dashboard: DASHBOARD } })
  browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  context = await grafana.login(browser, 'viewer', { viewport: { width: 1440, height: 700 } })
}

const panelOf = (page: Page, title: string) => page.locator(`[data-testid="data-testid Panel header ${title}"]`)
const textOf = async (page: Page, title: string) =>
  (await panelOf(page, title).locator('[data-testid="data-testid panel content"]').textContent()) ?? ''

/** The streams that the page has open at the moment. */
function watchStreams(page: Page): () => number {
  let open = 0
  page.on('request', (request) => {
    if (STREAM.test(request.url())) open++
  })
  const end = (request: { url(): string }) => {
    if (STREAM.test(request.url())) open--
  }
  page.on('requestfailed', end)
  page.on('requestfinished', end)
  return () => open
}

describeWithGrafana('live queries in Grafana', () => {
  beforeAll(start, 600_000)
  afterAll(async () => {
    await browser?.close()
    await grafana?.stop()
    await watch?.close()
    await collector?.close()
    await redis?.stop()
  })

  test('a dashboard without refresh shows what programs call, over one stream that Grafana does not cut', {
    timeout: 240_000,
  }, async () => {
    const { page, faults } = await openPage(context, 'about:blank')
    const openStreams = watchStreams(page)
    await page.goto('/d/live-test')
    await expect.poll(() => textOf(page, 'Cost today'), WAIT).toMatch(/\$/)
    await expect.poll(() => textOf(page, 'Newest calls'), WAIT).toContain('rate_limit')
    await expect.poll(openStreams, WAIT).toBe(1)
    const cost = await textOf(page, 'Cost today')
    await record('gpt-4o-mini')
    await expect.poll(() => textOf(page, 'Newest calls'), WAIT).toContain('gpt-4o-mini')
    await expect.poll(() => textOf(page, 'Cost today'), WAIT).not.toBe(cost)
    await page.waitForTimeout(LONG_MS)
    expect(openStreams()).toBe(1)
    const later = await textOf(page, 'Cost today')
    await record('gpt-4o')
    await expect.poll(() => textOf(page, 'Cost today'), WAIT).not.toBe(later)
    await keepScreenshot(page, 'live-dashboard')
    expect(faults).toEqual([])
    await page.goto('/dashboards')
    await expect.poll(openStreams, WAIT).toBe(0)
    await page.close()
  })

  test('the button "Live" of Explore', { timeout: 120_000 }, async () => {
    const query = { refId: 'A', datasource: SOURCE, kind: 'answer', operation: 'calls', part: 'table', fields: ['started_at', 'model'] }
    const panes = { a: { datasource: SOURCE.uid, queries: [query], range: DASHBOARD.time } }
    const editor = await grafana.login(browser, 'editor', { viewport: { width: 1440, height: 900 } })
    const { page, faults } = await openPage(editor, `/explore?schemaVersion=1&orgId=1&panes=${encodeURIComponent(JSON.stringify(panes))}`)
    await page.getByText('gpt-4o').first().waitFor(WAIT)
    await page.getByTestId('data-testid explore-toolbar-live-button').click()
    await record('o4-mini')
    await page.getByText('o4-mini').first().waitFor(WAIT)
    await keepScreenshot(page, 'live-explore')
    expect(faults).toEqual([])
    await editor.close()
  })

  test('the variable filters a live panel', { timeout: 120_000 }, async () => {
    const { page, faults } = await openPage(context, '/d/live-test?var-model=gpt-4o-mini')
    await expect.poll(() => textOf(page, 'Newest calls'), WAIT).toContain('gpt-4o-mini')
    expect(await textOf(page, 'Newest calls')).not.toContain('rate_limit')
    await keepScreenshot(page, 'live-filtered')
    expect(faults).toEqual([])
    await page.close()
  })
})
