/** The built app in Chromium, in a host page that stands for Grafana, on a real collector with real calls. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { APP, CHROMIUM, findAxeFaults, MODEL, openPage, PAGES, readPanels, recordCalls, type Stage, startStage, TRACE } from './stage.ts'

const REFRESH_BUTTON = 'data-testid RefreshPicker run button'

let stage: Stage

const open = (path: string, size?: { width?: number; height?: number }) => openPage(stage, path, size)
const linksIn = (panel: string) => `[data-panel="${panel}"] a`

describe.skipIf(CHROMIUM === '')(CHROMIUM === '' ? 'pages in Chromium (skipped: no chromium on this machine)' : 'pages in Chromium', () => {
  beforeAll(async () => {
    stage = await startStage()
    await recordCalls(stage.watch)
  }, 120_000)
  afterAll(() => stage?.close())

  // Page, a panel of it, and what this panel must show of the calls that were made.
  test.each([
    ['overview', 'Model mix', MODEL],
    ['overview', 'Top users, 24 h', 'ada'],
    ['models', 'Models compared', MODEL],
    [`models/${encodeURIComponent(MODEL)}`, 'Calls', '13'],
    ['users', 'Users by rank', 'ada'],
    ['users/ada', 'Models', MODEL],
    ['costs', 'Models without a price', MODEL],
    ['costs', 'Money by user', 'ada'],
    ['costs', 'Money by tag', 'team=search'],
    ['calls', 'Calls', 'rate_limit'],
    ['errors', 'Patterns', 'rate_limit'],
    ['errors', 'Errors by model', MODEL],
    ['latency', 'Percentiles by model', MODEL],
    ['system', 'Writers', 'shop'],
    ['system', 'Writers, 48 h', '1'],
  ])('%s shows in "%s" what was recorded: %s', async (path, title, text) => {
    const { page, faults } = await open(path)
    const panels = await readPanels(page)
    expect(panels[title]?.text).toContain(text)
    // Before the first slot of the sampler there are no samples: those panels say so.
    const errors = Object.entries(panels).filter(([, { error }]) => error && !/sample|metrics:/.test(error))
    expect(errors).toEqual([])
    expect(faults).toEqual([])
    await page.close()
  })

  test('the panels of the overview are one question, beside that for the names of the filters', async () => {
    const { page } = await open('overview?live=paused')
    await readPanels(page)
    expect([...stage.host.questions].sort()).toEqual(['GET /v1/catalog', 'GET /v1/overview?from=now-1h&to=now'])
    await page.close()
  })

  test.each(PAGES)('%s takes at most three requests at its start, and one per refresh', async (path) => {
    const { page } = await open(`${path}?live=paused&refresh=`)
    await readPanels(page)
    expect(stage.host.requests.length).toBeLessThanOrEqual(3)
    // Answers are shared for a second.
    await page.waitForTimeout(1100)
    stage.host.requests.length = 0
    await page.getByTestId(REFRESH_BUTTON).click()
    await expect.poll(() => stage.host.requests.length, { timeout: 30_000 }).toBeGreaterThan(0)
    await readPanels(page)
    expect(stage.host.requests).toHaveLength(1)
    await page.close()
  })

  test('filters in the address go to the collector', async () => {
    const search = `live=paused&from=now-6h&to=now&var-app=shop&var-provider=openai&var-model=${encodeURIComponent(MODEL)}`
    const { page } = await open(`overview?${search}`)
    await readPanels(page)
    expect(stage.host.questions).toContain(
      `GET /v1/overview?from=now-6h&to=now&app=shop&provider=openai&model=${encodeURIComponent(MODEL)}`,
    )
    await page.close()
  })

  test('a name in the address that was never seen shows nothing, not everything', async () => {
    const { page } = await open('models?refresh=&from=now-1h&to=now&var-model=retired')
    expect((await readPanels(page))['Models compared']?.text).toBe('')
    const asked = stage.host.questions.filter((question) => question.startsWith('GET /v1/models'))
    expect(asked).not.toEqual([])
    expect(asked.filter((question) => !question.includes('model=retired'))).toEqual([])
    expect(new URL(page.url()).searchParams.get('var-model')).toBe('retired')
    await page.close()
  })

  test('panels do not wait for the names that filters offer', async () => {
    const page = await stage.browser.newPage()
    await page.route(/\/v1\/catalog/, () => {})
    await page.goto(`${stage.host.url}${APP}/overview?live=paused`)
    const panels = await readPanels(page)
    expect(panels['Calls/s']?.text).toMatch(/\d/)
    await page.close()
  })

  test('filters that a page cannot answer stay in the address, for the pages that can', async () => {
    const { page } = await open('system?refresh=&from=now-3h&to=now&var-app=shop&var-user=ada&var-tag=team%3Dsearch')
    await readPanels(page)
    await page.evaluate(
      (path) => (window as unknown as { locationService: { push(path: string): void } }).locationService.push(path),
      `${APP}/calls`,
    )
    await page.waitForURL(/\/calls\?.*var-app=shop/)
    const search = new URL(page.url()).searchParams
    expect([search.get('var-user'), search.get('var-tag'), search.get('from')]).toEqual(['ada', 'team=search', 'now-3h'])
    await page.close()
  })

  test('calls are filtered by time, user, tag and outcome in the address', async () => {
    const { page } = await open('calls?refresh=&from=now-2h&to=now&var-user=ada&var-tag=team%3Dsearch&var-outcome=rate_limit')
    await readPanels(page)
    const asked = stage.host.questions.find((question) => question.startsWith('GET /v1/calls'))
    expect(Object.fromEntries(new URL(`http://host${asked?.slice('GET '.length)}`).searchParams)).toMatchObject({
      from: 'now-2h',
      to: 'now',
      user: 'ada',
      tag: 'team=search',
      outcome: 'rate_limit',
    })
    const cells = (text: string) => page.locator(`[data-panel="Calls"] tbody :text-is("${text}")`).count()
    await expect.poll(() => cells('rate_limit'), { timeout: 30_000 }).toBe(1)
    expect(await cells('ok')).toBe(0)
    await page.close()
  })

  test.each([
    ['overview', 'Model mix', /\/models\/ai%2Fllama3\.2%3A1B\?.*from=now-3h/],
    ['overview', 'Error rate', /\/errors\?.*from=now-3h/],
    ['overview', 'Cost today', /\/costs\?.*from=now-3h/],
    ['overview', 'Users', /\/users\?.*from=now-3h/],
    ['errors', 'Patterns', /\/calls\?.*from=now-3h.*var-outcome=rate_limit&var-app=shop&var-provider=openai&var-model=ai%2Fllama3\.2%3A1B/],
    ['users/ada', 'Recent sessions', /\/calls\?.*var-session=s1/],
    ['costs', 'Money by tag', /\/calls\?.*var-tag=team%3Dsearch/],
  ])('on %s "%s" leads to what explains it, and the time range goes along', async (path, panel, href) => {
    const { page } = await open(`${path}?from=now-3h&to=now`)
    await readPanels(page)
    // Rows of equal value come in any order.
    const hrefs = await page.locator(linksIn(panel)).evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
    expect(hrefs.filter((one) => href.test(one))).not.toEqual([])
    await page.close()
  })

  test('every figure of the overview is a link', async () => {
    const { page } = await open('overview')
    await readPanels(page)
    const without = await page
      .locator('[data-plugin="stat"]')
      .evaluateAll((all) => all.filter((panel) => !panel.querySelector('a[href]')).map((panel) => panel.getAttribute('data-panel')))
    expect(without).toEqual([])
    await page.close()
  })

  test('a change against an empty window before is not shown', async () => {
    const { page } = await open('overview?live=paused')
    const panels = await readPanels(page)
    expect(panels['Calls/s']?.text).not.toBe('')
    expect(Object.entries(panels).filter(([, { hasChange }]) => hasChange)).toEqual([])
    await page.close()
  })

  test('the id of a trace leads to Explore of the data source that holds traces', async () => {
    const { page } = await open('calls?with-tempo')
    await readPanels(page)
    const href = await page.locator(`[data-panel="Calls"] a:text-is("${TRACE}")`).first().getAttribute('href')
    const panes = JSON.parse(new URL(`http://host${href}`).searchParams.get('panes') ?? '')
    expect(panes.trace.queries).toEqual([{ refId: 'A', datasource: { type: 'tempo', uid: 'tempo-1' }, queryType: 'traceql', query: TRACE }])
    await page.close()
  })

  describe.each(PAGES)('%s', (path) => {
    test.each(['dark', 'light'])('has no serious finding of axe in %s', async (theme) => {
      const { page } = await open(`${path}?theme=${theme}`)
      await readPanels(page)
      expect(await findAxeFaults(page)).toEqual([])
      await page.close()
    })

    test('does not scroll sideways at 390 px', async () => {
      const { page } = await open(path, { width: 390 })
      await readPanels(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
      await page.close()
    })
  })
})
