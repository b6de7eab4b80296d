import type { Batch, BoardRow, SeenRow } from '../batch.ts'
import { mergeCounters, mergeVectors } from '../merge-vectors.ts'
import { clampRecentRow } from '../recent/recent-call.ts'
import { bucketStart, CODE, SKETCH_LEVELS, type SparseVector, TIERS } from '../series-catalogue.ts'
import { countCalls } from './count-calls.ts'
import { valueAt } from './value-at.ts'

const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

/** The latest instant that the batch speaks of, in milliseconds since the epoch; 0 when it speaks of none. */
export function latestTimeMs(batch: Batch): number {
  let latest = 0
  const take = (timeMs: number) => {
    if (timeMs > latest) latest = timeMs
  }
  for (const { start } of batch.series) take(start * 1000)
  for (const { start } of batch.sketches) take(start * 1000)
  for (const { start } of batch.boards) take(start * 1000)
  for (const [start] of batch.days) take(start * 1000)
  for (const { totals } of batch.users) take(valueAt(totals, CODE.lastSeenMs))
  for (const { values } of batch.errors) take(valueAt(values, CODE.lastSeenMs))
  for (const { lastSeenMs, sessions } of batch.seen) {
    take(lastSeenMs)
    for (const [, seenMs] of sessions) take(seenMs)
  }
  for (const { endedMs } of batch.recent) take(endedMs)
  return Math.ceil(latest)
}

/** Rows with the same key become one. */
function mergeRows<Row>(rows: readonly Row[], keyOf: (row: Row) => string, merge: (a: Row, b: Row) => Row): Row[] {
  const byKey = new Map<string, Row>()
  for (const row of rows) {
    const key = keyOf(row)
    const held = byKey.get(key)
    byKey.set(key, held === undefined ? row : merge(held, row))
  }
  return [...byKey.values()]
}

function clampTimes(vector: SparseVector, nowMs: number): SparseVector {
  return vector.map((value, i) => (i % 2 === 1 && (vector[i - 1] as number) >= CODE.lastSeenMs ? Math.min(value, nowMs) : value))
}

function clampSeen(row: SeenRow, nowMs: number): SeenRow {
  return {
    user: row.user,
    lastSeenMs: Math.min(row.lastSeenMs, nowMs),
    sessions: row.sessions.map(([session, seenMs]) => [session, Math.min(seenMs, nowMs)]),
  }
}

const joinEntries = (a: BoardRow, b: BoardRow): BoardRow => ({ ...a, entries: [...a.entries, ...b.entries] })

/**
 * Moves everything that lies ahead of the server's clock to the server's now, and counts the calls (those of the 10 s tier, where every call
 * is) in `integrity.clamped`. Changes nothing in `batch`.
 */
export function clampBatch(batch: Batch, serverNowMs: number): { batch: Batch; clampedCalls: number } {
  const now = (start: number, seconds: number) => (start * 1000 > serverNowMs ? bucketStart(serverNowMs, seconds) : start)
  let clampedCalls = 0
  const series = batch.series.map((row) => {
    const start = now(row.start, TIERS[row.tier].seconds)
    if (start !== row.start && row.tier === '10s') clampedCalls += countCalls(row.values)
    return { ...row, start }
  })
  const sketches = batch.sketches.map((row) => ({ ...row, start: now(row.start, SKETCH_LEVELS[row.level].seconds) }))
  const boards = batch.boards.map((row) => ({ ...row, start: now(row.start, HOUR_SECONDS) }))
  const clamped: Batch = {
    ...batch,
    series: mergeRows(
      series,
      (row) => `${row.tier} ${row.start} ${row.cell}`,
      (a, b) => ({ ...a, values: mergeVectors(a.values, b.values) }),
    ),
    sketches: mergeRows(
      sketches,
      (row) => `${row.level} ${row.start} ${row.kind} ${row.cell}`,
      (a, b) => ({ ...a, counts: mergeCounters(a.counts, b.counts) }),
    ),
    boards: mergeRows(boards, (row) => `${row.board} ${row.start}`, joinEntries),
    days: batch.days.map(([start, users]) => [now(start, DAY_SECONDS), users]),
    seen: batch.seen.map((row) => clampSeen(row, serverNowMs)),
    users: batch.users.map((row) => ({ ...row, totals: clampTimes(row.totals, serverNowMs) })),
    errors: batch.errors.map((row) => ({ ...row, values: clampTimes(row.values, serverNowMs) })),
    recent: batch.recent.map((row) => clampRecentRow(row, serverNowMs)),
    integrity: { ...batch.integrity, clamped: batch.integrity.clamped + clampedCalls },
  }
  return { batch: clamped, clampedCalls }
}
