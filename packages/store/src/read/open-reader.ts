import { AudienceReading } from '../audience/read-audience.ts'
import type { Board, Cell, SketchKind } from '../batch.ts'
import { tenantKeys } from '../keys.ts'
import { TopReading } from '../leaderboard/find-top.ts'
import { readGains } from '../leaderboard/read-gains.ts'
import { findTopUsers } from '../leaderboard/top-users.ts'
import { readKept, readRecent } from '../recent/read-recent.ts'
import type { RedisClient } from '../redis-client.ts'
import { readLatestSample, readSamples } from '../sample/read-samples.ts'
import { keptStarts } from '../series/bucket-range.ts'
import { HotOrColdReader } from '../series/hot-or-cold-reader.ts'
import { decodeCells, PlainRedisReader } from '../series/plain-redis-reader.ts'
import { SeriesReading, toSamples, toSums } from '../series/read-series.ts'
import type { BackendName } from '../series/resolve-backend.ts'
import type { CellValues } from '../series/series-store.ts'
import { type SketchLevel, TIERS, type Tier } from '../series-catalogue.ts'
import { SketchReading } from '../sketch/read-sketch.ts'
import { BucketCache } from './bucket-cache.ts'
import { CachedBuckets } from './cached-buckets.ts'
import { CellNames } from './cell-names.ts'
import { CorruptFields } from './corrupt-fields.ts'
import { LateAnnouncements } from './late-announcements.ts'
import { readErrors } from './read-errors.ts'
import { readIntegrity } from './read-integrity.ts'
import { RoundTrips } from './round-trips.ts'
import type { BucketRows, CellBucket, CellChoice, CellSamples, RecentOptions, StoreReader, Sums } from './store-reader.ts'
import { TenantBackend } from './tenant-backend.ts'

export interface ReaderOptions {
  tenant: string
  /** Clock in milliseconds since the epoch. Default `Date.now`. */
  now?: () => number
  /** Memory for decoded closed buckets. Default 32 MiB; 0 caches nothing. */
  cacheBytes?: number
}

const DEFAULT_CACHE_BYTES = 32 * 1024 * 1024

type Range = [fromSeconds: number, toSeconds: number]

class TenantReader implements StoreReader {
  readonly tenant: string
  private readonly corrupt = new CorruptFields()
  private readonly common
  private readonly tenantBackend: TenantBackend
  private readonly nowSeconds: () => number
  private readonly names: CellNames
  private readonly store: HotOrColdReader
  private readonly series: SeriesReading
  private readonly sketching: SketchReading
  private readonly audience: AudienceReading
  private readonly topping: TopReading

  constructor(redis: RedisClient, { tenant, now = Date.now, cacheBytes = DEFAULT_CACHE_BYTES }: ReaderOptions) {
    this.tenant = tenant
    const keys = tenantKeys(tenant)
    const { corrupt } = this
    const trips = new RoundTrips(redis, corrupt)
    const cache = new BucketCache(cacheBytes)
    const late = new LateAnnouncements(
      { redis, trips, corrupt, key: keys.late },
      (member) => cache.forget(member),
      () => cache.clear(),
    )
    const cached = new CachedBuckets(cache, late)
    // The later of the two clocks: what the server has taken is not in the future.
    const nowSeconds = () => Math.max(now(), Date.now() + late.serverAheadMs) / 1000
    this.nowSeconds = nowSeconds
    this.tenantBackend = new TenantBackend(redis, keys, trips)
    this.common = { tenant, keys, trips, corrupt, nowMs: now, backend: this.tenantBackend }
    this.names = new CellNames(keys, trips, corrupt)
    this.store = new HotOrColdReader({
      hashes: new PlainRedisReader(keys, trips, corrupt),
      backend: this.tenantBackend,
      series: { tenant, trips, corrupt },
      nowSeconds,
    })
    this.series = new SeriesReading(this.store, cached, nowSeconds)
    this.sketching = new SketchReading({ keys, trips, corrupt, cached, nowSeconds })
    this.audience = new AudienceReading(this.common)
    this.topping = new TopReading({ keys, trips, corrupt, cached, nowSeconds })
  }

  get corruptFields(): number {
    return this.corrupt.count
  }

  cells(): Promise<Map<string, Cell>> {
    return this.names.all()
  }

  async buckets(tier: Tier, ...range: Range): Promise<BucketRows[]> {
    const rows = await this.series.buckets(tier, ...range)
    for (const row of rows) await this.names.ensure(row.cells.keys())
    return rows
  }

