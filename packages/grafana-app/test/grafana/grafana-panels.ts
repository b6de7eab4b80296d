/** Pages and dashboards in a real Grafana, as a test reads them. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page, Request } from 'playwright-core'

export interface PanelState {
  title: string
  /** What the panel's mark of an error says; empty without. */
  error: string
  hasNoData: boolean
}

export interface Opened {
  page: Page
  /** What the browser reported as an error. */
  faults: string[]
  /** Requests that are under way, but for streams, which do not end. */
  pending: ReadonlySet<Request>
}

/** Higher than any page: panels below the window are not loaded until they are scrolled to. */
export const WINDOW = { width: 1440, height: 4200 }

/** Of requests that did not succeed the panels tell. */
const TOLD_BY_PANELS = /^Failed to load resource/

const STREAM = /\/v1\/stream|\/api\/live\//
/** Longer than panels gather their questions. */
const QUIET_MS = 500

function watchRequests(page: Page): ReadonlySet<Request> {
  const pending = new Set<Request>()
  page.on('request', (request) => {
    if (!STREAM.test(request.url())) pending.add(request)
  })
  page.on('requestfinished', (request) => pending.delete(request))
  page.on('requestfailed', (request) => pending.delete(request))
  return pending
}

/** Resolves once nothing was under way for a moment. */
async function settle({ page, pending }: Opened): Promise<void> {
  for (let quietSince = Date.now(); Date.now() - quietSince < QUIET_MS; ) {
    await page.waitForTimeout(50)
    if (pending.size > 0) quietSince = Date.now()
  }
}

export async function openPage(context: BrowserContext, path: string): Promise<Opened> {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !TOLD_BY_PANELS.test(message.text())) faults.push(message.text())
  })
  const pending = watchRequests(page)
  await page.goto(path)
  return { page, faults, pending }
}

const PANEL = '[data-testid^="data-testid Panel header "]'
const LOADING = '[aria-label="Panel loading bar"], [data-testid="data-testid Spinner"]'

/** Every panel of the page, once none is loading. Throws where there is none. */
export async function readPanels(opened: Opened): Promise<PanelState[]> {
  const { page } = opened
  await page.locator(PANEL).first().waitFor({ timeout: 60_000 })
  await settle(opened)
  await page.waitForFunction((loading) => document.querySelectorAll(loading).length === 0, LOADING, { timeout: 60_000 })
  return page.locator(PANEL).evaluateAll((panels) =>
    panels.map((panel) => {
      const mark = panel.querySelector('[data-testid="data-testid Panel status error"]')
      const content = panel.querySelector('[data-testid="data-testid panel content"]')?.textContent ?? ''
      return {
        title: (panel.getAttribute('data-testid') ?? '').replace('data-testid Panel header ', ''),
        error: mark ? mark.getAttribute('aria-label') || 'failed' : '',
        // A figure that has no value is a dash.
        hasNoData: panel.querySelector('[data-testid="data-testid Panel data error message"]') !== null || content.trim() === '–',
      }
    }),
  )
}

/** Of what a panel draws, the pixels that are neither grey nor white nor black. */
export const countColoured = (page: Page, title: string): Promise<number> =>
  page.locator(`[data-testid="data-testid Panel header ${title}"] canvas`).evaluateAll((canvases) =>
    canvases.reduce((sum, canvas) => {
      if (!(canvas instanceof HTMLCanvasElement) || canvas.width === 0) return sum
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray()
      let coloured = 0
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, , blue = 0, opacity = 0] = data.slice(at, at + 4)
        if (opacity > 128 && Math.abs(red - blue) > 60) coloured++
      }
      return sum + coloured
    }, 0),
  )

/** Kept where AIWATCH_TEST_SCREENSHOTS names a folder: for people who look at them. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['AIWATCH_TEST_SCREENSHOTS']
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
