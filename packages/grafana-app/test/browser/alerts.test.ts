/** The Alerts page in Chromium, in the host page, on a stand-in for Grafana's alerting that keeps state. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ALERT_RULES, DEFAULT_JOBS, findAlertRule } from '@aiwatch/provisioning/alerts'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeInstalledRule, makeInstalledRule } from '../../src/alerting/installed-rule.ts'
import { FakeAlerting } from './fake-alerting.ts'
import { type Host, startHost } from './start-host.ts'

const CHROMIUM =
  process.env['AIWATCH_TEST_CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? ''
const AXE = createRequire(import.meta.url).resolve('axe-core')
const NOBODY = 'http://127.0.0.1:9'

const ADMIN = [
  'alert.rules:create',
  'alert.rules:write',
  'alert.rules:delete',
  'alert.provisioning.provenance:write',
  'alert.instances:create',
  'alert.instances:write',
  'alert.notifications:read',
]
const VIEWER = ['alert.rules:read', 'alert.instances:read']

let host: Host
let browser: Browser

function makeFake(): FakeAlerting {
  const fake = new FakeAlerting()
  const job = (name: string) => [{ labels: { job: name }, value: 1 }]
  fake.series.set('count by (job) (token_analytics_redis_up)', job(DEFAULT_JOBS.collector))
  fake.series.set('count by (job) (node_cpu_seconds_total)', job('machines'))
  fake.series.set('count by (job) (redis_evicted_keys_total)', [])
  fake.series.set('token_analytics_error_rate', [{ labels: {}, value: 0.123456 }])
  fake.series.set('token_analytics_redis_up', [{ labels: { instance: 'one' }, value: 1 }])
  return fake
}

interface Options {
  permissions?: string[]
  width?: number
  theme?: 'light' | 'dark'
  withoutPrometheus?: boolean
}

async function open(fake: FakeAlerting, { permissions = ADMIN, width = 1280, theme = 'dark', withoutPrometheus = false }: Options = {}) {
  const page = await browser.newPage({ viewport: { width, height: 1400 } })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
  })
  await page.addInitScript(
    ({ granted, sources }) => {
      let boot: { user: object; settings: object } | undefined
      Object.defineProperty(window, 'grafanaBootData', {
        get: () => boot,
        set: (given: { user: object; settings: object }) => {
          const user = {
            ...given.user,
            orgId: 1,
            login: 'ada',
            permissions: Object.fromEntries(granted.map((name: string) => [name, true])),
          }
          boot = { ...given, user, settings: { ...given.settings, datasources: sources, unifiedAlerting: { minInterval: '10s' } } }
        },
      })
    },
    { granted: permissions, sources: withoutPrometheus ? {} : { Prometheus: { uid: 'prom', name: 'Prometheus', type: 'prometheus' } } },
  )
  await page.route('**/api/**', async (route) => {
    const request = route.request()
    const { pathname, searchParams } = new URL(request.url())
    const sent = {
      method: request.method(),
      path: pathname,
      search: searchParams,
      headers: request.headers(),
      body: request.postDataJSON(),
    }
    const { status, body } = fake.answer(sent)
    await route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) })
  })
  await page.goto(`${host.url}/a/aiwatch-analytics-app/alerts?theme=${theme}`)
  await page.locator('[data-rule]').first().waitFor()
  return { page, faults }
}

const ruleOf = (page: Page, id: string) => page.locator(`[data-rule="${id}"]`)
const openRule = (page: Page, id: string) => ruleOf(page, id).locator('button[aria-expanded]').first().click()
const clickIn = (page: Page, id: string, name: string) => ruleOf(page, id).getByRole('button', { name, exact: true }).click()
/** By its label; a description follows it. */
const field = (page: Page, label: string) => page.getByRole('textbox', { name: new RegExp(`^${label}`) })
const says = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor()

function installed(fake: FakeAlerting, id: string) {
  const rule = findAlertRule(id)
  if (!rule) throw new Error(`no rule ${id}`)
  if (fake.folders.length === 0) fake.folders.push({ uid: 'f1', title: 'AIWatch' })
  const stored = makeInstalledRule(rule, { orgId: 1, folderUid: 'f1', datasourceUid: 'prom', jobs: DEFAULT_JOBS })
  fake.rules.set(stored.uid, stored)
  return stored
}

