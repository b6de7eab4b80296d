/**
 * The Overview with 1 million calls recorded in the hour before and 20 more a second: how long until its figures are there, and what the page holds
 * while it streams. In the tests' host page, and in a real Grafana where `GRAFANA_HOME` names one. The app must be built.
 */
import { AIWatch } from '@aiwatch/sdk'
import { startRedis } from '@aiwatch/test-servers'
import { Redis } from 'ioredis'
import { type BrowserContext, chromium } from 'playwright-core'
import { fillHour } from '../../../benchmarks/src/measure/fill-store.ts'
import { printMachine } from '../../../benchmarks/src/measure/machine.ts'
import { printGoal, printTable } from '../../../benchmarks/src/measure/print-table.ts'
import { spawnCollector } from '../../../benchmarks/src/measure/spawn-server.ts'
import { median } from '../../../benchmarks/src/measure/statistics.ts'
import { findChromium } from '../test/grafana/find-chromium.ts'
import { goToOverview, loadOverview, type Waited } from './first-figures.ts'
import { type HeapReading, readLiveHeap } from './live-heap.ts'
import { openTargets, type Target } from './open-target.ts'

const CALLS = Number(process.env['BENCH_CALLS'] ?? 1_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
/** Of streaming; 0 leaves it out. */
const HEAP_MINUTES = Number(process.env['BENCH_HEAP_MINUTES'] ?? 10)
const CALLS_PER_SECOND = 20
const GOAL_MS = 1000
/** Of the heap between the second minute, when caches are warm, and the last. */
const GOAL_GROWTH = 0.1
const WARM_MINUTE = 2

const midOf = (rounds: Waited[], part: keyof Waited) => median(rounds.map((one) => one[part])).toFixed(0)
const rowOf = (name: string, how: string, rounds: Waited[]) => [
  name,
  how,
  midOf(rounds, 'first'),
  midOf(rounds, 'all'),
  midOf(rounds, 'ofApp'),
  midOf(rounds, 'busy'),
]

async function inNewContext<Result>(target: Target, use: (context: BrowserContext) => Promise<Result>): Promise<Result> {
  const context = await target.openContext()
  const result = await use(context)
  await context.close()
  return result
}

async function measureWaits(target: Target) {
  const cold: Waited[] = []
  const warm: Waited[] = []
  const within: Waited[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await inNewContext(target, async (context) => {
      cold.push(await loadOverview(context, target))
      warm.push(await loadOverview(context, target))
      within.push(await goToOverview(context, target))
    })
  }
  return { cold, warm, within }
}

async function printWaits(targets: Target[]): Promise<void> {
  const rows: string[][] = []
  for (const target of targets) {
    const { cold, warm, within } = await measureWaits(target)
    rows.push(
      rowOf(target.name, 'first load', cold),
      rowOf(target.name, 'load, scripts cached', warm),
      rowOf(target.name, 'from another page', within),
    )
    printGoal(`${target.name}: first figure within ${GOAL_MS} ms of the app's script`, median(cold.map(({ ofApp }) => ofApp)) <= GOAL_MS)
    printGoal(`${target.name}: first figure within ${GOAL_MS} ms from another page`, median(within.map(({ first }) => first)) <= GOAL_MS)
  }
  printTable(['in', 'how', 'first figure, ms', 'all figures, ms', "first since the app's script, ms", 'main thread busy, ms'], rows)
}

const heapRow = ({ minute, heapMb, nodes, listeners }: HeapReading) => [minute, heapMb.toFixed(1), nodes, listeners]

async function printHeap(target: Target): Promise<void> {
  console.log(`\n${target.name}, live for ${HEAP_MINUTES} min`)
  const readings = await readLiveHeap(target, HEAP_MINUTES, (reading) => console.log(heapRow(reading).join('\t')))
  printTable(['minute', 'heap, MB', 'nodes', 'listeners'], readings.map(heapRow))
  const warm = readings[Math.min(WARM_MINUTE, readings.length - 1)]
  const growth = ((readings.at(-1)?.heapMb ?? 0) - (warm?.heapMb ?? 0)) / (warm?.heapMb ?? 1)
  printGoal(
    `the heap grows by less than ${GOAL_GROWTH * 100} % from minute ${warm?.minute} on (${(growth * 100).toFixed(1)} %)`,
    growth < GOAL_GROWTH,
  )
}

printMachine()
const server = await startRedis()
const redis = new Redis(server.url)
await fillHour(redis, { calls: CALLS, endMs: Date.now() })
redis.disconnect()
const collector = await spawnCollector(server.url)
const watch = new AIWatch({ redis: server.url, app: 'bench' })
const recording = setInterval(
  () => watch.record({ provider: 'openai', model: 'gpt-4o-mini', durationMs: 300, usage: { inputTokens: 100, outputTokens: 20 } }),
  1000 / CALLS_PER_SECOND,
)
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] })
const targets = await openTargets(browser, collector.url)
await printWaits(targets)
const last = targets.at(-1)
if (HEAP_MINUTES > 0 && last) await printHeap(last)
clearInterval(recording)
await browser.close()
for (const target of targets) await target.close()
await watch.close()
await collector.stop()
await server.stop()
