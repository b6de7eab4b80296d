import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { findChromium } from './find-chromium.ts'
import { BUILT_PLUGIN, grafanaServer } from './grafana-home.ts'

/** Why a Grafana cannot be started here; undefined when it can. */
function whyNoGrafana(): string | undefined {
  const home = process.env['GRAFANA_HOME']
  if (!home) return 'GRAFANA_HOME names no unpacked Grafana'
  if (!grafanaServer(home)) return `GRAFANA_HOME is ${home}, which has neither bin/grafana nor bin/grafana-server`
  if (!existsSync(join(home, 'public/build'))) return `GRAFANA_HOME is ${home}, whose front end (public/build) is not there`
  if (!existsSync(join(BUILT_PLUGIN, 'module.js'))) return 'the app is not built: npm run build -w packages/grafana-app'
  if (!findChromium()) return 'no Chromium on this machine; AIWATCH_TEST_CHROMIUM may name one'
  return undefined
}

/** A suite on a real Grafana. Where there is none it is skipped, and its name says why. */
export function describeWithGrafana(name: string, suite: () => void): void {
  const missing = whyNoGrafana()
  describe.skipIf(missing !== undefined)(missing === undefined ? name : `${name} (skipped: ${missing})`, suite)
}
