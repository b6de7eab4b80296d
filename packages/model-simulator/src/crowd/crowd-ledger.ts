/** What a crowd's requests should add up to, by the plan alone. */
import type { PlannedRequest } from './planned-request.ts'

export interface CrowdTotals {
  calls: number
  /** Calls that end in an error, after every attempt. */
  errors: number
  /** Calls left early. */
  left: number
  /** Sums over the calls whose usage is certain: not those left or broken, whose counts depend on when they ended. */
  inputTokens: number
  outputTokens: number
  cachedTokens: number
  reasoningTokens: number
}

/** Faults that end with usage, like an answer. */
const FAULTS_WITH_USAGE = new Set(['content_filter', 'refusal'])

export class CrowdLedger {
  readonly total: CrowdTotals = emptyTotals()
  /** By model as asked. */
  readonly models = new Map<string, CrowdTotals>()
  readonly users = new Map<string, CrowdTotals>()

  add(planned: PlannedRequest): void {
    for (const totals of [this.total, totalsOf(this.models, planned.model), totalsOf(this.users, planned.user)]) addPlanned(totals, planned)
  }
}

function addPlanned(totals: CrowdTotals, planned: PlannedRequest): void {
  const isBroken = planned.fault !== undefined && planned.failAttempts === undefined
  totals.calls++
  if (isBroken && planned.fault !== 'refusal') totals.errors++
  if (planned.leavesAfterChunks !== undefined) totals.left++
  const hasUsage = !isBroken || (planned.fault !== undefined && FAULTS_WITH_USAGE.has(planned.fault))
  if (planned.leavesAfterChunks !== undefined || !hasUsage) return
  totals.inputTokens += planned.inputTokens
  totals.outputTokens += planned.outputTokens
  totals.cachedTokens += planned.cachedTokens
  totals.reasoningTokens += planned.reasoningTokens
}

function totalsOf(map: Map<string, CrowdTotals>, key: string): CrowdTotals {
  let totals = map.get(key)
  if (!totals) {
    totals = emptyTotals()
    map.set(key, totals)
  }
  return totals
}

function emptyTotals(): CrowdTotals {
  return { calls: 0, errors: 0, left: 0, inputTokens: 0, outputTokens: 0, cachedTokens: 0, reasoningTokens: 0 }
}
