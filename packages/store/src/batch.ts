/**
 * What a writer adds to a tenant in one step. Every row is a delta; the store adds it to what it holds.
 * The same value goes to Redis (through the apply script) and over HTTP, as JSON.
 */
import type { ErrorType } from './call.ts'
import type { RecentRow } from './recent/recent-call.ts'
import type { SketchLevel, SparseVector, Tier } from './series-catalogue.ts'

export const BATCH_VERSION = 1

/** One combination of app, provider and model. The labels are as the caller gave them, at most 128 bytes each (see `labels.ts`). */
export interface Cell {
  /** `cellId(app, provider, model)`. */
  id: string
  app: string
  provider: string
  model: string
}

/** Sums of one cell in one time bucket; `cell` is an index into `Batch.cells`. */
export interface SeriesRow {
  tier: Tier
  /** Start of the bucket in seconds since the epoch. */
  start: number
  cell: number
  values: SparseVector
}

/** Sums of one cell since the beginning, with the counters of the latency histogram. */
export interface TotalsRow {
  cell: number
  values: SparseVector
}

/** `latency`: duration of a call. `first_token` and `per_output_token`: streams only. All in milliseconds. */
export const SKETCH_KINDS = ['latency', 'first_token', 'per_output_token'] as const
export type SketchKind = (typeof SKETCH_KINDS)[number]

/** Counters of a DDSketch (`sketchIndex` → count). `cell` is an index, or `all`. */
export interface SketchRow {
  level: SketchLevel
  start: number
  kind: SketchKind
  cell: number | 'all'
  counts: SparseVector
}

/** When a user, and a session of that user, was last seen; milliseconds since the epoch. Ids are `userKey()` / `sessionKey()`. */
export interface SeenRow {
  user: string
  lastSeenMs: number
  sessions: [session: string, lastSeenMs: number][]
}

/** Totals of a user: codes `calls, inputTokens, outputTokens, costNanoUsd, errors, lastSeenMs, firstSeenMs`. */
export interface UserRow {
  user: string
  /** The user id as given (or its HMAC), at most 128 bytes: shown, never part of a key. */
  name: string
  totals: SparseVector
  /** The same codes per cell, without the two times. */
  cells: [cell: number, values: SparseVector][]
}

export const BOARDS = ['user_tokens', 'user_calls', 'user_cost', 'tag_tokens', 'tag_calls', 'tag_cost'] as const
export type Board = (typeof BOARDS)[number]

/** What members of a leaderboard gained in one hour. Members are user keys, or `tagMember(name, value)`. */
export interface BoardRow {
  board: Board
  /** Start of the hour in seconds since the epoch. */
  start: number
  entries: [member: string, gained: number][]
}

/** Calls that ended in an error. Codes `calls, lastSeenMs, firstSeenMs`. */
export interface ErrorRow {
  type: ErrorType
  cell: number
  values: SparseVector
}

/** What a writer knows about its own losses, since its last batch. All are numbers of calls, except `resent` (batches). */
export interface WriterIntegrity {
  /** Rows of fine time buckets that were folded into the hour because memory was short. */
  coarsened: number
  /** Calls whose detail per user was folded into `other` for the same reason. */
  foldedUsers: number
  /** Calls that could not be kept at all. */
  dropped: number
  /** Provider replies whose usage could not be read, or had fields that nobody knows. */
  unparsed: number
  /** Batches sent again because no answer came. */
  resent: number
  /** Calls whose time was ahead of the server's clock and was set back to it. */
  clamped: number
}

export interface Batch {
  version: typeof BATCH_VERSION
  tenant: string
  /** Random per process. */
  writer: string
  /** Where the writer runs, such as `host:process id`; shown where writers are listed. At most 128 bytes. */
  origin?: string
  /** 1, 2, 3, … per writer. Only the next one is applied. */
  sequence: number
  /** After the server answered a gap that the writer cannot fill: calls that were lost. The batch still has the next sequence. */
  lostCalls?: number
  cells: Cell[]
  series: SeriesRow[]
  totals: TotalsRow[]
  sketches: SketchRow[]
  seen: SeenRow[]
  users: UserRow[]
  boards: BoardRow[]
  errors: ErrorRow[]
  recent: RecentRow[]
  integrity: WriterIntegrity
  /** Days (start, in seconds) on which these users were seen, for the estimate of daily active users. */
  days: [start: number, users: string[]][]
}

/** What a batch holds beside its number. */
export type BatchContents = Omit<Batch, 'sequence'>

export function emptyIntegrity(): WriterIntegrity {
  return { coarsened: 0, foldedUsers: 0, dropped: 0, unparsed: 0, resent: 0, clamped: 0 }
}

/** A batch that has no writer and no sequence yet. */
export type BatchRows = Omit<BatchContents, 'version' | 'tenant' | 'writer' | 'origin' | 'lostCalls'>

export function emptyRows(): BatchRows {
  return {
    cells: [],
    series: [],
    totals: [],
    sketches: [],
    seen: [],
    users: [],
    boards: [],
    errors: [],
    recent: [],
    days: [],
    integrity: emptyIntegrity(),
  }
}

/** A batch without rows. */
export function emptyContents(tenant: string, writer: string): BatchContents {
  return { version: BATCH_VERSION, tenant, writer, ...emptyRows() }
}
