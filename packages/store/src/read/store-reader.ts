/**
 * What can be asked of a tenant's data. Every method issues its Redis commands in the same tick in which it is called, on a
 * connection with auto-pipelining: questions asked together (`Promise.all`) share one round trip. None scans, none grows with
 * the number of calls. Time buckets that are closed are cached, and dropped when a late write is announced.
 */
import type { Board, Cell, SketchKind } from '../batch.ts'
import type { Call, ErrorType } from '../call.ts'
import type { SketchLevel, SparseVector, Tier } from '../series-catalogue.ts'
import type { SketchCounters } from '../sketch/ddsketch.ts'

/** Sums by code (see `CODE`). */
export type Sums = Map<number, number>

export interface BucketRows {
  /** Start of the bucket in seconds since the epoch. */
  start: number
  /** By cell id; cells without data in the bucket are absent. */
  cells: Map<string, Sums>
}

/** Ids of cells, undefined for all; or a promise of it, since names of cells may be asked for in the same round trip. */
export type CellChoice = ReadonlySet<string> | undefined | Promise<ReadonlySet<string> | undefined>

export interface CellBucket {
  /** Start of the bucket in seconds since the epoch. */
  start: number
  sums: Sums
}

export interface CellSamples {
  cell: string
  /** Buckets in which the cell has one of the codes, oldest first; `start` in seconds since the epoch. */
  samples: { start: number; value: number }[]
}

export interface ActiveCounts {
  /** Users seen in each asked window, same order. */
  users: number[]
  /** (user, session) pairs seen in each asked window, same order. */
  sessions: number[]
}

export interface UserTotals {
  user: string
  name: string
  calls: number
  errors: number
  inputTokens: number
  outputTokens: number
  costNanoUsd: number
  sessions: number
  firstSeenMs: number
  lastSeenMs: number
  /** By cell id: codes calls, errors, inputTokens, outputTokens, costNanoUsd. Only when asked for. */
  cells?: Map<string, Sums>
}

export interface TopEntry {
  /** A user key, or `name=value` of a tag. */
  member: string
  /** What the member gained in the window. */
  value: number
  /** Bound on the error of `value` and of the order; 0 when it is exact. */
  error: number
}

export interface ErrorPattern {
  type: ErrorType
  cell: string
  /** Since first seen. */
  count: number
  firstSeenMs: number
  lastSeenMs: number
}

export interface Sample {
  /** Start of the slot in milliseconds since the epoch. */
  timestampMs: number
  value: number
}

/** Counters of `integrity`, each a number since the tenant's first write. */
export interface Integrity {
  /** Batches of fine buckets alone are counted with the next of their writer that has more: some seconds later where the rate is high. */
  appliedBatches: number
  duplicateBatches: number
  gapBatches: number
  tornWriters: number
  refusedOperations: number
  lostCalls: number
  lateCalls: number
  lateRefusedCalls: number
  clampedCalls: number
  foldedCells: number
  coarsenedRows: number
  foldedUserCalls: number
  droppedCalls: number
  unparsedReplies: number
  resentBatches: number
}

export interface RecentOptions {
  /** Newest first, at most this many. Default 100, at most 10,000. */
  limit?: number
  /** Only calls recorded before this stream id (paging). */
  before?: string
}

