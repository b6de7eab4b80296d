import { existsSync } from 'node:fs'

/** Path of a Chromium: `AIWATCH_TEST_CHROMIUM`, or where distributions put it; empty where there is none. */
export const findChromium = (): string =>
  process.env['AIWATCH_TEST_CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? ''
