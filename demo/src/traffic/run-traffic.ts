/** Drives the crowd through wrapped clients until it is told to stop. */
import { CrowdLedger, type CrowdOptions, driveCrowd, type PlannedRequest, paceCrowd, planCrowd } from '@aiwatch/model-simulator'
import type { AIWatch } from '@aiwatch/sdk'
import { CrowdClients } from './crowd-clients.ts'
import { executePlanned } from './execute-planned.ts'

export interface TrafficOptions {
  watch: AIWatch
  /** Of the simulated model, with /v1. */
  baseURL: string
  crowd: CrowdOptions
  /** Hours of the crowd pass so many times faster. Default 1. */
  speed?: number
  /** No further calls after it; those that are open go on. */
  stop: AbortSignal
  /** Ends the calls that are open. */
  abandon?: AbortSignal
  /** Told of failures that the plan does not contain. */
  onUnplanned?(error: unknown, planned: PlannedRequest): void
}

/** What would come in the first seconds comes at once, so that there is something to see. */
const HEAD_START_MS = 4000

/** Resolves with what the plan adds up to when `stop` is aborted and every open call is over. */
export async function runTraffic(options: TrafficOptions): Promise<CrowdLedger> {
  const { watch, baseURL, crowd, speed, stop, abandon, onUnplanned } = options
  const ledger = new CrowdLedger()
  const clients = new CrowdClients(watch, baseURL)
  await driveCrowd(paceCrowd(planCrowd(crowd), { signal: stop, speed, headStartMs: HEAD_START_MS }), {
    ledger,
    execute(planned) {
      const { user, session, tags } = planned
      return watch.with({ user, session, tags }, () => executePlanned(clients, planned, abandon))
    },
    onError(error, planned) {
      const isPlanned = planned.fault !== undefined || abandon?.aborted
      if (!isPlanned) onUnplanned?.(error, planned)
    },
  })
  return ledger
}
