/** The sentences of a rule, filled with values: as Go templates where Prometheus or Grafana fills them in, as text for a page. */
import type { AlertRule, Unit } from './alert-rule.ts'

const TEMPLATES: Record<Unit, (value: string) => string> = {
  share: (value) => `{{ ${value} | humanizePercentage }}`,
  seconds: (value) => `{{ ${value} | humanizeDuration }}`,
  usd_per_hour: (value) => `{{ printf "%.2f" ${value} }} USD an hour`,
  users: (value) => `{{ printf "%.0f" ${value} }} users`,
  calls: (value) => `{{ printf "%.0f" ${value} }}`,
  keys: (value) => `{{ printf "%.0f" ${value} }} keys`,
  state: (value) => `{{ printf "%.0f" ${value} }}`,
}

const WORDS: Record<Unit, (value: number) => string> = {
  share: (value) => `${Number((value * 100).toFixed(2))} %`,
  seconds: (value) => `${value} s`,
  usd_per_hour: (value) => `${value} USD an hour`,
  users: (value) => (value === 1 ? '1 user' : `${value} users`),
  calls: (value) => (value === 1 ? '1 call' : `${value} calls`),
  keys: (value) => (value === 1 ? '1 key' : `${value} keys`),
  state: (value) => String(value),
}

/** A threshold as a reader says it, such as `90 %`. */
export function formatThreshold(unit: Unit, threshold: number): string {
  return WORDS[unit](threshold)
}

export interface SentenceValues {
  threshold: number
  /** How the program that fills in the template names the value, such as `$value`. */
  value: string
}

/** The summary as a Go template; `{{ $labels.x }}` is understood by Prometheus and Grafana alike. */
export function summaryTemplate({ summary, unit }: AlertRule, { threshold, value }: SentenceValues): string {
  return summary.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'value') return TEMPLATES[unit](value)
    return name === 'threshold' ? formatThreshold(unit, threshold) : `{{ $labels.${name} }}`
  })
}
