/** The Alerts page in a real Grafana, whose rules ask a real Prometheus that scrapes a real collector; a webhook takes the messages. */
import type { Collector } from '@aiwatch/collector'
import { ALERT_RULES } from '@aiwatch/provisioning/alerts'
import { whyNoMonitoring } from '@aiwatch/test-servers/monitoring'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LiveStage, openLiveStage } from '../../../../provisioning/test/live-stage.ts'
import type { StoredRule } from '../../src/alerting/grafana-shapes.ts'
import { APP_ID, APP_PATH, DATA_SOURCE_TYPE, DATA_SOURCE_UID } from '../../src/plugin-ids.ts'
import { describeWithGrafana } from './describe-with-grafana.ts'
import { findChromium } from './find-chromium.ts'
import { type Grafana, type Role, startGrafana } from './start-grafana.ts'
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts'

const RULES = '/api/v1/provisioning/alert-rules'
/** A group is evaluated once a minute, at a second of its own. */
const EVALUATED = { timeout: 200_000, interval: 1000 }
const missing = process.env['GRAFANA_HOME']
  ? whyNoMonitoring(['prometheus', 'prometheus-redis-exporter', 'prometheus-node-exporter'])
  : undefined

let stage: LiveStage
let collector: Collector | undefined
let grafana: Grafana
let receiver: WebhookReceiver
let browser: Browser

async function configure(): Promise<void> {
  const post = (path: string, body: unknown) => grafana.api(path, { method: 'POST', body })
  await post('/api/datasources', { uid: 'prom', name: 'Prometheus', type: 'prometheus', access: 'proxy', url: stage.prometheus.url })
  const url = collector?.analyticsUrl ?? ''
  await post('/api/datasources', { uid: DATA_SOURCE_UID, name: 'AIWatch', type: DATA_SOURCE_TYPE, access: 'proxy', url })
  await post(`/api/plugins/${APP_ID}/settings`, { enabled: true, pinned: true })
  const webhook = { name: 'on-call', type: 'webhook', settings: { url: receiver.url }, disableResolveMessage: false }
  await post('/api/v1/provisioning/contact-points', webhook)
  // Messages without the half minute in which Grafana waits for more of them.
  const policies = '/api/v1/provisioning/policies'
  const policy = { ...(await grafana.api<object>(policies)), group_wait: '1s', group_interval: '1s' }
  await grafana.api(policies, { method: 'PUT', body: policy })
}

const start = async () => {
  stage = await openLiveStage({ hasAlertmanager: false })
  collector = await stage.startCollector()
  receiver = await startWebhookReceiver()
  grafana = await startGrafana()
  await configure()
  browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
}

async function open(role: Role): Promise<Page> {
  const context = await grafana.login(browser, role, { viewport: { width: 1400, height: 1000 } })
  const page = await context.newPage()
  await page.goto(`${APP_PATH}/alerts`)
  await page.locator('[data-rule]').first().waitFor({ timeout: 60_000 })
  return page
}

const ruleOf = (page: Page, id: string) => page.locator(`[data-rule="${id}"]`)
const stateOf = (page: Page, id: string) => ruleOf(page, id).getAttribute('data-state')
const openRule = (page: Page, id: string) => ruleOf(page, id).locator('button[aria-expanded]').first().click()
const clickIn = (page: Page, id: string, name: string) => ruleOf(page, id).getByRole('button', { name, exact: true }).click()
const says = (page: Page, text: string) => page.getByRole('status').getByText(text).first().waitFor()
const field = (page: Page, label: string) => page.getByRole('textbox', { name: new RegExp(`^${label}`) })
const getRule = (id: string) => grafana.api<StoredRule>(`${RULES}/aiwatch-${id}`)
const listUids = async () => (await grafana.api<StoredRule[]>(RULES)).map(({ uid }) => uid).sort()

async function editRule(page: Page, id: string, values: Record<string, string>): Promise<void> {
  await clickIn(page, id, 'Edit')
  for (const [label, value] of Object.entries(values)) await field(page, label).fill(value)
  await page.getByRole('combobox', { name: /^Contact point/ }).click()
  await page.getByRole('option', { name: 'on-call' }).click()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await says(page, 'is changed.')
}

