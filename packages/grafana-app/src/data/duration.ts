/** Durations as Prometheus and Grafana's alerting write them: `1h30m`. */

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 }
const PART = /(\d+)(ms|[smhdwy])/g
const WHOLE = /^(\d+(ms|[smhdwy]))+$/

/** Seconds; undefined where it is no duration. `0` is one. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed === '0') return 0
  if (!WHOLE.test(trimmed)) return undefined
  return [...trimmed.matchAll(PART)].reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit ?? ''] ?? 0), 0)
}

/** Whole seconds → the shortest way to write them, such as `1h30m`; `0s` for none. */
export function formatDuration(seconds: number): string {
  let rest = Math.round(seconds)
  if (rest <= 0) return '0s'
  let text = ''
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = SECONDS[unit] ?? 1
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
