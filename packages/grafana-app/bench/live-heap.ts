/** What the page holds while it streams: JavaScript heap after a collection, and nodes of the document. */
import { APP_PATH } from '../src/plugin-ids.ts'
import type { Target } from './open-target.ts'

export interface HeapReading {
  minute: number
  heapMb: number
  nodes: number
  listeners: number
}

const MB = 1024 * 1024
const MINUTE_MS = 60_000

/** A reading at once, and one after each minute. `tell` gets each as it comes. */
export async function readLiveHeap(target: Target, minutes: number, tell: (reading: HeapReading) => void): Promise<HeapReading[]> {
  const context = await target.openContext()
  const page = await context.newPage()
  await page.goto(`${APP_PATH}/overview`)
  await page.locator(target.figureIn('Cost today')).first().waitFor({ timeout: 120_000 })
  const devtools = await context.newCDPSession(page)
  await devtools.send('HeapProfiler.enable')
  const readings: HeapReading[] = []
  for (let minute = 0; minute <= minutes; minute++) {
    if (minute > 0) await page.waitForTimeout(MINUTE_MS)
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters')
    const reading = { minute, heapMb: usedSize / MB, nodes, listeners: jsEventListeners }
    readings.push(reading)
    tell(reading)
  }
  await context.close()
  return readings
}
