/** Times and comparisons as the page words them. */
import { type AlertRule, type Exporter, formatThreshold } from '@aiwatch/provisioning/alerts'
import { dateTimeFormat, dateTimeFormatTimeAgo } from '@grafana/data'
import type { RuleRow } from '../../alerting/rule-row.ts'
import type { RulePart } from '../../alerting/rule-update.ts'
import { formatValue } from '../../alerting/rule-values.ts'
import { formatDuration } from '../../data/duration.ts'
import { t } from '../../t.ts'

export const formatTime = (time: number | string) => dateTimeFormat(time)
export const formatAgo = (time: number) => dateTimeFormatTimeAgo(time)

export function describeValue({ rule, value }: Pick<RuleRow, 'rule' | 'value'>): string {
  if (value === undefined) return t('alerts.no-value', 'no value now')
  if (rule.unit === 'state') return value < 1 ? t('alerts.not-well', 'not well now') : t('alerts.well', 'well now')
  return t('alerts.value', 'now {{value}}', { value: formatValue(rule, value) })
}

export function describeFires({ rule, threshold, forSeconds }: Pick<RuleRow, 'rule' | 'threshold' | 'forSeconds'>): string {
  if (threshold === undefined) return t('alerts.fires.own', 'a condition of its own, see Grafana')
  const value = formatThreshold(rule.unit, threshold)
  const duration = formatDuration(forSeconds)
  if (rule.unit === 'state') return t('alerts.fires.state', 'when not well for {{duration}}', { duration })
  if (rule.fires === 'above') {
    return forSeconds > 0
      ? t('alerts.fires.above-for', 'above {{value}} for {{duration}}', { value, duration })
      : t('alerts.fires.above', 'above {{value}}, at once', { value })
  }
  return forSeconds > 0
    ? t('alerts.fires.below-for', 'below {{value}} for {{duration}}', { value, duration })
    : t('alerts.fires.below', 'below {{value}}, at once', { value })
}

export function nameArea(area: AlertRule['area']): string {
  switch (area) {
    case 'usage':
      return t('alerts.area.usage', 'Calls and users')
    case 'redis':
      return t('alerts.area.redis', 'Redis')
    case 'collector':
      return t('alerts.area.collector', 'AIWatch itself')
    case 'machine':
      return t('alerts.area.machine', 'Machines')
  }
}

export function nameExporter(exporter: Exporter): string {
  return exporter === 'collector' ? t('alerts.exporter.collector', 'the collector') : exporter
}

export function namePart(part: RulePart): string {
  switch (part) {
    case 'title':
      return t('alerts.part.title', 'name')
    case 'query':
      return t('alerts.part.query', 'query and condition')
    case 'states':
      return t('alerts.part.states', 'what it is without data or after an error')
    case 'labels':
      return t('alerts.part.labels', 'labels')
    case 'texts':
      return t('alerts.part.texts', 'texts')
  }
}

export function nameContactPoint(name: string | undefined): string {
  return name ?? t('alerts.by-policy', 'by notification policies')
}
