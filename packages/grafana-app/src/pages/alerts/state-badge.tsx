import { Badge, type BadgeColor, type IconName } from '@grafana/ui'
import type { RuleState } from '../../alerting/rule-state.ts'
import { t } from '../../t.ts'
import { GreyBadge } from './grey-badge.tsx'

const LOOKS: Record<RuleState, [color: BadgeColor | 'grey', icon: IconName]> = {
  firing: ['red', 'fire'],
  pending: ['orange', 'hourglass'],
  recovering: ['orange', 'sync'],
  error: ['red', 'exclamation-triangle'],
  no_data: ['blue', 'question-circle'],
  normal: ['green', 'check'],
  waiting: ['grey', 'clock-nine'],
  paused: ['grey', 'pause'],
  not_installed: ['grey', 'minus-circle'],
}

export function nameState(state: RuleState): string {
  switch (state) {
    case 'firing':
      return t('alerts.state.firing', 'Firing')
    case 'pending':
      return t('alerts.state.pending', 'Pending')
    case 'recovering':
      return t('alerts.state.recovering', 'Recovering')
    case 'error':
      return t('alerts.state.error', 'Error')
    case 'no_data':
      return t('alerts.state.no-data', 'No data')
    case 'normal':
      return t('alerts.state.normal', 'Normal')
    case 'waiting':
      return t('alerts.state.waiting', 'Not evaluated yet')
    case 'paused':
      return t('alerts.state.paused', 'Paused')
    case 'not_installed':
      return t('alerts.state.not-installed', 'Not installed')
  }
}

export function StateBadge({ state }: { state: RuleState }) {
  const [color, icon] = LOOKS[state]
  if (color === 'grey') return <GreyBadge icon={icon} text={nameState(state)} />
  return <Badge color={color} icon={icon} text={nameState(state)} />
}
