/** What a reader does on a page, and what the page says when it has no figures, in Chromium on a real collector. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APP, CHROMIUM, findAxeFaults, MODEL, openPage, readPanels, recordCalls, type Stage, startStage } from './stage.ts'

let stage: Stage

const open = (path: string) => openPage(stage, path, { height: 1400 })

async function openMenu(page: Awaited<ReturnType<typeof open>>['page'], panel: string) {
  await page.locator(`[data-panel="${panel}"]`).waitFor()
  // Grafana shows the button of the menu where the pointer is.
  await page.locator(`[data-panel="${panel}"]`).hover()
  await page.getByRole('button', { name: `Menu for panel ${panel}` }).click()
}

describe.skipIf(CHROMIUM === '')(
  CHROMIUM === '' ? 'actions in Chromium (skipped: no chromium on this machine)' : 'actions in Chromium',
  () => {
    beforeAll(async () => {
      stage = await startStage()
    }, 120_000)
    afterAll(() => stage?.close())

    test('an empty store says how to record the first call, until there is one', async () => {
      const { page, faults } = await open('overview?live=paused')
      await page.getByText('No calls yet: wrap a client').waitFor()
      expect(await page.locator('pre').textContent()).toContain('watch.wrap(new OpenAI())')
      expect(await findAxeFaults(page)).toEqual([])
      await recordCalls(stage.watch)
      await page.reload()
      await readPanels(page)
      expect(await page.getByText('No calls yet').count()).toBe(0)
      expect(faults).toEqual([])
      await page.close()
    })

    test('where no collector answers the page says once what to do, with the way to the configuration', async () => {
      stage.host.failWith(502)
      const { page } = await open('overview?live=paused')
      await page.getByText('Grafana cannot reach the collector (502)').waitFor()
      expect(await page.getByRole('link', { name: 'Configuration' }).getAttribute('href')).toContain('page=configuration')
      stage.host.failWith(undefined)
      await page.close()
    })

    test('without a data source the page says what to do', async () => {
      const { page } = await open('overview?without-data-source')
      await page.getByText('No collector is connected yet').waitFor()
      expect(await page.getByRole('link', { name: 'Connect a collector' }).getAttribute('href')).toContain('page=configuration')
      await page.close()
    })

    test('a panel is copied as JSON that dashboards paste, with the filters of the page filled in', async () => {
      const { page } = await open(`overview?live=paused&var-app=shop&var-model=${encodeURIComponent(MODEL)}`)
      await openMenu(page, 'Model mix')
      await page.getByRole('menuitem', { name: 'Copy panel JSON' }).click()
      await page.waitForFunction(() => localStorage.getItem('panel-copy') !== null)
      const panel = JSON.parse((await page.evaluate(() => localStorage.getItem('panel-copy'))) ?? '')
      expect(panel).toMatchObject({
        type: 'table',
        title: 'Model mix',
        datasource: { type: 'aiwatch-analytics-datasource', uid: 'aiwatch' },
      })
      expect(panel.targets).toEqual([
        {
          refId: 'A',
          kind: 'answer',
          operation: 'overview',
          part: 'models',
          live: false,
          params: { app: 'shop', model: MODEL },
          datasource: panel.datasource,
        },
      ])
      await page.close()
    })

    test('a panel goes to a dashboard by the form of Grafana', async () => {
      const { page } = await open('users?refresh=&from=now-2h&to=now')
      await openMenu(page, 'New and returning users by day')
      await page.getByRole('menuitem', { name: 'Add to dashboard' }).click()
      await page.getByRole('button', { name: 'Open dashboard' }).click()
      const panel = await page.evaluate(() => (window as unknown as { addedPanel: Record<string, unknown> }).addedPanel)
      expect(panel).toMatchObject({ type: 'timeseries', timeFrom: '30d' })
      await page.close()
    })

    test('Explore asks the same of the same time range', async () => {
      const { page } = await open('overview?live=paused&from=now-2h&to=now&var-app=shop')
      await openMenu(page, 'Model mix')
      const href = await page.getByRole('menuitem', { name: 'Explore' }).getAttribute('href')
      const { panel } = JSON.parse(new URL(`http://host${href}`).searchParams.get('panes') ?? '')
      expect(panel.range).toEqual({ from: 'now-2h', to: 'now' })
      expect(panel.queries[0]).toMatchObject({ operation: 'overview', part: 'models', params: { app: 'shop' } })
      await page.close()
    })

    describe.each([
      ['overview', 'Cost today', 'GET /v1/overview'],
      ['calls', 'Calls kept', 'GET /v1/calls'],
    ])('the live page %s', (path, panel, question) => {
      const asked = () => stage.host.questions.filter((one) => one.startsWith(question)).length
      const streams = () => stage.host.requests.filter((one) => one.includes('/v1/stream')).length
      const figure = (page: Page) => page.locator(`[data-panel="${panel}"]`).textContent()

      test('takes three requests at its start, one of them the stream, and then one at a time', async () => {
        const { page, faults } = await open(path)
        await readPanels(page)
        expect(stage.host.requests.length).toBeLessThanOrEqual(3)
        expect(streams()).toBe(1)
        await expect.poll(asked, { timeout: 30_000 }).toBeGreaterThanOrEqual(4)
        // Catalogue and stream once; else each answer was one request for all panels of the page.
        expect(stage.host.requests.length).toBeLessThanOrEqual(asked() + 2)
        expect(streams()).toBe(1)
        expect(faults).toEqual([])
        await page.close()
      })

      test('shows what programs call until it is paused, and the pause is in the address', async () => {
        const { page } = await open(path)
        await readPanels(page)
        const before = await figure(page)
        await recordCalls(stage.watch)
        await expect.poll(() => figure(page), { timeout: 30_000 }).not.toBe(before)
        await page.getByRole('button', { name: 'Pause' }).click()
        await page.waitForURL(/live=paused/)
        await readPanels(page)
        const [paused, requests] = [await figure(page), stage.host.requests.length]
        await recordCalls(stage.watch)
        await page.waitForTimeout(7000)
        expect([await figure(page), stage.host.requests.length]).toEqual([paused, requests])
        await page.getByRole('button', { name: 'Resume' }).click()
        await page.waitForURL((url) => !url.searchParams.has('live'))
        await expect.poll(() => figure(page), { timeout: 30_000 }).not.toBe(paused)
        await page.close()
      })
    })

    test('a live page whose stream breaks off says so, and goes on by asking', async () => {
      const { page } = await open('overview')
      await readPanels(page)
      await page.route('**/v1/stream*', (route) => route.abort())
      await page.reload()
      const notices = () => page.locator('[data-panel="Cost today"]').getAttribute('data-notices')
      await expect.poll(notices, { timeout: 30_000 }).toContain('stream of live figures broke off')
      const asked = () => stage.host.questions.filter((one) => one.startsWith('GET /v1/overview')).length
      const before = asked()
      await expect.poll(asked, { timeout: 30_000 }).toBeGreaterThan(before + 1)
      await page.close()
    })

    test('a time range that has ended cannot be live', async () => {
      const { page } = await open('overview?from=now-7d&to=now-1h')
      await readPanels(page)
      expect(await page.getByRole('button', { name: 'Pause' }).isDisabled()).toBe(true)
      await page.close()
    })

    test('the help of a page opens by keyboard and explains its figures', async () => {
      const { page } = await open('latency?refresh=')
      await readPanels(page)
      await page.getByRole('button', { name: 'What the figures mean' }).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').getByText('relative error of a percentile is at most 2 %').waitFor()
      expect(await page.getByRole('link', { name: /The API that gives these figures/ }).getAttribute('href')).toContain('/api/docs')
      expect(await findAxeFaults(page)).toEqual([])
      await page.close()
    })

    test('an address outside the pages leads to the overview', async () => {
      const { page } = await open(`${APP}/nowhere`)
      await page.waitForURL(/\/overview/)
      await page.close()
    })
  },
)
