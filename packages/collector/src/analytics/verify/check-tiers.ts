/** One closed hour: its 10 s buckets against its minutes, and these against the hour, per cell and code. */
import { type StoreReader, type Tier, tenantKeys } from '@aiwatch/store'
import { addCells, type CellSums, codesIn, type Difference, isEqual, nameOfCode, sumAt } from './difference.ts'

const HOUR = 3600
const MINUTE = 60
/** Minutes that are held in memory at a time, with their 10 s buckets. */
const MINUTES_PER_STEP = 10

/** Sums of a minute that differ. */
interface MinuteDifference {
  start: number
  cell: string
  code: number
  tens: number
  minute: number
}

interface HourSums {
  /** Undefined: no longer kept. */
  tens: CellSums | undefined
  minutes: CellSums
  hour: CellSums
  byMinute: MinuteDifference[]
}

export interface TierCheck {
  compared: number
  differences: Difference[]
}

/** Why a coarser tier may hold more than a finer one in this hour; undefined when nothing is known to be the reason. */
export type ExplainMore = (hour: number) => string | undefined

const MAX_PER_HOUR = 200

async function readHour(reader: StoreReader, start: number, hasTens: boolean): Promise<HourSums> {
  const sums: HourSums = { tens: hasTens ? new Map() : undefined, minutes: new Map(), hour: new Map(), byMinute: [] }
  for (const row of await reader.buckets('1h', start, start + HOUR)) addCells(sums.hour, row.cells)
  for (let at = start; at < start + HOUR; at += MINUTES_PER_STEP * MINUTE) {
    const end = at + MINUTES_PER_STEP * MINUTE
    const [minutes, tens] = await Promise.all([reader.buckets('1m', at, end), hasTens ? reader.buckets('10s', at, end) : []])
    for (const row of minutes) addCells(sums.minutes, row.cells)
    if (!sums.tens) continue
    for (const row of tens) addCells(sums.tens, row.cells)
    for (let minute = at; minute < end; minute += MINUTE) {
      const own: CellSums = new Map()
      for (const row of tens) if (row.start >= minute && row.start < minute + MINUTE) addCells(own, row.cells)
      const kept: CellSums = new Map(minutes.find((row) => row.start === minute)?.cells)
      compareMinute(sums.byMinute, minute, own, kept)
    }
  }
  return sums
}

function compareMinute(into: MinuteDifference[], start: number, tens: CellSums, minutes: CellSums): void {
  for (const cell of new Set([...tens.keys(), ...minutes.keys()])) {
    for (const code of codesIn(tens.get(cell), minutes.get(cell))) {
      const [ten, minute] = [sumAt(tens, cell, code), sumAt(minutes, cell, code)]
      if (!isEqual(code, ten, minute) && into.length < MAX_PER_HOUR) into.push({ start, cell, code, tens: ten, minute })
    }
  }
}

const at = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19)

/** Says of a cell and code which tier is the odd one out: of three figures of the same thing, the two that agree. */
class Judge {
  readonly differences: Difference[] = []
  private readonly keyOf: (tier: Tier, start: number) => string
  private readonly sums: HourSums
  private readonly start: number
  private readonly why: string | undefined

  constructor(tenant: string, start: number, sums: HourSums, why: string | undefined) {
    const keys = tenantKeys(tenant)
    this.keyOf = (tier, bucket) => keys.series(tier, bucket)
    this.sums = sums
    this.start = start
    this.why = why
  }

  judge(cell: string, code: number): void {
    const { tens, minutes, hour, byMinute } = this.sums
    const minuteSum = sumAt(minutes, cell, code)
    const hourValue = sumAt(hour, cell, code)
    const own = byMinute.filter((difference) => difference.cell === cell && difference.code === code)
    const hourDiffers = !isEqual(code, minuteSum, hourValue)
    if (!tens) {
      if (hourDiffers) this.addHour(cell, code, minuteSum, hourValue)
      return
    }
    const tenSum = sumAt(tens, cell, code)
    const hourAgreesWithTens = isEqual(code, tenSum, hourValue)
    if (own.length > 0) for (const difference of own) this.addMinute(difference, hourAgreesWithTens ? 'minute' : 'tens')
    if (hourDiffers && !(hourAgreesWithTens && own.length > 0)) this.addHour(cell, code, minuteSum, hourValue)
  }

  private addMinute({ start, cell, code, tens, minute }: MinuteDifference, wrong: 'minute' | 'tens'): void {
    const minuteKey = this.keyOf('1m', start)
    const tenKeys = Array.from({ length: 6 }, (_, i) => this.keyOf('10s', start + i * 10))
    const suspect = wrong === 'minute'
    this.differences.push({
      check: 'tiers',
      what: suspect ? `the minute ${at(start)} against its 10 s buckets` : `the 10 s buckets of ${at(start)} against their minute`,
      cell,
      metric: nameOfCode(code),
      expected: suspect ? tens : minute,
      found: suspect ? minute : tens,
      keys: suspect ? [minuteKey, ...tenKeys] : [...tenKeys, minuteKey],
      ...(this.why !== undefined && minute > tens ? { explained: this.why } : {}),
    })
  }

  private addHour(cell: string, code: number, expected: number, found: number): void {
    this.differences.push({
      check: 'tiers',
      what: `the hour ${at(this.start)} against its minutes`,
      cell,
      metric: nameOfCode(code),
      expected,
      found,
      keys: [this.keyOf('1h', this.start), `${this.keyOf('1m', this.start)} to :${this.start + HOUR - MINUTE}`],
      ...(this.why !== undefined && found > expected ? { explained: this.why } : {}),
    })
  }
}

export interface HourQuestion {
  start: number
  /** Whether all of its 10 s buckets are kept. */
  hasTens: boolean
  explainMore: ExplainMore
}

export async function checkTiers(reader: StoreReader, { start, hasTens, explainMore }: HourQuestion): Promise<TierCheck> {
  const sums = await readHour(reader, start, hasTens)
  const judge = new Judge(reader.tenant, start, sums, explainMore(start))
  let compared = 0
  for (const cell of new Set([...(sums.tens?.keys() ?? []), ...sums.minutes.keys(), ...sums.hour.keys()])) {
    for (const code of codesIn(sums.tens?.get(cell), sums.minutes.get(cell), sums.hour.get(cell))) {
      compared++
      judge.judge(cell, code)
    }
  }
  return { compared, differences: judge.differences }
}
