/** Where the app is measured: in the host page of the tests, and in a real Grafana where `GRAFANA_HOME` names one. */
import type { Browser, BrowserContext } from 'playwright-core'
import { APP_ID, DATA_SOURCE_TYPE, DATA_SOURCE_UID } from '../src/plugin-ids.ts'
import { startHost } from '../test/browser/start-host.ts'
import { startGrafana } from '../test/grafana/start-grafana.ts'

const VIEWPORT = { width: 1280, height: 800 }

export interface Target {
  name: string
  url: string
  /** What holds the figure of a panel. */
  figureIn(panel: string): string
  /** A window that has nothing in its cache, logged in. */
  openContext(): Promise<BrowserContext>
  close(): Promise<void>
}

async function openHost(browser: Browser, collectorUrl: string): Promise<Target> {
  const host = await startHost(collectorUrl)
  return {
    name: 'host page',
    url: host.url,
    figureIn: (panel) => `[data-panel="${panel}"] td`,
    openContext: () => browser.newContext({ baseURL: host.url, viewport: VIEWPORT }),
    close: host.close,
  }
}

async function openGrafana(browser: Browser, collectorUrl: string): Promise<Target> {
  const grafana = await startGrafana()
  const post = (path: string, body: unknown) => grafana.api(path, { method: 'POST', body })
  await post(`/api/plugins/${APP_ID}/settings`, { enabled: true, pinned: true })
  await post('/api/datasources', { uid: DATA_SOURCE_UID, name: 'AIWatch', type: DATA_SOURCE_TYPE, access: 'proxy', url: collectorUrl })
  return {
    name: `Grafana ${grafana.version}`,
    url: grafana.url,
    figureIn: (panel) => `[data-testid="data-testid Panel header ${panel}"] [data-testid="data-testid panel content"]`,
    openContext: () => grafana.login(browser, 'viewer', { viewport: VIEWPORT }),
    close: grafana.stop,
  }
}

export async function openTargets(browser: Browser, collectorUrl: string): Promise<Target[]> {
  const targets = [await openHost(browser, collectorUrl)]
  if (process.env['GRAFANA_HOME']) targets.push(await openGrafana(browser, collectorUrl))
  return targets
}
