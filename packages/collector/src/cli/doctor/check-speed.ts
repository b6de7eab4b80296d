/** Clocks, round trips, slow commands, and the settings that decide what a write costs. */
import { readSettings } from './check-server.ts'
import { type Check, ifAllowed, NOT_ALLOWED, ok, unknown, type Verdict, warning } from './finding.ts'
import type { LookedAtRedis } from './open-redis.ts'

const CLOCK_LOOKS = 5
/** Calls further ahead of the server's clock than this are set back; a bucket takes calls in silence this long after its end. */
const AHEAD_LIMIT_MS = 1000
const BEHIND_LIMIT_MS = 5000

const PINGS = 20
const SLOW_MEDIAN_MS = 10
const SLOW_WORST_MS = 100

/** Commands that took longer than this block everybody noticeably. */
const SLOW_COMMAND_US = 50_000
const LATENCY_EVENT_MS = 100
const LOOK_BACK_SECONDS = 24 * 3600

export interface Clock {
  nowMs(): number
}

/** The server's time against the middle of the round trip that asked for it; the shortest of some trips is the surest. */
export async function checkClock({ redis }: Pick<LookedAtRedis, 'redis'>, { nowMs }: Clock = { nowMs: Date.now }): Promise<Verdict> {
  let best = { tripMs: Number.POSITIVE_INFINITY, aheadMs: 0 }
  for (let i = 0; i < CLOCK_LOOKS; i++) {
    const [startMs, started] = [nowMs(), performance.now()]
    const [seconds, microseconds] = await redis.time()
    const tripMs = performance.now() - started
    const serverMs = Number(seconds) * 1000 + Number(microseconds) / 1000
    if (tripMs < best.tripMs) best = { tripMs, aheadMs: startMs + tripMs / 2 - serverMs }
  }
  const uncertainMs = best.tripMs / 2 + 1
  const off = `${(Math.abs(best.aheadMs) / 1000).toFixed(1)} s`
  const advice = 'set both clocks by NTP (chrony, systemd-timesyncd)'
  if (best.aheadMs - uncertainMs > AHEAD_LIMIT_MS)
    return warning(`this machine's clock is ${off} ahead: calls from here are set back`, advice)
  if (-best.aheadMs - uncertainMs > BEHIND_LIMIT_MS)
    return warning(`this machine's clock is ${off} behind: calls from here count as late`, advice)
  return ok(`clocks differ by ${Math.round(Math.abs(best.aheadMs))} ms (known to ${Math.ceil(uncertainMs)} ms)`)
}

async function checkLatency({ redis }: LookedAtRedis): Promise<Verdict> {
  const times: number[] = []
  for (let i = 0; i < PINGS; i++) {
    const started = performance.now()
    await redis.ping()
    times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const [median, worst] = [times[Math.floor(PINGS / 2)] as number, times.at(-1) as number]
  const what = `PING takes ${median.toFixed(2)} ms (median of ${PINGS}), ${worst.toFixed(2)} ms at worst`
  if (median <= SLOW_MEDIAN_MS && worst <= SLOW_WORST_MS) return ok(what)
  return warning(what, 'bring Redis nearer, or find what keeps it or this machine busy')
}

type SlowEntry = [id: number, seconds: number, microseconds: number, command: string[]]

async function checkSlowLog({ redis }: LookedAtRedis): Promise<Verdict> {
  const entries = await ifAllowed(() => redis.call('SLOWLOG', 'GET', '128') as Promise<SlowEntry[]>)
  if (!entries) return unknown(`slow log: ${NOT_ALLOWED}`)
  const [now] = await redis.time()
  const recent = entries.filter(([, seconds, microseconds]) => Number(now) - seconds < LOOK_BACK_SECONDS && microseconds >= SLOW_COMMAND_US)
  const slowest = recent.sort((a, b) => b[2] - a[2])[0]
  if (!slowest) return ok('no command over 50 ms in the slow log of the last 24 h')
  const [, , microseconds, command] = slowest
  // Its arguments may be anything.
  const what = `${recent.length} commands over 50 ms in 24 h, the slowest ${command[0]} with ${Math.round(microseconds / 1000)} ms`
  return warning(what, 'SLOWLOG GET shows them; keep other users of this Redis from long commands')
}

type LatencyEvent = [name: string, seconds: number, lastMs: number, worstMs: number]

async function checkLatencyMonitor(looked: LookedAtRedis): Promise<Verdict[]> {
  const events = await ifAllowed(() => looked.redis.call('LATENCY', 'LATEST') as Promise<LatencyEvent[]>)
  if (!events) return [unknown(`latency monitor: ${NOT_ALLOWED}`)]
  const stalls = events.filter(([, , , worstMs]) => worstMs >= LATENCY_EVENT_MS).map(([name, , , worstMs]) => `${name} ${worstMs} ms`)
  if (stalls.length > 0)
    return [warning(`stalls seen by the latency monitor: ${stalls.join(', ')}`, 'LATENCY DOCTOR of Redis says what to do')]
  const threshold = (await readSettings(looked, ['latency-monitor-threshold']))?.get('latency-monitor-threshold')
  return [ok(threshold === '0' ? 'the latency monitor is off (latency-monitor-threshold 10 turns it on)' : 'no stall over 100 ms was seen')]
}

/** As in provisioning/redis/redis.conf, where they were measured; and what a smaller value costs. */
const LIMITS: readonly (readonly [name: string, best: number, cost: string])[] = [
  ['hash-max-listpack-entries', 512, 'hashes of more fields take 3 to 9 times the memory'],
  ['hash-max-listpack-value', 128, 'hashes with longer rows take 4 to 15 times the memory'],
  ['zset-max-listpack-entries', 128, 'leaderboards take several times the memory'],
]
/** Redis walks a listpack from one end to the other. */
const TOO_MANY_ENTRIES = 2048

async function checkLimits(looked: LookedAtRedis): Promise<Verdict[]> {
  const settings = await readSettings(
    looked,
    LIMITS.map(([name]) => name),
  )
  if (!settings) return [unknown(`sizes of listpacks: ${NOT_ALLOWED}`)]
  const verdicts: Verdict[] = []
  for (const [name, best, cost] of LIMITS) {
    const held = Number(settings.get(name) ?? Number.NaN)
    if (Number.isNaN(held)) continue
    if (held < best) verdicts.push(warning(`${name} is ${held}: ${cost}`, `CONFIG SET ${name} ${best}`))
    else if (name.endsWith('entries') && held > TOO_MANY_ENTRIES) {
      verdicts.push(warning(`${name} is ${held}: writes to large hashes take several times the CPU`, `CONFIG SET ${name} ${best}`))
    }
  }
  return verdicts.length > 0 ? verdicts : [ok('small hashes are packed')]
}

export function speedChecks(looked: LookedAtRedis): Check[] {
  return [
    { name: 'clock', run: () => checkClock(looked) },
    { name: 'latency', run: () => checkLatency(looked) },
    { name: 'slow log', run: () => checkSlowLog(looked) },
    { name: 'stalls', run: () => checkLatencyMonitor(looked) },
    { name: 'packing', run: () => checkLimits(looked) },
  ]
}