  steps(tier: Tier, ...[fromSeconds, toSeconds, stepSeconds, cells]: [...Range, stepSeconds: number, cells?: CellChoice]) {
    return this.series.steps({ tier, stepSeconds, cells }, fromSeconds, toSeconds)
  }

  cellBuckets(tier: Tier, cell: string, ...range: Range): Promise<CellBucket[]> {
    return this.series.cellBuckets(tier, cell, ...range)
  }

  async metric(
    tier: Tier,
    codes: readonly number[],
    ...[fromSeconds, toSeconds, cells]: [...Range, cells?: ReadonlySet<string>]
  ): Promise<CellSamples[]> {
    const samples = await this.series.metric({ tier, codes, cells }, fromSeconds, toSeconds)
    await this.names.ensure(samples.map(({ cell }) => cell))
    return samples
  }

  async publishedMetric(tier: Tier, codes: readonly number[], ...[fromSeconds, toSeconds]: Range): Promise<CellSamples[] | undefined> {
    const starts = keptStarts(TIERS[tier], fromSeconds, toSeconds, this.nowSeconds())
    const buckets = await this.store.readPublished({ tier, codes }, starts)
    return buckets && toSamples(starts, new Map(starts.map((start, i) => [start, buckets[i] as CellValues])))
  }

  backend(): Promise<BackendName | undefined> {
    return this.tenantBackend.ask()
  }

  async sums(...range: Range): Promise<Map<string, Sums>> {
    const sums = await this.series.sums(...range)
    await this.names.ensure(sums.keys())
    return sums
  }

  async totals(): Promise<Map<string, Sums>> {
    const { keys, trips, corrupt } = this.common
    const totals = new Map<string, Sums>()
    for (const [cell, vector] of decodeCells(await trips.ask('HGETALL', [keys.totals]), corrupt)) totals.set(cell, toSums(vector))
    return totals
  }

  sketch(level: SketchLevel, kind: SketchKind, ...[fromSeconds, toSeconds, cells]: [...Range, cells?: ReadonlySet<string>]) {
    return this.sketching.merged({ level, kind, fromSeconds, toSeconds, cells })
  }

  sketches(level: SketchLevel, kind: SketchKind, ...[fromSeconds, toSeconds, cells]: [...Range, cells?: ReadonlySet<string>]) {
    return this.sketching.apart({ level, kind, fromSeconds, toSeconds, cells })
  }

  cellSketches(level: SketchLevel, kind: SketchKind, ...[fromSeconds, toSeconds, cells]: [...Range, cells: ReadonlySet<string>]) {
    return this.sketching.byCell({ level, kind, fromSeconds, toSeconds, cells })
  }

  active(windowsMs: readonly number[]) {
    return this.audience.active(windowsMs)
  }

  usersOnDays(...range: Range): Promise<number> {
    return this.audience.usersOnDays(...range)
  }

  top(board: Board, fromSeconds: number, toSeconds: number, limit: number) {
    return this.topping.top({ board, fromSeconds, toSeconds, limit })
  }

  topUsers(board: Extract<Board, `user_${string}`>, fromSeconds: number, toSeconds: number, limit: number) {
    return findTopUsers(this.topping, this.audience, { board, fromSeconds, toSeconds, limit })
  }

  gains(board: Board, member: string, ...[fromSeconds, toSeconds]: Range) {
    return readGains({ ...this.common, nowSeconds: this.common.nowMs() / 1000 }, { board, member, fromSeconds, toSeconds })
  }

  users(keys: readonly string[], options: { cells?: boolean } = {}) {
    return this.audience.users(keys, options)
  }

  keptCalls() {
    return readKept({ ...this.common, names: this.names })
  }

  recent(options: RecentOptions = {}) {
    return readRecent({ ...this.common, names: this.names }, options)
  }

  errors() {
    return readErrors(this.common)
  }

  integrity() {
    return readIntegrity(this.common)
  }

  samples(name: string, fromMs: number, toMs: number) {
    return readSamples(this.common, name, fromMs, toMs)
  }

  latestSample(name: string) {
    return readLatestSample(this.common, name)
  }
}

/** Reads a tenant's data. Throws a TypeError when the name is not a tenant's. Many readers may share one connection. */
export function openReader(redis: RedisClient, options: ReaderOptions): StoreReader {
  return new TenantReader(redis, options)
}
