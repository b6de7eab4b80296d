/** Waiting times between attempts that fail. */
const FIRST_MS = 250
const LONGEST_MS = 10_000

/** Milliseconds to wait after so many failures in a row: doubled each time, and spread so that many processes do not come back as one. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10))
  return whole * (0.5 + random() / 2)
}
