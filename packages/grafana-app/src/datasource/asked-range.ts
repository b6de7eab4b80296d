/** The window of a panel as the collector reads it. */
import type { ScopedVars, TimeRange } from '@grafana/data'
import type { AskedRange } from './ask-answer.ts'

/** What the collector computes itself: then all browsers with the same range ask the same question, which it answers once. */
const RELATIVE = /^now(-\d+(ms|s|m|h|d))?$/

export function toAskedRange({ raw, from, to }: TimeRange): AskedRange {
  const isRelative = [raw.from, raw.to].every((one) => typeof one === 'string' && RELATIVE.test(one))
  if (isRelative) return { from: String(raw.from), to: String(raw.to) }
  return { from: String(from.valueOf()), to: String(to.valueOf()) }
}

/** `$__from` and `$__to` (milliseconds since the epoch), which not every place of Grafana gives. */
export function withRange(scopedVars: ScopedVars, { from, to }: TimeRange): ScopedVars {
  const at = (instant: TimeRange['from']) => ({ text: String(instant.valueOf()), value: String(instant.valueOf()) })
  return { ...scopedVars, __from: at(from), __to: at(to) }
}
