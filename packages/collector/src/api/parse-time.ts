/** Instants and durations as callers write them. */

/** Numbers below this are seconds, others milliseconds: as seconds it is the year 5138, as milliseconds 1973. */
const FIRST_MILLISECONDS = 1e11
/** The end of what a Date can hold, in milliseconds. */
const MAX_DATE_MS = 8.64e15

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const RELATIVE = /^now(?:-(.+))?$/
/** Seconds to some, milliseconds to others. */
const WITHOUT_UNIT = /^now-\d+(?:\.\d+)?$/
/** Date, time and zone: without a zone the same text would mean another instant on another machine. A date alone is midnight UTC. */
const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}))?$/

const TIME_FORMS =
  'an ISO 8601 time with a zone ("2026-01-31T12:00:00Z"), seconds or milliseconds since the epoch, "now", or "now-1h" (ms, s, m, h, d)'

function withUnit(text: string): number | undefined {
  const match = DURATION.exec(text)
  return match ? Number(match[1]) * (UNITS_MS[match[2] as string] as number) : undefined
}

/** Milliseconds of `"30s"`, `"5m"`, `"1h"`, or of a number of milliseconds; undefined when it is none of these. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  if (/^-?\d+$/.test(value)) return Number(value)
  return withUnit(value)
}

function fromNumber(value: number): number | undefined {
  const milliseconds = Math.abs(value) < FIRST_MILLISECONDS ? value * 1000 : value
  return Number.isFinite(milliseconds) && Math.abs(milliseconds) <= MAX_DATE_MS ? Math.round(milliseconds) : undefined
}

/** Why the value is no time, as the rest of a sentence about it. */
export function describeTimeFault(value: unknown): string {
  if (typeof value === 'string' && WITHOUT_UNIT.test(value.trim()))
    return `must have a unit after the number: ${Object.keys(UNITS_MS).join(', ')}`
  return value === undefined ? `is missing: ${TIME_FORMS}` : `must be ${TIME_FORMS}`
}

/** Milliseconds since the epoch; undefined when the value is in none of `TIME_FORMS`. */
export function parseTime(value: unknown, nowMs: number): number | undefined {
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return fromNumber(Number(text))
  const relative = RELATIVE.exec(text)
  if (relative) {
    const back = relative[1] === undefined ? 0 : withUnit(relative[1])
    return back === undefined ? undefined : nowMs - back
  }
  if (!ISO.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
