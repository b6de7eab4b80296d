import type { BucketPart, CachedBuckets } from '../read/cached-buckets.ts'
import type { BucketRows, CellBucket, CellChoice, CellSamples, Sums } from '../read/store-reader.ts'
import { FINE_SETTLE_SECONDS, SETTLE_SECONDS, type SparseVector, SUM_CODES, TIERS, type Tier } from '../series-catalogue.ts'
import { keptStarts } from './bucket-range.ts'
import { planSum } from './plan-sum.ts'
import { type CellValues, type CellVectors, type MetricQuestion, type SeriesStore, sumOfCodes, valuesOfCells } from './series-store.ts'

interface SeriesPart extends BucketPart {
  start: number
}

const WHOLE = ''
const NOTHING: SparseVector = []
const bytesOfVector = (vector: SparseVector) => 16 + vector.length * 8
const BYTES_PER_CELL = 64
const bytesOfValues = (values: CellValues) => values.size * BYTES_PER_CELL

function bytesOfCells(cells: CellVectors): number {
  let bytes = 0
  for (const vector of cells.values()) bytes += BYTES_PER_CELL + bytesOfVector(vector)
  return bytes
}

function toPart(tier: Tier, start: number, part: string): SeriesPart {
  const grace = tier === '10s' ? FINE_SETTLE_SECONDS : SETTLE_SECONDS
  return { member: `${tier}:${start}`, part, start, cacheableFromSeconds: start + TIERS[tier].seconds + grace }
}

export function toSums(vector: SparseVector): Sums {
  const sums: Sums = new Map()
  for (let i = 0; i + 1 < vector.length; i += 2) sums.set(vector[i] as number, vector[i + 1] as number)
  return sums
}

/** Sums by code while they are added up. Numbers in a typed array cost no memory of their own; codes are small. NaN: there is none yet. */
type SumsInProgress = Float64Array

function addVector(sums: SumsInProgress, vector: SparseVector): void {
  for (let i = 0; i + 1 < vector.length; i += 2) {
    const code = vector[i] as number
    const held = sums[code] as number
    const value = vector[i + 1] as number
    sums[code] = Number.isNaN(held) ? value : held + value
  }
}

function finishSums(inProgress: SumsInProgress): Sums {
  const sums: Sums = new Map()
  for (let code = 0; code < SUM_CODES; code++) {
    const value = inProgress[code] as number
    if (!Number.isNaN(value)) sums.set(code, value)
  }
  return sums
}

function inProgressOf<Name>(all: Map<Name, SumsInProgress>, name: Name): SumsInProgress {
  let known = all.get(name)
  if (!known) {
    known = new Float64Array(SUM_CODES).fill(Number.NaN)
    all.set(name, known)
  }
  return known
}

const finishAll = <Name>(all: Map<Name, SumsInProgress>): Map<Name, Sums> =>
  new Map([...all].map(([name, inProgress]) => [name, finishSums(inProgress)]))

/** One metric of some cells of a whole bucket, or of all. */
function pickValues(whole: CellVectors, codes: readonly number[], cells: ReadonlySet<string> | undefined): CellValues {
  if (!cells) return valuesOfCells(whole, codes)
  const values = new Map<string, number>()
  for (const cell of cells) {
    const value = sumOfCodes(whole.get(cell) ?? NOTHING, codes)
    if (value !== undefined) values.set(cell, value)
  }
  return values
}

export function toSamples(starts: readonly number[], values: ReadonlyMap<number, CellValues>): CellSamples[] {
  const found = new Map<string, CellSamples>()
  for (const start of starts) {
    for (const [cell, value] of values.get(start) ?? []) {
      const series = found.get(cell)
      if (series) series.samples.push({ start, value })
      else found.set(cell, { cell, samples: [{ start, value }] })
    }
  }
  return [...found.values()]
}

interface StepQuestion {
  tier: Tier
  stepSeconds: number
  /** Undefined: all. */
  cells: CellChoice
}

/** The questions about series, over any way of keeping them. */
export class SeriesReading {
  private readonly store: SeriesStore
  private readonly cached: CachedBuckets
  private readonly nowSeconds: () => number

  constructor(store: SeriesStore, cached: CachedBuckets, nowSeconds: () => number) {
    this.store = store
    this.cached = cached
    this.nowSeconds = nowSeconds
  }

