/** The built app in Chromium, in a host page that stands for Grafana, on a real collector with real calls. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Collector, startCollector } from '@aiwatch/collector'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Host, startHost } from './start-host.ts'

const CHROMIUM =
  process.env['AIWATCH_TEST_CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? ''
const AXE = createRequire(import.meta.url).resolve('axe-core')
const APP = '/a/aiwatch-analytics-app'
const MODEL = 'ai/llama3.2:1B'

let redis: RedisServer
let collector: Collector
let host: Host
let browser: Browser

const start = async () => {
  redis = await startRedis()
  collector = await startCollector({ redisUrl: redis.url, analyticsPort: 0, timeseriesPort: 0, sampler: false, logLevel: 'silent' })
  const watch = new AIWatch({ redis: redis.url, app: 'shop' })
  const call = { provider: 'openai', model: MODEL, durationMs: 900, timeToFirstTokenMs: 200, stream: true }
  await watch.with({ user: 'ada', session: 's1' }, async () => {
    for (let index = 0; index < 12; index++) watch.record({ ...call, usage: { inputTokens: 100, outputTokens: 20 } })
    watch.record({ ...call, outcome: 'rate_limit', usage: { inputTokens: 0, outputTokens: 0 } })
  })
  await watch.flush()
  await watch.close()
  host = await startHost(collector.analyticsUrl)
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

interface Opened {
  page: Page
  /** What the browser's console reported as an error. */
  faults: string[]
}

async function open(path: string, width = 1280): Promise<Opened> {
  // High enough that no panel waits to be scrolled to.
  const page = await browser.newPage({ viewport: { width, height: 6000 } })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // Of problems with single requests panels tell.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  host.questions.length = 0
  await page.goto(`${host.url}${path}`)
  return { page, faults }
}

/** Title → what the panel shows, once none is loading. */
async function readPanels(page: Page): Promise<Record<string, { error: string; text: string }>> {
  const panels = page.locator('[data-panel]')
  await panels.first().waitFor()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[data-panel]')].every((panel) => /Done|Error/.test(panel.getAttribute('data-state') ?? '')),
  )
  const read = await panels.evaluateAll((all) =>
    all.map((panel) => [panel.getAttribute('data-panel'), { error: panel.getAttribute('data-error'), text: panel.textContent }]),
  )
  return Object.fromEntries(read)
}

describe.skipIf(CHROMIUM === '')(CHROMIUM === '' ? 'pages in Chromium (skipped: no chromium on this machine)' : 'pages in Chromium', () => {
  beforeAll(start, 120_000)
  afterAll(async () => {
    await browser?.close()
    await host?.close()
    await collector?.close()
    await redis?.stop()
  })

  // Page, a panel of it, and what this panel must show of the calls that were made.
  test.each([
    ['overview', 'Model mix', MODEL],
    ['overview', 'Top users, 24 h', 'ada'],
    ['models', 'Models compared', MODEL],
    [`models/${encodeURIComponent(MODEL)}`, 'Calls', '13'],
    ['users', 'Users by rank', 'ada'],
    ['users/ada', 'Models', MODEL],
    ['costs', 'Models without a price', MODEL],
    ['calls', 'Calls', 'rate_limit'],
    ['errors', 'Patterns', 'rate_limit'],
    ['latency', 'Percentiles by model', MODEL],
    ['system', 'Writers', 'shop'],
  ])('%s shows in "%s" what was recorded: %s', async (path, title, text) => {
    const { page, faults } = await open(`${APP}/${path}`)
    const panels = await readPanels(page)
    expect(panels[title]?.text).toContain(text)
    // Without a sampler there are no samples: those panels say so.
    const errors = Object.entries(panels).filter(([, { error }]) => error && !/sample|metrics:/.test(error))
    expect(errors).toEqual([])
    expect(faults).toEqual([])
    await page.close()
  })

  test('the panels of the overview are one request, beside that for the names of the filters', async () => {
    const { page } = await open(`${APP}/overview?refresh=`)
    await readPanels(page)
    expect(host.questions.sort()).toEqual(['GET /v1/catalog', 'GET /v1/overview?from=now-1h&to=now'])
    await page.close()
  })

  test('a filter in the address goes to the collector', async () => {
    const { page } = await open(`${APP}/overview?refresh=&from=now-6h&to=now&var-app=shop&var-model=${encodeURIComponent(MODEL)}`)
    await readPanels(page)
    expect(host.questions).toContain(`GET /v1/overview?from=now-6h&to=now&app=shop&model=${encodeURIComponent(MODEL)}`)
    await page.close()
  })

  test('a name in a table leads to its page, and the time range goes along', async () => {
    const { page } = await open(`${APP}/overview?from=now-3h&to=now`)
    await readPanels(page)
    const link = page.locator('[data-panel="Model mix"] a').first()
    expect(await link.getAttribute('href')).toMatch(/\/models\/ai%2Fllama3\.2%3A1B\?.*from=now-3h/)
    await page.close()
  })

  test('without a data source the page says what to do', async () => {
    const { page } = await open(`${APP}/overview?without-data-source`)
    await page.getByText('No collector is connected yet').waitFor()
    expect(await page.getByRole('link', { name: 'Connect a collector' }).getAttribute('href')).toContain('page=configuration')
    await page.close()
  })

  test.each([1280, 390])('the overview has no serious finding of axe, and no sideways scrolling, at %i px', async (width) => {
    const { page } = await open(`${APP}/overview`, width)
    await readPanels(page)
    await page.addScriptTag({ path: AXE })
    const found = await page.evaluate(async () => {
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
      }
      const { violations } = await axe.run()
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
    })
    expect(found).toEqual([])
    await page.close()
  })
})
