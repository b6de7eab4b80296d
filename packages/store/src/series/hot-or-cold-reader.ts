/** Reads each bucket in the form that answers for it: its hash, or on the module, once it is no longer hot, its time series. */
import type { TenantBackend } from '../read/tenant-backend.ts'
import { type SparseVector, TIERS, type Tier } from '../series-catalogue.ts'
import { HASH_GRACE_SECONDS, HOT_SECONDS } from './hot-form.ts'
import { loadedTimeSeriesCommands, loadTimeSeriesCommands } from './load-time-series-commands.ts'
import type { PlainRedisReader } from './plain-redis-reader.ts'
import type { CellValues, CellVectors, MetricQuestion, SeriesStore } from './series-store.ts'
import { TimeSeriesReader, type TimeSeriesSources } from './timeseries-module-reader.ts'

export interface HotOrColdSources {
  hashes: PlainRedisReader
  backend: TenantBackend
  series: Omit<TimeSeriesSources, 'commands'>
  nowSeconds: () => number
}

interface Reading<T> {
  fromHashes(starts: readonly number[]): Promise<T[]>
  fromSeries(reader: TimeSeriesReader, starts: readonly number[]): Promise<T[]>
}

export class HotOrColdReader implements SeriesStore {
  private readonly sources: HotOrColdSources

  constructor(sources: HotOrColdSources) {
    this.sources = sources
  }

  readBuckets(tier: Tier, starts: readonly number[]): Promise<CellVectors[]> {
    return this.read(tier, starts, {
      fromHashes: (some) => this.sources.hashes.readBuckets(tier, some),
      fromSeries: (reader, some) => reader.readBuckets(tier, some),
    })
  }

  readCell(tier: Tier, cell: string, starts: readonly number[]): Promise<SparseVector[]> {
    return this.read(tier, starts, {
      fromHashes: (some) => this.sources.hashes.readCell(tier, cell, some),
      fromSeries: (reader, some) => reader.readCell(tier, cell, some),
    })
  }

  readMetric(question: MetricQuestion, starts: readonly number[]): Promise<CellValues[]> {
    return this.read(question.tier, starts, {
      fromHashes: (some) => this.sources.hashes.readMetric(question, some),
      fromSeries: (reader, some) => reader.readMetric(question, some),
    })
  }

  isWhole(tier: Tier, start: number): boolean {
    return this.isHot(tier, start) || this.sources.backend.known !== 'module'
  }

  /** Both forms answer for a bucket for an hour; the change is in the middle of it. */
  private isHot(tier: Tier, start: number, nowSeconds = this.sources.nowSeconds()): boolean {
    return nowSeconds - start - TIERS[tier].seconds <= HOT_SECONDS[tier] + HASH_GRACE_SECONDS / 2
  }

  private async read<T>(tier: Tier, starts: readonly number[], { fromHashes, fromSeries }: Reading<T>): Promise<T[]> {
    const now = this.sources.nowSeconds()
    const cold = starts.filter((start) => !this.isHot(tier, start, now))
    if (cold.length === 0) return fromHashes(starts)
    const { backend, series } = this.sources
    const commands = backend.known === 'module' ? loadedTimeSeriesCommands() : undefined
    const values = new Map<number, T>()
    const take = (some: readonly number[], read: T[]) => {
      for (const [i, start] of some.entries()) values.set(start, read[i] as T)
    }
    const hot = starts.filter((start) => this.isHot(tier, start, now))
    const asked = commands ? hot : starts
    const [name] = await Promise.all([
      backend.ask(),
      fromHashes(asked).then((read) => take(asked, read)),
      commands ? fromSeries(new TimeSeriesReader({ ...series, commands }), cold).then((read) => take(cold, read)) : undefined,
    ])
    if (commands && name === 'plain') take(cold, await fromHashes(cold))
    if (!commands && name === 'module') take(cold, await fromSeries(await this.seriesReader(), cold))
    return starts.map((start) => values.get(start) as T)
  }

  /** From time series alone, hot buckets too; undefined when the tenant has none. */
  async readPublished(question: MetricQuestion, starts: readonly number[]): Promise<CellValues[] | undefined> {
    if ((await this.sources.backend.ask()) !== 'module') return undefined
    return (await this.seriesReader()).readMetric(question, starts)
  }

  private async seriesReader(): Promise<TimeSeriesReader> {
    return new TimeSeriesReader({ ...this.sources.series, commands: await loadTimeSeriesCommands() })
  }
}
