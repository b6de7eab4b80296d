import type { AlertInstance, RuleStatus } from './grafana-shapes.ts'

/** `waiting`: not evaluated yet. */
export type RuleState = 'not_installed' | 'paused' | 'waiting' | 'normal' | 'pending' | 'firing' | 'recovering' | 'no_data' | 'error'

const hasNoData = ({ state }: AlertInstance) => /NoData|MissingSeries/.test(state)

export function findState(status: RuleStatus | undefined): RuleState {
  if (!status) return 'waiting'
  if (status.isPaused) return 'paused'
  if (status.state === 'firing' || status.state === 'pending' || status.state === 'recovering') return status.state
  if (status.health === 'error') return 'error'
  if (status.health === 'nodata') return 'no_data'
  if (!(Date.parse(status.lastEvaluation) > 0)) return 'waiting'
  const alerts = status.alerts ?? []
  return alerts.length > 0 && alerts.every(hasNoData) ? 'no_data' : 'normal'
}

const INSTANCES: Partial<Record<RuleState, RegExp>> = { firing: /^Alerting/, pending: /^Pending/, recovering: /^Recovering/ }

/** Milliseconds; when the first series that is in this state came into it, and where it is well, when the last one did. */
export function findSince(status: RuleStatus | undefined): number | undefined {
  const state = findState(status)
  const matching = INSTANCES[state]
  const times = (status?.alerts ?? [])
    .filter(({ state: own }) => !matching || matching.test(own))
    .map(({ activeAt }) => Date.parse(activeAt ?? ''))
    .filter((time) => time > 0)
  if (times.length === 0) return undefined
  return matching ? Math.min(...times) : Math.max(...times)
}
