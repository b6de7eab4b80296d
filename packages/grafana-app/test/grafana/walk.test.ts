/**
 * Every page and every dashboard in a real Grafana that is provisioned by file, with figures of a real collector that asks for its API
 * key, and of a real Prometheus that scrapes it and both exporters.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Collector } from '@aiwatch/collector'
import { DASHBOARDS } from '@aiwatch/provisioning/dashboards'
import { AIWatch } from '@aiwatch/sdk'
import { createApiKey } from '@aiwatch/store'
import { waitUntil, whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { Redis } from 'ioredis'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveStage, openLiveStage } from '../../../../provisioning/test/live-stage.ts'
import { APP_ID, APP_PATH, CONFIGURATION_PATH, DATA_SOURCE_UID } from '../../src/plugin-ids.ts'
import { describeWithGrafana } from './describe-with-grafana.ts'
import { findChromium } from './find-chromium.ts'
import { countColoured, keepScreenshot, openPage, readPanels, WINDOW } from './grafana-panels.ts'
import { type Grafana, ROLES, type Role, startGrafana } from './start-grafana.ts'

const MODEL = 'gpt-4o'
const USER = 'ada'
const PAGES = ['overview', 'models', `models/${MODEL}`, 'users', `users/${USER}`, 'costs', 'calls', 'errors', 'latency', 'system']
const PATHS = [
  ...PAGES.map((page) => ({ name: page, path: `${APP_PATH}/${page}` })),
  ...DASHBOARDS.map(({ uid }) => ({ name: uid, path: `/d/${uid}` })),
]
/** What is empty while all is well: Redis was not slow, has no limit and was not asked for a snapshot; a recorded call tells no time per token. */
const MAY_BE_EMPTY = new Set(['Slow log', 'Memory limit', 'Last snapshot', 'Time per output token'])
const HEAT_MAPS = ['Errors by type', 'Errors by model']
const THEMES: Record<Role, 'light' | 'dark'> = { viewer: 'light', editor: 'dark', admin: 'dark' }

const missing = process.env['GRAFANA_HOME']
  ? whyNoMonitoring(['prometheus', 'prometheus-redis-exporter', 'prometheus-node-exporter'])
  : undefined

let work: string
let stage: LiveStage
let collector: Collector
let grafana: Grafana
let browser: Browser
let token: string

async function recordCalls(): Promise<void> {
  const watch = new AIWatch({ redis: stage.redis.url, app: 'shop' })
  const call = { provider: 'openai', model: MODEL, durationMs: 900, timeToFirstTokenMs: 200, stream: true }
  const usage = { inputTokens: 1000, outputTokens: 200, cacheReadTokens: 500, cacheWriteTokens: 10, reasoningTokens: 50 }
  await watch.with({ user: USER, session: 's1', tags: { team: 'search' } }, async () => {
    for (let index = 0; index < 40; index++) watch.record({ ...call, durationMs: 500 + 20 * index, usage })
    watch.record({ ...call, outcome: 'rate_limit', usage: { inputTokens: 0, outputTokens: 0 } })
    watch.record({ ...call, model: 'of-no-known-price', usage: { inputTokens: 100, outputTokens: 20 } })
  })
  await watch.flush()
  await watch.close()
}

async function start(): Promise<void> {
  work = mkdtempSync(join(tmpdir(), 'aiwatch-walk-'))
  const keyFile = join(work, 'prometheus.key')
  stage = await openLiveStage({ hasAlertmanager: false, keyFile })
  const redis = new Redis(stage.redis.url)
  token = (await createApiKey(redis, { tenant: 'default', role: 'read' })).token
  redis.disconnect()
  writeFileSync(keyFile, token)
  await recordCalls()
  collector = await stage.startCollector()
  const isScraped = await waitUntil(
    () => stage.prometheus.query('sum(up) == 3'),
    (samples) => samples.length > 0,
  )
  expect(isScraped).not.toEqual([])
  await recordCalls()
  grafana = await startGrafana({
    provisioningDir: fileURLToPath(new URL('../../../../provisioning/grafana', import.meta.url)),
    env: { AIWATCH_COLLECTOR_URL: collector.analyticsUrl, AIWATCH_API_KEY: token, PROMETHEUS_URL: stage.prometheus.url },
  })
  browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
}

/** Notes every answer to the browser that holds the API key. */
function watchForKey(context: BrowserContext): string[] {
  const leaks: string[] = []
  context.on('response', (response) => {
    response.text().then(
      (text) => {
        if (text.includes(token)) leaks.push(response.url())
      },
      // A redirect, or an answer that was called off.
      () => {},
    )
  })
  return leaks
}

