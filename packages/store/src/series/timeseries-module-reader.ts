/** Reads what was published as time series: label filters where many are asked, so that it costs one command, not one per series. */
import type { CorruptFields } from '../read/corrupt-fields.ts'
import type { RoundTrips } from '../read/round-trips.ts'
import { metricOfCode, type SparseVector, TIERS, type Tier } from '../series-catalogue.ts'
import type { TimeSeriesCommands } from './load-time-series-commands.ts'
import { parseSeriesKey } from './series-key.ts'
import type { CellValues, CellVectors, MetricQuestion } from './series-store.ts'

/**
 * Buckets per command: a command blocks the server until it is answered. Of all cells that is a few hundred series; of one, or of one metric,
 * a few dozen.
 */
const BUCKETS_OF_ALL = 360
const BUCKETS_OF_SOME = 4000
/** More runs of buckets than this are read as one range, with what lies between them. */
const MAX_RUNS = 20

interface Run {
  from: number
  to: number
}

/** Ranges of consecutive buckets, both ends included, in seconds. */
function findRuns(starts: readonly number[], seconds: number, limit: number): Run[] {
  const runs: Run[] = []
  for (const start of starts) {
    const last = runs.at(-1)
    if (last && start === last.to + seconds && (start - last.from) / seconds < limit) last.to = start
    else runs.push({ from: start, to: start })
  }
  return runs
}

function slicesOf(starts: readonly number[], seconds: number, limit: number): Run[] {
  const runs = findRuns(starts, seconds, limit)
  const first = runs[0]
  const last = runs.at(-1)
  if (!first || !last || runs.length <= MAX_RUNS + Math.ceil(starts.length / limit)) return runs
  const whole: Run[] = []
  const step = limit * seconds
  for (let from = first.from; from <= last.to; from += step) whole.push({ from, to: Math.min(last.to, from + step - seconds) })
  return whole
}

interface Series {
  code: number
  cell: string
  samples: { start: number; value: number }[]
}

export interface TimeSeriesSources {
  tenant: string
  trips: RoundTrips
  corrupt: CorruptFields
  commands: TimeSeriesCommands
}

export class TimeSeriesReader {
  private readonly sources: TimeSeriesSources

  constructor(sources: TimeSeriesSources) {
    this.sources = sources
  }

  async readBuckets(tier: Tier, starts: readonly number[]): Promise<CellVectors[]> {
    const buckets = new Map<number, Map<string, SparseVector>>(starts.map((start) => [start, new Map()]))
    for (const { code, cell, samples } of await this.ask(tier, [], starts, BUCKETS_OF_ALL)) {
      for (const { start, value } of samples) {
        const cells = buckets.get(start)
        if (!cells) continue
        const vector = cells.get(cell)
        if (vector) vector.push(code, value)
        else cells.set(cell, [code, value])
      }
    }
    return starts.map((start) => buckets.get(start) as CellVectors)
  }

  async readCell(tier: Tier, cell: string, starts: readonly number[]): Promise<SparseVector[]> {
    const vectors = new Map<number, SparseVector>(starts.map((start) => [start, []]))
    for (const { code, samples } of await this.ask(tier, [`cell=${cell}`], starts, BUCKETS_OF_SOME)) {
      for (const { start, value } of samples) vectors.get(start)?.push(code, value)
    }
    return starts.map((start) => vectors.get(start) as SparseVector)
  }

  async readMetric({ tier, codes, cells }: MetricQuestion, starts: readonly number[]): Promise<CellValues[]> {
    const values = new Map<number, Map<string, number>>(starts.map((start) => [start, new Map()]))
    if (codes.length > 0 && cells?.size !== 0) {
      for (const { code, cell, samples } of await this.ask(tier, metricFilter(codes, cells), starts, BUCKETS_OF_SOME)) {
        if (!codes.includes(code)) continue
        for (const { start, value } of samples) {
          const ofBucket = values.get(start)
          ofBucket?.set(cell, (ofBucket.get(cell) ?? 0) + value)
        }
      }
    }
    return starts.map((start) => values.get(start) as CellValues)
  }

  /** The series that pass the filter, codes ascending: a series that was cut for its length comes several times. */
  private async ask(tier: Tier, filter: string[], starts: readonly number[], limit: number): Promise<Series[]> {
    const { tenant, trips, corrupt, commands } = this.sources
    const all = [...filter, `tenant=${tenant}`, `tier=${tier}`]
    const replies = await Promise.all(
      slicesOf(starts, TIERS[tier].seconds, limit).map(({ from, to }) => {
        const { command, args } = commands.multiRangeCommand(all, from * 1000, to * 1000)
        return trips.ask(command, args)
      }),
    )
    const found: Series[] = []
    for (const { key, samples } of replies.flatMap((reply) => commands.readMultiRange(reply))) {
      const place = parseSeriesKey(key)
      // Somebody's own series with labels like ours.
      if (place) found.push({ ...place, samples: samples.map(({ timestampMs, value }) => ({ start: timestampMs / 1000, value })) })
      else corrupt.add()
    }
    return found.sort((a, b) => a.code - b.code)
  }
}

function metricFilter(codes: readonly number[], cells: ReadonlySet<string> | undefined): string[] {
  const metrics = new Set(codes.flatMap((code) => metricOfCode(code)?.metric.name ?? []))
  const filter = [`metric=(${[...metrics].join(',')})`]
  const only = codes.length === 1 ? metricOfCode(codes[0] as number) : undefined
  if (only?.metric.split && only.split !== undefined) filter.push(`${only.metric.split.label}=${only.split}`)
  if (cells) filter.unshift(`cell=(${[...cells].join(',')})`)
  return filter
}
