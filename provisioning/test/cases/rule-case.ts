export interface FiringAlert {
  /** Beside those that the rule itself sets. */
  labels: Record<string, string>
  summary: string
}

/** What Prometheus has scraped, one sample every 30 s from the start on, and whether the rule fires at a moment. */
export interface RuleCase {
  name: string
  /** In promtool's notation: `a+bxn` is a, then n more, each b greater. */
  series: Record<string, string>
  /** Since the start, such as `4m`. */
  at: string
  /** Empty: the rule does not fire. */
  fires: FiringAlert[]
}

/** A value that stays. */
export const still = (value: number): string => `${value}+0x300`
/** A counter that grows by `step` every 30 s. */
export const growing = (step: number): string => `0+${step}x300`
