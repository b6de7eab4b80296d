/** All hours ever against the lifetime totals, per cell and code; and the latency histogram of the totals against their calls. */
import { CODE, type Integrity, LATENCY_BUCKETS_SECONDS, type StoreReader, type Sums, TIERS, tenantKeys } from '@aiwatch/store'
import { countCalls } from '../sums.ts'
import { addCells, type CellSums, codesIn, type Difference, isEqual, nameOfCode, sumAt } from './difference.ts'

const HOUR = 3600
/** Hours read in one round trip. */
const HOURS_PER_STEP = 240
/** Times that totals are read again until no write comes between. */
const MAX_ATTEMPTS = 5

export interface TotalsQuestion {
  /** The server's clock, in seconds since the epoch. */
  nowSeconds: number
  /** Sums of the hours that are still written to are read in the end: from this hour on (start in seconds since the epoch). */
  openFrom: number
  integrity: Integrity
  /** Told of the hours read so far, and of how many there are. */
  onProgress(done: number, of: number): void
}

export interface TotalsCheck {
  compared: number
  differences: Difference[]
  /** Start of the first hour with data, in seconds since the epoch; undefined without data. */
  firstHour: number | undefined
  /** The tenant may be older than the hours that are kept: totals may then be more. */
  isCut: boolean
  totals: CellSums
}

interface Bracket {
  before: CellSums
  after: CellSums
  open: CellSums
}

async function sumClosedHours(reader: StoreReader, { nowSeconds, openFrom, onProgress }: TotalsQuestion) {
  const sums: CellSums = new Map()
  const first = Math.floor((nowSeconds - TIERS['1h'].keepSeconds) / HOUR) * HOUR
  let firstHour: number | undefined
  for (let at = first; at < openFrom; at += HOURS_PER_STEP * HOUR) {
    const rows = await reader.buckets('1h', at, Math.min(openFrom, at + HOURS_PER_STEP * HOUR))
    firstHour ??= rows[0]?.start
    for (const row of rows) addCells(sums, row.cells)
    onProgress(Math.min(at + HOURS_PER_STEP * HOUR, openFrom) - first, openFrom - first)
  }
  // Events may be a day late, so that a tenant may be a day older than its first call.
  return { sums, firstHour, isCut: firstHour !== undefined && firstHour < first + 48 * HOUR }
}

/** Totals before and after the open hours: where both say the same, the hours in between do as well. */
async function readBracket(reader: StoreReader, openFrom: number): Promise<Bracket> {
  const before = await reader.totals()
  const open: CellSums = new Map()
  for (const row of await reader.buckets('1h', openFrom, openFrom + 3 * HOUR)) addCells(open, row.cells)
  return { before, open, after: await reader.totals() }
}

function sameSums(a: CellSums, b: CellSums): boolean {
  if (a.size !== b.size) return false
  for (const [cell, sums] of a) for (const [code, value] of sums) if (b.get(cell)?.get(code) !== value) return false
  return true
}

/** Why the totals may be more than all hours; undefined when nothing is known to be the reason. */
function explainMore(isCut: boolean, integrity: Integrity): string | undefined {
  if (isCut) return 'the tenant is older than the hours that are kept (400 days)'
  if (integrity.lateRefusedCalls > 0) return `${integrity.lateRefusedCalls} calls came too late for the time buckets`
  return undefined
}

function compareHistogram(cell: string, sums: Sums, key: string): Difference | undefined {
  let counted = 0
  for (let i = 0; i <= LATENCY_BUCKETS_SECONDS.length; i++) counted += sums.get(CODE.latencyHistogram + i) ?? 0
  const calls = countCalls(sums)
  if (counted === calls) return undefined
  const what = 'the latency histogram of the totals against their calls'
  return { check: 'histogram', what, cell, metric: 'calls', expected: calls, found: counted, keys: [key] }
}

export async function checkTotals(reader: StoreReader, question: TotalsQuestion): Promise<TotalsCheck> {
  const { sums: closed, firstHour, isCut } = await sumClosedHours(reader, question)
  let bracket = await readBracket(reader, question.openFrom)
  for (let attempts = 1; attempts < MAX_ATTEMPTS && !sameSums(bracket.before, bracket.after); attempts++) {
    bracket = await readBracket(reader, question.openFrom)
  }
  const hours: CellSums = new Map()
  addCells(hours, closed)
  addCells(hours, bracket.open)
  const key = tenantKeys(reader.tenant).totals
  const why = explainMore(isCut, question.integrity)
  const differences: Difference[] = []
  let compared = 0
  for (const cell of new Set([...hours.keys(), ...bracket.after.keys()])) {
    for (const code of codesIn(hours.get(cell), bracket.after.get(cell))) {
      compared++
      const found = sumAt(hours, cell, code)
      const [least, most] = [sumAt(bracket.before, cell, code), sumAt(bracket.after, cell, code)]
      if (isEqual(code, found, least) || isEqual(code, found, most) || (found > least && found < most)) continue
      const explained = found < least ? why : undefined
      const what = 'the lifetime totals against all hours'
      const difference: Difference = { check: 'totals', what, cell, metric: nameOfCode(code), expected: found, found: most, keys: [key] }
      differences.push(explained === undefined ? difference : { ...difference, explained })
    }
    const histogram = compareHistogram(cell, bracket.after.get(cell) ?? new Map(), key)
    if (histogram) differences.push(histogram)
  }
  return {
    compared,
    differences,
    firstHour: firstHour ?? (bracket.open.size > 0 ? question.openFrom : undefined),
    isCut,
    totals: bracket.after,
  }
}
