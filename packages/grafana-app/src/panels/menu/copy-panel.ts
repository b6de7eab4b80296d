import { AppEvents, store } from '@grafana/data'
import { config, getAppEvents } from '@grafana/runtime'
import type { VizPanel } from '@grafana/scenes'
import { t } from '../../t.ts'
import { toPanelJson } from './panel-json.ts'

/** Where Grafana keeps the panel that "Paste panel" of a dashboard takes. */
const PASTE_KEY = 'panel-copy'

/** The clipboard is there on https and localhost only, and may be refused. */
async function writeToClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** To the clipboard, and for "Paste panel" of dashboards. Dashboards with the new layouts take another form there: by "Add to dashboard" only. */
export async function copyPanel(panel: VizPanel): Promise<void> {
  const json = toPanelJson(panel)
  const canPaste = !config.featureToggles.dashboardNewLayouts
  if (canPaste) store.set(PASTE_KEY, JSON.stringify(json))
  const isInClipboard = await writeToClipboard(JSON.stringify(json, null, 2))
  const isCopied = canPaste || isInClipboard
  getAppEvents().publish({
    type: (isCopied ? AppEvents.alertSuccess : AppEvents.alertError).name,
    payload: [
      isCopied
        ? canPaste
          ? t('menu.copied-paste', 'Panel copied. In a dashboard: Add → Paste panel.')
          : t('menu.copied', 'Panel copied as JSON.')
        : t('menu.not-copied', 'The browser does not let pages copy here: open Grafana by https.'),
    ],
  })
}
