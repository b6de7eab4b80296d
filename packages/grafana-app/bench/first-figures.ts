/** How long a reader waits for the Overview: until its first figure, and until all of its key figures are there. */
import type { BrowserContext, Page } from 'playwright-core'
import { APP_ID, APP_PATH } from '../src/plugin-ids.ts'
import type { Target } from './open-target.ts'

/** The figures of the Overview that calls of one hour give. */
const FIGURES = ['Calls/s', 'In tok/s', 'Out tok/s', 'Error rate', 'p50', 'p95', 'p99', 'Cost today']
const TIMEOUT_MS = 120_000

/** Milliseconds. */
export interface Waited {
  first: number
  all: number
  /** Of `first`: since the browser asked for the app's script. */
  ofApp: number
  /** Processor time of the page's main thread until all figures were there: what is left where nothing else runs on the machine. */
  busy: number
}

interface Noted {
  /** By the page's clock, milliseconds since its navigation. */
  first?: number
  all?: number
}

/** Looks before each frame that is drawn; begins anew where `since` is set. */
const watchFigures = (selectors: string[]) => {
  const noted: Noted = {}
  Object.assign(window, { noted })
  const look = () => {
    const shown = selectors.filter((selector) => /\d/.test(document.querySelector(selector)?.textContent ?? '')).length
    if (shown > 0) noted.first ??= performance.now()
    if (shown === selectors.length) noted.all ??= performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** Processor time of the page's main thread so far, milliseconds. */
async function watchBusy(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
  }
}

async function readNoted(page: Page, sinceMs: number): Promise<Omit<Waited, 'busy'>> {
  await page.waitForFunction(() => (window as unknown as { noted: Noted }).noted.all !== undefined, undefined, { timeout: TIMEOUT_MS })
  const {
    first = 0,
    all = 0,
    script,
  } = await page.evaluate((id) => {
    const asked = performance.getEntriesByType('resource').find(({ name }) => name.includes(`${id}/module.js`))
    return { ...(window as unknown as { noted: Noted }).noted, script: asked?.startTime ?? 0 }
  }, APP_ID)
  return { first: first - sinceMs, all: all - sinceMs, ofApp: first - Math.max(sinceMs, script) }
}

const selectorsOf = ({ figureIn }: Target) => FIGURES.map(figureIn)

/** A whole load of the page in this window; the first has nothing in its cache. */
export async function loadOverview(context: BrowserContext, target: Target): Promise<Waited> {
  const page = await context.newPage()
  const readBusy = await watchBusy(page)
  await page.addInitScript(watchFigures, selectorsOf(target))
  await page.goto(`${APP_PATH}/overview`)
  const waited = await readNoted(page, 0)
  const busy = await readBusy()
  await page.close()
  return { ...waited, busy }
}

/** From another page of the app, as a link of the menu goes. */
export async function goToOverview(context: BrowserContext, target: Target): Promise<Waited> {
  const page = await context.newPage()
  await page.goto(`${APP_PATH}/system`)
  await page.locator(target.figureIn('Uptime')).first().waitFor({ timeout: TIMEOUT_MS })
  const readBusy = await watchBusy(page)
  const busyBefore = await readBusy()
  await page.evaluate(watchFigures, selectorsOf(target))
  const sinceMs = await page.evaluate(() => performance.now())
  await page.evaluate((path) => {
    const services = window as unknown as { locationService?: { push(path: string): void } }
    if (services.locationService) services.locationService.push(path)
    else document.querySelector<HTMLAnchorElement>(`a[href$="${path}"]`)?.click()
  }, `${APP_PATH}/overview`)
  const waited = await readNoted(page, sinceMs)
  const busy = (await readBusy()) - busyBefore
  await page.close()
  return { ...waited, busy }
}
