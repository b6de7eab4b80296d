import { UsageError } from './usage-error.ts'

const UNITS: Record<string, number> = { m: 60, h: 3600, d: 86_400 }

/** `24h`, `7d`, or ISO 8601 with a zone, as seconds since the epoch. Throws a UsageError. */
export function parseSince(text: string, nowMs: number): number {
  const span = /^(\d{1,6})([mhd])$/.exec(text)
  if (span) return nowMs / 1000 - Number(span[1]) * (UNITS[span[2] as string] as number)
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const timeMs = isInstant ? Date.parse(text) : Number.NaN
  if (Number.isNaN(timeMs)) {
    throw new UsageError(
      `--since must be a span such as 24h or 7d, or an instant such as 2026-11-24T08:00:00Z, got ${JSON.stringify(text)}`,
    )
  }
  if (timeMs > nowMs) throw new UsageError(`--since lies in the future: ${text}`)
  return timeMs / 1000
}
