import { type FaultRates, parseFaultRates } from '../faults.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import type { ArrivalOptions } from './session-arrivals.ts'

export interface CrowdOptions extends Partial<Omit<ArrivalOptions, 'sessionsPerSecond'>> {
  /** Mean over days. Default 5. */
  requestsPerSecond?: number
  /** Default 200. */
  users?: number
  /** How unequal users are: the Zipf exponent. Default 1. */
  zipfExponent?: number
  /** The same seed plans the same requests. Default 1. */
  seed?: number
  /** First instant, milliseconds since the epoch. Default: now. Sessions are then under way already. */
  startMs?: number
  /** Default `SCENARIOS`. */
  scenarios?: readonly [Scenario, ...Scenario[]]
  /** Share of streams that the person leaves. Default 0.04. */
  leaverShare?: number
  /** Share of streams whose program asks for usage itself. Default 0.3. */
  asksForUsageShare?: number
  /** Faults that last through every attempt. Default about 2 % in all. */
  faults?: FaultRates
  /** Share of calls whose first attempt meets a 429 or 500 and whose retry is answered. Default 0.02. */
  retriedShare?: number
}

export type ResolvedCrowdOptions = Required<CrowdOptions>

const DEFAULT_FAULTS = parseFaultRates(
  '429=0.006,500=0.004,503=0.002,context_length=0.002,content_filter=0.003,stream_error=0.001,cut=0.001,401=0.0005',
)

/** Throws a RangeError that names the option which is out of range. */
export function resolveCrowdOptions(options: CrowdOptions): ResolvedCrowdOptions {
  const resolved: ResolvedCrowdOptions = {
    requestsPerSecond: 5,
    users: 200,
    zipfExponent: 1,
    seed: 1,
    startMs: Date.now(),
    scenarios: SCENARIOS,
    leaverShare: 0.04,
    asksForUsageShare: 0.3,
    faults: DEFAULT_FAULTS,
    retriedShare: 0.02,
    waveDepth: 0.5,
    peakHour: 15,
    utcOffsetHours: 0,
    burstsPerHour: 6,
    burstMs: 40_000,
    burstFactor: 3,
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  }
  within('requestsPerSecond', resolved.requestsPerSecond, 1e-6, 1e6)
  within('users', resolved.users, 1, 1e7)
  within('zipfExponent', resolved.zipfExponent, 0, 10)
  within('waveDepth', resolved.waveDepth, 0, 1)
  within('burstsPerHour', resolved.burstsPerHour, 0, 3600)
  within('burstFactor', resolved.burstFactor, 1, 1000)
  for (const share of ['leaverShare', 'asksForUsageShare', 'retriedShare'] as const) within(share, resolved[share], 0, 1)
  return resolved
}

function within(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw new RangeError(`${name} must be from ${least} to ${most}, got ${value}`)
}