const testMessages = () => receiver.messages.flatMap(({ alerts }) => alerts).filter(({ labels }) => labels['aiwatch_test'] === 'true')

describeWithGrafana(`the Alerts page in Grafana${missing ? ` (not here: ${missing})` : ''}`, () => {
  if (missing) return void test.skip(missing)
  beforeAll(start, 400_000)
  afterAll(async () => {
    await browser?.close()
    await grafana?.stop()
    await receiver?.close()
    await collector?.close()
    await stage?.stop()
  })

  test('installs every rule by one click, where a file would put them, editable in Grafana', async () => {
    const page = await open('admin')
    await page.getByText('node_exporter (job aiwatch-node)').waitFor()
    await page.getByRole('button', { name: `Install all (${ALERT_RULES.length})` }).click()
    await says(page, `Rules installed: ${ALERT_RULES.length}.`)
    expect(await listUids()).toEqual(ALERT_RULES.map(({ id }) => `aiwatch-${id}`).sort())
    const stored = await getRule('error-rate')
    expect(stored).toMatchObject({ ruleGroup: 'aiwatch-usage', title: 'Calls to models fail' })
    expect(stored.provenance ?? '').toBe('')
    const folders = await grafana.api<{ uid: string; title: string }[]>('/api/folders')
    expect(folders.find(({ uid }) => uid === stored.folderUID)?.title).toBe('AIWatch')
    // Grafana adds to what it is given; that is no other rule.
    await expect.poll(() => stateOf(page, 'error-rate'), EVALUATED).not.toBe('not_installed')
    expect(await page.getByText('Update available').count()).toBe(0)
    await page.context().close()
  }, 120_000)

  test('a changed threshold, duration and contact point are what Grafana holds', async () => {
    const page = await open('admin')
    await openRule(page, 'error-rate')
    await editRule(page, 'error-rate', { Threshold: '20', For: '1h30m' })
    const stored = await getRule('error-rate')
    expect(stored).toMatchObject({ for: '1h30m', notification_settings: { receiver: 'on-call' } })
    expect(stored.annotations?.['summary']).toContain('more than 20 %')
    expect(JSON.stringify(stored.data)).toContain('[0.2]')
    await page.context().close()
  }, 120_000)

  test('a rule of an older version is brought up to date by one click, with the threshold of its owner', async () => {
    const installed = await getRule('error-rate')
    const data = installed.data.map((query) => (query.refId === 'A' ? { ...query, model: { ...query.model, expr: 'vector(0)' } } : query))
    await grafana.api(`${RULES}/${installed.uid}`, {
      method: 'PUT',
      body: { ...installed, data },
      headers: { 'X-Disable-Provenance': 'true' },
    })
    const page = await open('editor')
    await ruleOf(page, 'error-rate').getByText('Update available').waitFor()
    await openRule(page, 'error-rate')
    await clickIn(page, 'error-rate', 'Update')
    await says(page, 'is up to date.')
    const updated = await getRule('error-rate')
    expect(updated.data[0]?.model['expr']).toBe(installed.data[0]?.model['expr'])
    expect(updated).toMatchObject({ for: '1h30m', notification_settings: { receiver: 'on-call' } })
    expect(JSON.stringify(updated.data)).toContain('[0.2]')
    await expect.poll(() => ruleOf(page, 'error-rate').getByText('Update available').count(), EVALUATED).toBe(0)
    await page.context().close()
  }, 120_000)

  test('a rule fires when the collector is stopped, tells the contact point, and resolves when it is back', async () => {
    const page = await open('admin')
    await openRule(page, 'collector-down')
    await editRule(page, 'collector-down', { For: '0s' })
    await expect.poll(() => stateOf(page, 'collector-down'), EVALUATED).toBe('normal')
    await collector?.close()
    collector = undefined
    await expect.poll(() => stateOf(page, 'collector-down'), EVALUATED).toBe('firing')
    expect(await ruleOf(page, 'collector-down').textContent()).toMatch(/not well now.*since.*The job aiwatch of Prometheus gets no answer/s)
    const isTold = (status: string) =>
      receiver.messages.some((message) => message.status === status && message.alerts[0]?.labels['aiwatch_rule'] === 'collector-down')
    await expect.poll(() => isTold('firing'), EVALUATED).toBe(true)
    collector = await stage.startCollector()
    await expect.poll(() => stateOf(page, 'collector-down'), EVALUATED).toBe('normal')
    await expect.poll(() => isTold('resolved'), EVALUATED).toBe(true)
    await expect.poll(() => ruleOf(page, 'collector-down').textContent(), EVALUATED).toMatch(/Normal → Alerting/)
    expect(await ruleOf(page, 'collector-down').textContent()).toContain('last fired')
    await page.context().close()
  }, 700_000)

  test('a test fire brings a real message, marked as a test, and its end another', async () => {
    const page = await open('editor')
    await openRule(page, 'collector-down')
    await clickIn(page, 'collector-down', 'Test fire')
    await page.getByRole('dialog').getByRole('button', { name: 'Fire' }).click()
    await says(page, 'A test of "A collector is down" runs')
    await page.getByText('The test fires').waitFor({ timeout: EVALUATED.timeout })
    await expect.poll(() => testMessages().map(({ status }) => status), EVALUATED).toContain('firing')
    const [message] = testMessages()
    expect(message?.labels).toMatchObject({ aiwatch_rule: 'collector-down', alertname: 'Test: A collector is down' })
    expect(message?.annotations['summary']).toContain('This is a test of the rule "A collector is down"')
    // The rule itself is not touched.
    expect(await stateOf(page, 'collector-down')).toBe('normal')
    await page.getByText(/Last message through webhook.*: .*, delivered/).waitFor({ timeout: 60_000 })
    await clickIn(page, 'collector-down', 'End test')
    await says(page, 'has ended')
    expect(await listUids()).not.toContain('aiwatch-collector-down-test')
    await expect.poll(() => testMessages().map(({ status }) => status), EVALUATED).toContain('resolved')
    await page.context().close()
  }, 500_000)

  test('an editor pauses, silences and uninstalls', async () => {
    const page = await open('editor')
    await openRule(page, 'redis-down')
    await clickIn(page, 'redis-down', 'Pause')
    await expect.poll(() => stateOf(page, 'redis-down'), EVALUATED).toBe('paused')
    expect((await getRule('redis-down')).isPaused).toBe(true)
    await clickIn(page, 'redis-down', 'Resume')
    await says(page, 'is evaluated again')

    await clickIn(page, 'redis-down', 'Silence')
    await field(page, 'Silent for').fill('2h')
    await field(page, 'Why').fill('deploy')
    await page.getByRole('form', { name: 'Silence' }).getByRole('button', { name: 'Silence' }).click()
    await says(page, 'is silent.')
    const silences = () => grafana.api<{ comment: string; status: { state: string } }[]>('/api/alertmanager/grafana/api/v2/silences')
    expect(await silences()).toMatchObject([{ comment: 'deploy', status: { state: 'active' } }])
    await clickIn(page, 'redis-down', 'End silence')
    await says(page, 'is silent no more')
    expect(await silences()).toMatchObject([{ status: { state: 'expired' } }])

    await clickIn(page, 'redis-down', 'Uninstall')
    await page.getByRole('dialog').getByRole('button', { name: 'Uninstall' }).click()
    await says(page, 'is uninstalled')
    expect(await listUids()).not.toContain('aiwatch-redis-down')
    await expect.poll(() => stateOf(page, 'redis-down'), EVALUATED).toBe('not_installed')
    await page.context().close()
  }, 300_000)

  test('a viewer sees states and no actions', async () => {
    const page = await open('viewer')
    await expect.poll(() => stateOf(page, 'collector-down'), EVALUATED).toBe('normal')
    await openRule(page, 'collector-down')
    await openRule(page, 'redis-down')
    expect(await ruleOf(page, 'collector-down').getByRole('button').count()).toBe(1)
    expect(await ruleOf(page, 'redis-down').getByRole('button').count()).toBe(1)
    expect(await ruleOf(page, 'collector-down').textContent()).toContain('well now')
    expect(await page.getByRole('button', { name: /Install/ }).count()).toBe(0)
    await page.context().close()
  }, 300_000)
})