describe.skipIf(CHROMIUM === '')(
  CHROMIUM === '' ? 'alerts in Chromium (skipped: no chromium on this machine)' : 'alerts in Chromium',
  () => {
    beforeAll(async () => {
      host = await startHost(NOBODY)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await host?.close()
    })

    test('all rules are installed by one click, on the jobs that Prometheus scrapes by', async () => {
      const fake = makeFake()
      const { page, faults } = await open(fake)
      expect(await page.locator('[data-rule]').count()).toBe(ALERT_RULES.length)
      await page.getByRole('button', { name: `Install all (${ALERT_RULES.length})` }).click()
      await says(page, `Rules installed: ${ALERT_RULES.length}.`)
      expect([...fake.rules.keys()].sort()).toEqual(ALERT_RULES.map(({ id }) => `aiwatch-${id}`).sort())
      expect([...fake.rules.values()].every(({ provenance }) => provenance === undefined)).toBe(true)
      expect(fake.folders.map(({ title }) => title)).toEqual(['AIWatch'])
      expect(JSON.stringify(fake.rules.get('aiwatch-machine-cpu')?.data)).toContain('job=\\"machines\\"')
      await page.locator('[data-rule="error-rate"][data-state="pending"]').waitFor()
      expect(await ruleOf(page, 'error-rate').textContent()).toContain('now 12.3 %')
      expect(await ruleOf(page, 'redis-evictions').textContent()).toContain('needs redis_exporter')
      expect(faults).toEqual([])
      await page.close()
    })

    test('a rule is installed in the folder that is there, edited, paused, silenced and uninstalled', async () => {
      const fake = makeFake()
      fake.folders.push({ uid: 'f9', title: 'AIWatch' })
      const { page, faults } = await open(fake)
      const stored = () => fake.rules.get('aiwatch-error-rate')
      await openRule(page, 'error-rate')
      await clickIn(page, 'error-rate', 'Install')
      await says(page, '"Calls to models fail" is installed.')
      expect(stored()?.folderUID).toBe('f9')

      await clickIn(page, 'error-rate', 'Edit')
      await field(page, 'Threshold').fill('20')
      await field(page, 'For').fill('ten minutes')
      expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true)
      await field(page, 'For').fill('0s')
      await page.getByRole('combobox').click()
      await page.getByRole('option', { name: 'on-call' }).click()
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await says(page, '"Calls to models fail" is changed.')
      expect(stored()).toMatchObject({ for: '0s', notification_settings: { receiver: 'on-call' } })
      expect(JSON.stringify(stored()?.data)).toContain('"params":[0.2]')
      await page.locator('[data-rule="error-rate"][data-state="normal"]').waitFor()
      expect(await ruleOf(page, 'error-rate').textContent()).toContain('above 20 %, at once')

      await clickIn(page, 'error-rate', 'Pause')
      await page.locator('[data-rule="error-rate"][data-state="paused"]').waitFor()
      await clickIn(page, 'error-rate', 'Resume')
      await page.locator('[data-rule="error-rate"][data-state="normal"]').waitFor()

      await clickIn(page, 'error-rate', 'Silence')
      await field(page, 'Silent for').fill('30m')
      await field(page, 'Why').fill('deploy')
      await page.getByRole('form', { name: 'Silence' }).getByRole('button', { name: 'Silence' }).click()
      await says(page, '"Calls to models fail" is silent.')
      const [silence] = fake.silences.values()
      expect(silence).toMatchObject({
        comment: 'deploy',
        createdBy: 'ada',
        matchers: [{ name: '__alert_rule_uid__', value: 'aiwatch-error-rate' }],
      })
      expect(Date.parse(silence?.endsAt ?? '') - Date.parse(silence?.startsAt ?? '')).toBe(30 * 60_000)
      await clickIn(page, 'error-rate', 'End silence')
      await says(page, 'is silent no more')
      expect(silence?.status.state).toBe('expired')

      await clickIn(page, 'error-rate', 'Uninstall')
      await page.getByRole('dialog').getByRole('button', { name: 'Uninstall' }).click()
      await page.locator('[data-rule="error-rate"][data-state="not_installed"]').waitFor()
      expect(fake.rules.size).toBe(0)
      expect(faults).toEqual([])
      await page.close()
    })

    test('a test fire says what will happen, fires beside the rule, and is removed', async () => {
      const fake = makeFake()
      installed(fake, 'redis-down')
      const { page, faults } = await open(fake)
      await openRule(page, 'redis-down')
      await clickIn(page, 'redis-down', 'Test fire')
      expect(await page.getByRole('dialog').textContent()).toContain('gets a real message, marked as a test')
      expect(fake.written).toEqual([])
      await page.getByRole('dialog').getByRole('button', { name: 'Fire' }).click()
      await page.getByText('The test fires').waitFor()
      expect(fake.rules.get('aiwatch-redis-down-test')).toMatchObject({
        labels: { aiwatch_test: 'true', aiwatch_rule: 'redis-down' },
        for: '0s',
      })
      expect(fake.intervals.get('aiwatch-redis-down-test')).toBe(10)
      // The rule itself stays as it is.
      expect(await ruleOf(page, 'redis-down').getAttribute('data-state')).toBe('normal')
      await clickIn(page, 'redis-down', 'End test')
      await says(page, 'has ended')
      expect([...fake.rules.keys()]).toEqual(['aiwatch-redis-down'])
      expect(faults).toEqual([])
      await page.close()
    })

    test('a test that nobody ended is removed once its time is over', async () => {
      const fake = makeFake()
      const stored = installed(fake, 'redis-down')
      const [query, condition] = stored.data
      if (!query || !condition) throw new Error('the rule has no query')
      const expr = `((${String(query.model['expr'])}) or on () vector(0)) and on () (vector(time()) < 1000)`
      const past = {
        ...stored,
        uid: 'aiwatch-redis-down-test',
        title: 'Test',
        data: [{ ...query, model: { ...query.model, expr } }, condition],
      }
      fake.rules.set(past.uid, past)
      const { page } = await open(fake)
      await expect.poll(() => [...fake.rules.keys()]).toEqual(['aiwatch-redis-down'])
      await page.close()
    })

    test('a rule of an older version says so, and one click brings it up to date with the threshold of its owner', async () => {
      const fake = makeFake()
      const made = installed(fake, 'error-rate')
      const data = made.data.map((query) => (query.refId === 'A' ? { ...query, model: { ...query.model, expr: 'errors' } } : query))
      const older = { ...changeInstalledRule(findAlertRule('error-rate') as never, { ...made, data }, { threshold: 0.3 }), title: 'Errors' }
      fake.rules.set(made.uid, older)
      const { page, faults } = await open(fake)
      const rule = ruleOf(page, 'error-rate')
      await rule.getByText('Update available').waitFor()
      await openRule(page, 'error-rate')
      await page.getByText('It is not the rule of this version of AIWatch: name, query and condition').waitFor()
      await clickIn(page, 'error-rate', 'Update')
      await says(page, 'is up to date.')
      const updated = changeInstalledRule(findAlertRule('error-rate') as never, made, { threshold: 0.3 })
      expect(fake.rules.get(made.uid)).toEqual(updated)
      await expect.poll(() => rule.getByText('Update available').count()).toBe(0)
      expect(faults).toEqual([])
      await page.close()
    })

    test('a rule from a file is shown as that, and cannot be changed', async () => {
      const fake = makeFake()
      fake.rules.set('aiwatch-error-rate', { ...installed(fake, 'error-rate'), provenance: 'file' })
      const { page } = await open(fake)
      await openRule(page, 'error-rate')
      const rule = ruleOf(page, 'error-rate')
      expect(await rule.textContent()).toContain('From file')
      expect(await rule.getByRole('button').allTextContents()).not.toContain('Edit')
      const names = (await rule.getByRole('button').allTextContents()).slice(1)
      expect(names).toEqual(['Silence', 'Test fire'])
      await page.close()
    })

    test('a viewer sees states and no actions', async () => {
      const fake = makeFake()
      installed(fake, 'error-rate')
      const { page, faults } = await open(fake, { permissions: VIEWER })
      await openRule(page, 'error-rate')
      await openRule(page, 'response-time')
      expect(await ruleOf(page, 'error-rate').getByRole('button').count()).toBe(1)
      expect(await ruleOf(page, 'response-time').getByRole('button').count()).toBe(1)
      expect(await page.getByRole('button', { name: /Install/ }).count()).toBe(0)
      expect(await ruleOf(page, 'error-rate').textContent()).toContain('What to do')
      expect(faults).toEqual([])
      await page.close()
    })

    test('a refusal is said in a sentence', async () => {
      const fake = makeFake()
      const { page } = await open(fake)
      fake.mayWrite = false
      await page.getByRole('button', { name: /^Install all/ }).click()
      await page.getByText(/Grafana does not let you do this \(403\): You'll need additional permissions/).waitFor()
      expect(fake.rules.size).toBe(0)
      await page.close()
    })

    test.each([
      ['there is none', { withoutPrometheus: true }, 'Grafana has no Prometheus data source'],
      ['none scrapes the collector', {}, 'No Prometheus data source scrapes the collector'],
    ])('where %s, the page says what to do, and installs nothing', async (_case, options, text) => {
      const fake = makeFake()
      fake.series.clear()
      const { page } = await open(fake, options)
      await page.getByText(text).waitFor()
      expect(await page.locator('pre').textContent()).toContain('job_name: aiwatch')
      expect(await page.getByRole('button', { name: /Install/ }).count()).toBe(0)
      await page.close()
    })

    test.each([
      [1280, 'dark'],
      [390, 'light'],
    ] as const)('has no serious finding of axe and no sideways scrolling at %i px, %s; and is worked by keyboard', async (width, theme) => {
      const fake = makeFake()
      installed(fake, 'error-rate')
      const { page } = await open(fake, { width, theme })
      await ruleOf(page, 'error-rate').locator('button[aria-expanded]').focus()
      await page.keyboard.press('Enter')
      await clickIn(page, 'error-rate', 'Edit')
      await field(page, 'Threshold').waitFor()
      const shots = process.env['AIWATCH_TEST_SCREENSHOTS']
      if (shots) await page.screenshot({ path: `${shots}/alerts-${width}-${theme}.png`, fullPage: true })
      const [needed, given] = await page.locator('main').evaluate((main) => [main.scrollWidth, main.clientWidth])
      expect(needed).toBe(given)
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
  },
)