describeWithGrafana(`the app in Grafana${missing ? ` (not here: ${missing})` : ''}`, () => {
  if (missing) return void test.skip(missing)
  beforeAll(start, 600_000)
  afterAll(async () => {
    await browser?.close()
    await grafana?.stop()
    await collector?.close()
    await stage?.stop()
    rmSync(work, { recursive: true, force: true })
  })

  test('is enabled by file, with its data source, its dashboards and the alert rules', async () => {
    expect(await grafana.api(`/api/plugins/${APP_ID}/settings`)).toMatchObject({ enabled: true })
    const source = await grafana.api<{ url: string; secureJsonFields: object }>(`/api/datasources/uid/${DATA_SOURCE_UID}`)
    expect(source).toMatchObject({ url: collector.analyticsUrl, secureJsonFields: { apiKey: true }, readOnly: true })
    const found = await grafana.api<{ uid: string }[]>('/api/search?type=dash-db&tag=aiwatch')
    expect(found.map(({ uid }) => uid).sort()).toEqual(DASHBOARDS.map(({ uid }) => uid).sort())
    const rules = await grafana.api<{ uid: string }[]>('/api/v1/provisioning/alert-rules')
    expect(rules.map(({ uid }) => uid)).toContain('aiwatch-error-rate')
  })

  test.each(ROLES.flatMap((role) => PATHS.map(({ name, path }) => [role, name, path] as const)))(
    'as %s, %s has figures in every panel, and nothing fails',
    async (role, name, path) => {
      await grafana.api('/api/user/preferences', { method: 'PUT', body: { theme: THEMES[role] }, as: role })
      const context = await grafana.login(browser, role, { viewport: WINDOW })
      const leaks = watchForKey(context)
      const opened = await openPage(context, path)
      const { page, faults } = opened
      const panels = await readPanels(opened)
      await keepScreenshot(page, `${role}-${name.replaceAll('/', '-')}`)
      expect(panels.filter(({ error }) => error !== '')).toEqual([])
      expect(panels.filter(({ title, hasNoData }) => hasNoData && !MAY_BE_EMPTY.has(title)).map(({ title }) => title)).toEqual([])
      expect(faults).toEqual([])
      expect(leaks).toEqual([])
      await context.close()
    },
    180_000,
  )

  test.each([
    // The shortest buckets have ten seconds; those before the calls are empty.
    ['one bucket', () => `from=${Math.floor((Date.now() - 5000) / 10_000) * 10_000}&to=${Date.now()}`, true],
    ['few of many buckets', () => 'from=now-24h&to=now', true],
    ['no bucket', () => 'from=now-24h&to=now&var-model=of-no-known-price', false],
  ])(
    'the heat maps take %s of errors',
    async (name, search, hasCells) => {
      if (hasCells) await recordCalls()
      const context = await grafana.login(browser, 'viewer', { viewport: WINDOW })
      const opened = await openPage(context, `${APP_PATH}/errors?${search()}`)
      const { page, faults } = opened
      const panels = await readPanels(opened)
      await keepScreenshot(page, `errors-${name.replaceAll(' ', '-')}`)
      const heatMaps = panels.filter(({ title }) => HEAT_MAPS.includes(title))
      expect(heatMaps.map(({ error, hasNoData }) => ({ error, hasNoData }))).toEqual(
        HEAT_MAPS.map(() => ({ error: '', hasNoData: !hasCells })),
      )
      for (const title of HEAT_MAPS) expect(await countColoured(page, title), title).toSatisfy((pixels: number) => pixels > 0 === hasCells)
      expect(faults).toEqual([])
      await context.close()
    },
    180_000,
  )

  test('a viewer does not configure, and never sees the key', async () => {
    const asViewer = (path: string, method: 'GET' | 'POST' | 'PUT', body?: unknown) => grafana.api(path, { method, body, as: 'viewer' })
    await expect(asViewer(`/api/plugins/${APP_ID}/settings`, 'POST', { enabled: false })).rejects.toThrow('403')
    expect(JSON.stringify(await asViewer(`/api/datasources/uid/${DATA_SOURCE_UID}`, 'GET'))).not.toContain(token)
    await expect(asViewer(`/api/datasources/uid/${DATA_SOURCE_UID}`, 'PUT', { url: 'http://127.0.0.1:9' })).rejects.toThrow('403')
    const context = await grafana.login(browser, 'viewer')
    const { page } = await openPage(context, CONFIGURATION_PATH)
    await page.waitForLoadState('networkidle')
    expect(await page.getByRole('button', { name: 'Save and test' }).count()).toBe(0)
    await context.close()
  }, 120_000)
})

describeWithGrafana('the Configuration page in Grafana', () => {
  if (missing) return void test.skip(missing)
  let own: Grafana
  let window: Browser
  let keyed: LiveStage
  let answering: Collector
  let key: string
  beforeAll(async () => {
    keyed = await openLiveStage({ hasAlertmanager: false })
    const redis = new Redis(keyed.redis.url)
    key = (await createApiKey(redis, { tenant: 'default', role: 'read' })).token
    redis.disconnect()
    answering = await keyed.startCollector()
    own = await startGrafana()
    window = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
  }, 600_000)
  afterAll(async () => {
    await window?.close()
    await own?.stop()
    await answering?.close()
    await keyed?.stop()
  })

  test('says what is wrong with an address and with a key, and connects with the right ones', async () => {
    const context = await own.login(window, 'admin', { viewport: { width: 1280, height: 900 } })
    const { page } = await openPage(context, CONFIGURATION_PATH)
    const outcome = page.getByRole('status')
    const connect = async (url: string, apiKey: string) => {
      await page.locator('#aiwatch-url').fill(url)
      const reset = page.getByRole('button', { name: 'Reset' })
      if (await reset.isVisible()) await reset.click()
      await page.locator('#aiwatch-key').fill(apiKey)
      await page.getByRole('button', { name: /and test$/ }).click()
    }
    await page.locator('#aiwatch-url').waitFor({ timeout: 60_000 })
    await connect('http://127.0.0.1:9', key)
    await outcome
      .getByText(/does not answer|not reach|no collector/i)
      .first()
      .waitFor({ timeout: 30_000 })
    await connect(answering.analyticsUrl, 'aiw_000000000000_wrong')
    await outcome.getByText(/key/i).first().waitFor({ timeout: 30_000 })
    await keepScreenshot(page, 'configuration-wrong-key')
    await connect(answering.analyticsUrl, key)
    await outcome
      .getByText(/Connected to collector/)
      .first()
      .waitFor({ timeout: 30_000 })
    await keepScreenshot(page, 'configuration')
    await context.close()
  }, 180_000)
})
