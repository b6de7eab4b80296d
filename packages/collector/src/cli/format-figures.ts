/** Figures in few characters. */

const UNITS = ['', 'k', 'M', 'G', 'T', 'P']

/** At most five characters: `999`, `1.2k`, `12.3k`, `123k`, `4.5M`. */
export function formatCount(value: number): string {
  let scaled = value
  let unit = 0
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000
    unit++
  }
  const digits = unit === 0 ? (Number.isInteger(value) ? 0 : 1) : scaled < 99.95 ? 1 : 0
  return `${scaled.toFixed(digits)}${UNITS[unit]}`
}

/** `0`, `0.42`, `7.5`, `123`. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0'
  return perSecond < 1 ? perSecond.toFixed(2) : perSecond < 99.95 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))
}

/** `-` without calls, else `820ms`, `2.10s`, `45.3s`, `312s`. */
export function formatSeconds(seconds: number): string {
  if (seconds <= 0) return '-'
  if (seconds < 0.9995) return `${Math.max(1, Math.round(seconds * 1000))}ms`
  if (seconds < 9.995) return `${seconds.toFixed(2)}s`
  return seconds < 99.95 ? `${seconds.toFixed(1)}s` : `${formatCount(Math.round(seconds))}s`
}

/** Share as a percentage: `0%`, `0.4%`, `12%`. */
export function formatShare(share: number): string {
  if (share === 0) return '0%'
  return share < 0.0995 ? `${(share * 100).toFixed(1)}%` : `${Math.round(share * 100)}%`
}

/** `n/a` when no call had a price; a `+` says that some had none, so that the true cost is more. */
export function formatCost(usd: number, unpricedCalls: number, calls: number): string {
  if (unpricedCalls > 0 && unpricedCalls >= calls) return 'n/a'
  const more = unpricedCalls > 0 ? '+' : ''
  if (usd === 0) return `$0${more}`
  if (usd < 0.01) return `$${usd.toFixed(4)}${more}`
  return `$${usd < 99.995 ? usd.toFixed(2) : formatCount(Math.round(usd))}${more}`
}

/** `12s`, `5m`, `3h`, `2d` from then to now; `-` for a time that cannot be read. */
export function formatAge(then: string, now: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(then)) / 1000))
  if (Number.isNaN(seconds)) return '-'
  if (seconds < 100) return `${seconds}s`
  if (seconds < 6000) return `${Math.round(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`
}