  async buckets(tier: Tier, fromSeconds: number, toSeconds: number): Promise<BucketRows[]> {
    const starts = keptStarts(TIERS[tier], fromSeconds, toSeconds, this.nowSeconds())
    const rows: BucketRows[] = []
    for (const [i, bucket] of (await this.wholeBuckets(tier, starts)).entries()) {
      if (bucket.size === 0) continue
      const cells = new Map<string, Sums>()
      for (const [cell, vector] of bucket) cells.set(cell, toSums(vector))
      rows.push({ start: starts[i] as number, cells })
    }
    return rows
  }

  async sums(fromSeconds: number, toSeconds: number): Promise<Map<string, Sums>> {
    const plan = planSum(fromSeconds, toSeconds, this.nowSeconds())
    const tiers = Object.keys(plan) as Tier[]
    const sums = new Map<string, SumsInProgress>()
    for (const buckets of await Promise.all(tiers.map((tier) => this.wholeBuckets(tier, plan[tier])))) {
      for (const bucket of buckets) for (const [cell, vector] of bucket) addVector(inProgressOf(sums, cell), vector)
    }
    return finishAll(sums)
  }

  async steps({ tier, stepSeconds, cells }: StepQuestion, fromSeconds: number, toSeconds: number): Promise<Map<number, Sums>> {
    const starts = keptStarts(TIERS[tier], fromSeconds, toSeconds, this.nowSeconds())
    const [buckets, wanted] = await Promise.all([this.wholeBuckets(tier, starts), cells])
    const steps = new Map<number, SumsInProgress>()
    for (const [i, bucket] of buckets.entries()) {
      const start = Math.floor((starts[i] as number) / stepSeconds) * stepSeconds
      for (const [cell, vector] of bucket) if (!wanted || wanted.has(cell)) addVector(inProgressOf(steps, start), vector)
    }
    return finishAll(steps)
  }

  async cellBuckets(tier: Tier, cell: string, fromSeconds: number, toSeconds: number): Promise<CellBucket[]> {
    const starts = keptStarts(TIERS[tier], fromSeconds, toSeconds, this.nowSeconds())
    const vectors = await this.cached.through<SeriesPart, SparseVector>({
      parts: starts.map((start) => toPart(tier, start, cell)),
      read: (missing) =>
        this.store.readCell(
          tier,
          cell,
          missing.map((part) => part.start),
        ),
      bytesOf: bytesOfVector,
      derive: (part) => {
        const whole = this.cached.peek<CellVectors>(part.member, WHOLE)
        return whole && { value: whole.value.get(cell) ?? NOTHING, trip: whole.trip }
      },
    })
    const rows: CellBucket[] = []
    for (const [i, vector] of vectors.entries()) if (vector.length > 0) rows.push({ start: starts[i] as number, sums: toSums(vector) })
    return rows
  }

  /** Cell by cell, buckets in order of time; cells without data are left out. */
  async metric(question: MetricQuestion, fromSeconds: number, toSeconds: number): Promise<CellSamples[]> {
    const { tier, codes, cells } = question
    const starts = keptStarts(TIERS[tier], fromSeconds, toSeconds, this.nowSeconds())
    const isWhole = (start: number) => cells === undefined && this.store.isWhole(tier, start)
    const whole = starts.filter(isWhole)
    const single = starts.filter((start) => !isWhole(start))
    const [wholes, singles] = await Promise.all([this.wholeBuckets(tier, whole), this.metricBuckets(question, single)])
    const values = new Map(whole.map((start, i) => [start, valuesOfCells(wholes[i] as CellVectors, codes)] as [number, CellValues]))
    for (const [i, start] of single.entries()) values.set(start, singles[i] as CellValues)
    return toSamples(starts, values)
  }

  private metricBuckets(question: MetricQuestion, starts: number[]): Promise<CellValues[]> {
    const { tier, codes, cells } = question
    const part = `m${codes.join()}:${cells ? [...cells].sort().join() : '*'}`
    return this.cached.through<SeriesPart, CellValues>({
      parts: starts.map((start) => toPart(tier, start, part)),
      read: (missing) =>
        this.store.readMetric(
          question,
          missing.map(({ start }) => start),
        ),
      bytesOf: bytesOfValues,
      derive: ({ member }) => {
        const whole = this.cached.peek<CellVectors>(member, WHOLE)
        return whole && { value: pickValues(whole.value, codes, cells), trip: whole.trip }
      },
    })
  }

  private wholeBuckets(tier: Tier, starts: number[]): Promise<CellVectors[]> {
    return this.cached.through<SeriesPart, CellVectors>({
      parts: starts.map((start) => toPart(tier, start, WHOLE)),
      read: (missing) =>
        this.store.readBuckets(
          tier,
          missing.map((part) => part.start),
        ),
      bytesOf: bytesOfCells,
    })
  }
}
