/** The window of a panel as the collector reads it. */
import type { ScopedVars, TimeRange } from '@grafana/data'

export interface AskedRange {
  from: string
  to: string
}

/** The same, and as instants in milliseconds since the epoch; the end belongs to it. */
export interface PanelRange extends AskedRange {
  fromMs: number
  toMs: number
}

/** What the collector computes itself: then all browsers with the same range ask the same question, which it answers once. */
const RELATIVE = /^now(-\d+(ms|s|m|h|d))?$/

export function toPanelRange({ raw, from, to }: TimeRange): PanelRange {
  const isRelative = [raw.from, raw.to].every((one) => typeof one === 'string' && RELATIVE.test(one))
  const [fromMs, toMs] = [from.valueOf(), to.valueOf()]
  return isRelative
    ? { from: String(raw.from), to: String(raw.to), fromMs, toMs }
    : { from: String(fromMs), to: String(toMs), fromMs, toMs }
}

/** `$__from` and `$__to` (milliseconds since the epoch), which not every place of Grafana gives. */
export function withRange(scopedVars: ScopedVars, { from, to }: TimeRange): ScopedVars {
  const at = (instant: TimeRange['from']) => ({ text: String(instant.valueOf()), value: String(instant.valueOf()) })
  return { ...scopedVars, __from: at(from), __to: at(to) }
}
