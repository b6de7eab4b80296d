/**
 * Demo traffic: the simulated crowd, through real clients that the SDK has wrapped, against the simulated model.
 * Variables: AIWATCH_SIMULATOR_URL (http://127.0.0.1:8090), DEMO_RATE (5 requests a second), DEMO_USERS (200), and those of the SDK.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { AIWatch } from '@aiwatch/sdk'
import { readHttpUrl, readNumber } from './read-environment.ts'
import { runTraffic } from './traffic/run-traffic.ts'
import { TroubleLog } from './traffic/trouble-log.ts'

/** How long calls that are open at the end may take. */
const GRACE_MS = 1500
const CLOSE_TIMEOUT_MS = 3000

async function main(): Promise<void> {
  const simulatorUrl = readHttpUrl(process.env, 'AIWATCH_SIMULATOR_URL', 'http://127.0.0.1:8090')
  const requestsPerSecond = readNumber(process.env, 'DEMO_RATE', 5, { least: 0.01, most: 2000 })
  const users = Math.floor(readNumber(process.env, 'DEMO_USERS', 200, { least: 1, most: 1_000_000 }))
  const trouble = new TroubleLog()
  const watch = new AIWatch({ app: 'demo', onError: (error) => trouble.note(error.message) })

  const stop = new AbortController()
  const abandon = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
  console.log(`demo traffic: ${requestsPerSecond} requests a second of ${users} users to ${simulatorUrl}/v1`)
  const traffic = runTraffic({
    watch,
    baseURL: `${simulatorUrl}/v1`,
    crowd: { requestsPerSecond, users, seed: Date.now() % 2 ** 31, utcOffsetHours: -new Date().getTimezoneOffset() / 60 },
    stop: stop.signal,
    abandon: abandon.signal,
    onUnplanned: (error) => trouble.note(`a call failed: ${error instanceof Error ? error.message : String(error)}`),
  })
  stop.signal.addEventListener('abort', () => void sleep(GRACE_MS, undefined, { ref: false }).then(() => abandon.abort()))

  const { total } = await traffic
  const held = await watch.close({ timeoutMs: CLOSE_TIMEOUT_MS })
  const { recorded } = watch.stats()
  console.log(`demo traffic ended: ${total.calls} calls planned, ${recorded} recorded, ${held.heldCalls} not acknowledged by Redis`)
  process.exit(0)
}

main().catch((error: unknown) => {
  console.error(`demo traffic: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
