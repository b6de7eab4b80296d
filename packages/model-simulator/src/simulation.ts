/** What all requests of one simulator have in common. */
import type { FaultRates } from './faults.ts'
import { Ledger } from './ledger.ts'
import { DEFAULT_MODELS, type ModelProfile } from './models.ts'

export interface SimulationOptions {
  /** Default `DEFAULT_MODELS`. */
  models?: readonly ModelProfile[]
  /** The same requests in the same order get the same answers. Default 1. */
  seed?: number
  /** Latencies are divided by it; 0 answers without any. Default 1. */
  speed?: number
  /** Faults at random. Default none. */
  faults?: FaultRates
  /** Parameters answered with 400 "Unknown parameter", as older servers do, for example `stream_options`. Default none. */
  refuseParameters?: readonly string[]
}

export interface Simulation {
  models: ReadonlyMap<string, ModelProfile>
  seed: number
  speed: number
  faults: FaultRates
  refuseParameters: readonly string[]
  ledger: Ledger
  /** Requests so far. */
  requests: number
}

/** Throws a RangeError that names the option which is wrong. */
export function createSimulation(options: SimulationOptions): Simulation {
  const { models = DEFAULT_MODELS, seed = 1, speed = 1, faults = {}, refuseParameters = [] } = options
  if (!Number.isFinite(speed) || speed < 0) throw new RangeError(`speed must be 0 or more, got ${speed}`)
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed must be a whole number, got ${seed}`)
  if (models.length === 0) throw new RangeError('models must not be empty')
  const byName = new Map(models.flatMap((model) => [[model.answeredAs, model] as const, [model.name, model] as const]))
  return { models: byName, seed, speed, faults, refuseParameters, ledger: new Ledger(), requests: 0 }
}