export interface StoreReader {
  readonly tenant: string
  /** Fields found in Redis since this reader was opened that could not be read; answers leave them out. */
  readonly corruptFields: number
  /** Cell names by id. Cached; asked anew when an id is unknown. */
  cells(): Promise<Map<string, Cell>>
  /** Buckets of a tier whose start lies in [fromSeconds, toSeconds), oldest first; buckets without data are left out. */
  buckets(tier: Tier, fromSeconds: number, toSeconds: number): Promise<BucketRows[]>
  /**
   * Sums over all cells, or of the chosen ones, in each step: its start, a multiple of `stepSeconds` → sums, oldest first. Of the buckets of the
   * tier that start in [fromSeconds, toSeconds); steps without data are left out. A fraction of the work of adding up `buckets`.
   */
  steps(tier: Tier, fromSeconds: number, toSeconds: number, stepSeconds: number, cells?: CellChoice): Promise<Map<number, Sums>>
  /**
   * `buckets` for one cell: cheaper over long ranges, since only that cell is read.
   */
  cellBuckets(tier: Tier, cell: string, fromSeconds: number, toSeconds: number): Promise<CellBucket[]>
  /**
   * One metric, cell by cell: the values of `codes` (such as those of one metric, see `codesOf`) added up in each bucket of the tier that
   * starts in [fromSeconds, toSeconds). Only of `cells` (ids) where given. Cells without data are left out.
   */
  metric(tier: Tier, codes: readonly number[], fromSeconds: number, toSeconds: number, cells?: ReadonlySet<string>): Promise<CellSamples[]>
  /**
   * `metric` from the published time series alone, hot buckets too, to compare with; undefined for a tenant that has none. What was written in
   * the last seconds may not be published: see `publishSeries`.
   */
  publishedMetric(tier: Tier, codes: readonly number[], fromSeconds: number, toSeconds: number): Promise<CellSamples[] | undefined>
  /** How the tenant's series are kept; undefined while nothing was written. */
  backend(): Promise<'plain' | 'module' | undefined>
  /**
   * Sums per cell over [fromSeconds, toSeconds), both rounded down to 10 s, from the coarsest tiers that fit (hours inside, then minutes, then
   * 10 s at the edges, as far as each is kept).
   */
  sums(fromSeconds: number, toSeconds: number): Promise<Map<string, Sums>>
  /** Sums per cell since the beginning, with the codes of the latency histogram. */
  totals(): Promise<Map<string, Sums>>
  /** Counters of all sketch buckets of a level that start in [fromSeconds, toSeconds), merged. `cells` undefined: all together. */
  sketch(level: SketchLevel, kind: SketchKind, fromSeconds: number, toSeconds: number, cells?: ReadonlySet<string>): Promise<SketchCounters>
  /** The same, bucket by bucket, oldest first. */
  sketches(
    level: SketchLevel,
    kind: SketchKind,
    fromSeconds: number,
    toSeconds: number,
    cells?: ReadonlySet<string>,
  ): Promise<{ start: number; counters: SketchCounters }[]>
  /** The same cell by cell: the buckets of each cell that has data. */
  cellSketches(
    level: Exclude<SketchLevel, '10s'>,
    kind: SketchKind,
    fromSeconds: number,
    toSeconds: number,
    cells: ReadonlySet<string>,
  ): Promise<Map<string, { start: number; counters: SketchCounters }[]>>
  /** Users and sessions seen within each window (milliseconds) before now. Exact up to 24 h. */
  active(windowsMs: readonly number[]): Promise<ActiveCounts>
  /** Estimate (HyperLogLog, standard error 0.81 %) of users seen on the days (UTC) that start in [fromSeconds, toSeconds). */
  usersOnDays(fromSeconds: number, toSeconds: number): Promise<number>
  /**
   * Members that gained most in the hours that intersect [fromSeconds, toSeconds), best first. Exact, by the threshold algorithm of
   * Fagin, Lotem and Naor (2001) over the hourly boards; where it would have to look at more than `maxCandidates` it stops and
   * says how far off it may be.
   */
  top(board: Board, fromSeconds: number, toSeconds: number, limit: number): Promise<TopEntry[]>
  /** `top` of a user board together with the users' totals, in one or two round trips in all. */
  topUsers(
    board: Extract<Board, `user_${string}`>,
    fromSeconds: number,
    toSeconds: number,
    limit: number,
  ): Promise<(TopEntry & { totals: UserTotals | undefined })[]>
  /**
   * What a member of a board gained in each hour that intersects [fromSeconds, toSeconds), oldest first, zeros included; at most the
   * seven days that boards are kept.
   */
  gains(board: Board, member: string, fromSeconds: number, toSeconds: number): Promise<{ hour: number; value: number }[]>
  /** Totals by user key, in the order asked; undefined for unknown or forgotten users. */
  users(keys: readonly string[], options?: { cells?: boolean }): Promise<(UserTotals | undefined)[]>
  /** How many calls are kept, and the oldest of them. */
  keptCalls(): Promise<{ count: number; oldest: { id: string; call: Call } | undefined }>
  recent(options?: RecentOptions): Promise<{ id: string; call: Call }[]>
  errors(): Promise<ErrorPattern[]>
  integrity(): Promise<Integrity>
  /** Samples of a seed metric with timestamps in [fromMs, toMs], oldest first. */
  samples(name: string, fromMs: number, toMs: number): Promise<Sample[]>
  /** The newest sample of the last two hours. */
  latestSample(name: string): Promise<Sample | undefined>
}

export type { SparseVector }
