/** Prices that depend on the time of the call: some lists begin on a date, some hold for hours of the day (UTC). */
import type { ConditionalPrice, ModelInfo } from '@pydantic/genai-prices'
import { compilePrice, type TokenPrice } from './compile-price.ts'

/** The price at an instant, in milliseconds since the epoch. */
export type PriceAt = (timeMs: number) => TokenPrice | undefined

const DAY_SECONDS = 86_400

/** Seconds after midnight UTC of `HH:MM:SS`, `Z` or an offset; NaN when it is not that. */
function secondsOfDay(time: string): number {
  const match = /^(\d{2}):(\d{2}):(\d{2}(?:\.\d+)?)(?:Z|([+-])(\d{2}):(\d{2}))$/.exec(time)
  if (!match) return Number.NaN
  const [, hours, minutes, seconds, sign, offsetHours, offsetMinutes] = match
  const offset = sign ? (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 * (sign === '-' ? -1 : 1) : 0
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - offset + DAY_SECONDS) % DAY_SECONDS
}

function compileConstraint(constraint: ConditionalPrice['constraint']): (timeMs: number) => boolean {
  if (constraint === undefined) return () => true
  if (constraint.type === 'start_date') {
    const start = new Date(constraint.start_date).getTime()
    return (timeMs) => timeMs >= start
  }
  const start = secondsOfDay(constraint.start_time)
  const end = secondsOfDay(constraint.end_time)
  return (timeMs) => {
    const now = (timeMs / 1000) % DAY_SECONDS
    return end < start ? now >= start || now < end : now >= start && now < end
  }
}

/** The last list whose condition holds; the first one when none does. So does the library. */
export function compileModel(model: ModelInfo): PriceAt {
  if (!Array.isArray(model.prices)) {
    const price = compilePrice(model.prices)
    return () => price
  }
  const lists = model.prices.map((entry) => ({ holds: compileConstraint(entry.constraint), price: compilePrice(entry.prices) }))
  const newestFirst = [...lists].reverse()
  return (timeMs) => (newestFirst.find((list) => list.holds(timeMs)) ?? lists[0])?.price
}
