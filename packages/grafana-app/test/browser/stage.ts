/** What tests of pages in Chromium stand on: a Redis, a collector, recorded calls, the host page and a browser. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Collector, startCollector } from '@aiwatch/collector'
import { AIWatch } from '@aiwatch/sdk'
import { type RedisServer, startRedis } from '@aiwatch/test-servers'
import { type Browser, chromium, type Page } from 'playwright-core'
import { type Host, startHost } from './start-host.ts'

export const CHROMIUM =
  process.env['AIWATCH_TEST_CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? ''
const AXE = createRequire(import.meta.url).resolve('axe-core')

export const APP = '/a/aiwatch-analytics-app'
export const MODEL = 'ai/llama3.2:1B'
export const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

/** Every page, and one of each kind of page of one. */
export const PAGES = [
  'overview',
  'models',
  `models/${encodeURIComponent(MODEL)}`,
  'users',
  'users/ada',
  'costs',
  'calls',
  'errors',
  'latency',
  'system',
]

export interface Stage {
  redis: RedisServer
  collector: Collector
  host: Host
  browser: Browser
  watch: AIWatch
  close(): Promise<void>
}

/** Without calls unless they are recorded with `watch`. */
export async function startStage(): Promise<Stage> {
  const redis = await startRedis()
  const collector = await startCollector({ redisUrl: redis.url, analyticsPort: 0, timeseriesPort: 0, sampler: true, logLevel: 'silent' })
  const watch = new AIWatch({ redis: redis.url, app: 'shop' })
  const host = await startHost(collector.analyticsUrl)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const close = async () => {
    await browser.close()
    await host.close()
    await watch.close()
    await collector.close()
    await redis.stop()
  }
  return { redis, collector, host, browser, watch, close }
}

/** Twelve calls and an error of the user ada. */
export async function recordCalls(watch: AIWatch): Promise<void> {
  const call = { provider: 'openai', model: MODEL, durationMs: 900, timeToFirstTokenMs: 200, stream: true }
  await watch.with({ user: 'ada', session: 's1', tags: { team: 'search', trace_id: TRACE } }, async () => {
    for (let index = 0; index < 12; index++) watch.record({ ...call, usage: { inputTokens: 100, outputTokens: 20 } })
    watch.record({ ...call, outcome: 'rate_limit', usage: { inputTokens: 0, outputTokens: 0 } })
  })
  await watch.flush()
}

export interface Opened {
  page: Page
  /** What the browser's console reported as an error. */
  faults: string[]
}

/** Panels below the window are not drawn until they are scrolled to: by default the window is higher than any page. */
export async function openPage({ browser, host }: Stage, path: string, { width = 1280, height = 6000 } = {}): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height } })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // Of problems with single requests panels tell.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  host.questions.length = 0
  host.requests.length = 0
  await page.goto(`${host.url}${path.startsWith('/') ? path : `${APP}/${path}`}`)
  return { page, faults }
}

export interface ReadPanel {
  error: string
  text: string
  hasChange: boolean
}

/** Title → what the panel shows, once none is loading. */
export async function readPanels(page: Page): Promise<Record<string, ReadPanel>> {
  const panels = page.locator('[data-panel]')
  await panels.first().waitFor()
  await page.waitForFunction(() =>
    [...document.querySelectorAll('[data-panel]')].every((panel) => /Done|Error|Streaming/.test(panel.getAttribute('data-state') ?? '')),
  )
  const read = await panels.evaluateAll((all) =>
    all.map((panel) => [
      panel.getAttribute('data-panel'),
      {
        error: panel.getAttribute('data-error'),
        text: panel.textContent,
        hasChange: panel.getAttribute('data-change') === 'true',
      },
    ]),
  )
  return Object.fromEntries(read)
}

const LIVE_MARK = '[class*="panel-header-item"]:not([aria-label])'

/** Serious and critical findings of axe, as `rule: element`, but for Grafana's own refresh picker and its mark of a live panel, which has no name. */
export async function findAxeFaults(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE })
  return page.evaluate(async (LIVE_MARK) => {
    const { axe } = window as unknown as {
      axe: { run(context: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run({ exclude: ['[data-testid*="RefreshPicker"]', LIVE_MARK] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
  }, LIVE_MARK)
}
