import { bucketStart, CODE, clampBatch, decodeRecentCall, type RecentRow } from '@aiwatch/store'
import { expect, test } from 'vitest'
import { CELL, callBatch, recentCall } from './batches.ts'

const NOW = 1_800_000_005_000

test('what is not ahead stays as it is', () => {
  const batch = callBatch(NOW)
  expect(clampBatch(batch, NOW)).toEqual({ batch, clampedCalls: 0 })
})

test('rows ahead move to the buckets of now, merge with the rows there, and the batch that was given is unchanged', () => {
  const ahead = callBatch(NOW + 7_200_000)
  const here = callBatch(NOW)
  const batch = {
    ...ahead,
    series: [...ahead.series, ...here.series],
    sketches: [...ahead.sketches, ...here.sketches],
    boards: [...ahead.boards, ...here.boards],
  }
  const before = structuredClone(batch)
  const { batch: clamped, clampedCalls } = clampBatch(batch, NOW)
  expect(batch).toEqual(before)
  expect(clampedCalls).toBe(1)
  expect(clamped.integrity.clamped).toBe(1)
  expect(clamped.series.map(({ tier, start, values }) => [tier, start, values])).toEqual([
    ['10s', bucketStart(NOW, 10), [CODE.callsOk, 2, CODE.inputTokens, 200, CODE.outputTokens, 20, CODE.durationMs, 0.2]],
    ['1m', bucketStart(NOW, 60), [CODE.callsOk, 2, CODE.inputTokens, 200, CODE.outputTokens, 20, CODE.durationMs, 0.2]],
    ['1h', bucketStart(NOW, 3600), [CODE.callsOk, 2, CODE.inputTokens, 200, CODE.outputTokens, 20, CODE.durationMs, 0.2]],
  ])
  expect(clamped.sketches.map(({ counts }) => counts)).toEqual([
    [105, 2],
    [105, 2],
    [105, 2],
  ])
  expect(clamped.boards).toHaveLength(1)
  expect(clamped.boards[0]?.entries).toHaveLength(2)
  expect(clamped.seen[0]).toMatchObject({ lastSeenMs: NOW, sessions: [[expect.any(String), NOW]] })
  expect(clamped.users[0]?.totals).toEqual([
    CODE.inputTokens,
    100,
    CODE.outputTokens,
    10,
    CODE.calls,
    1,
    CODE.lastSeenMs,
    NOW,
    CODE.firstSeenMs,
    NOW,
  ])
  const [moved] = clamped.recent as [RecentRow]
  expect(moved.endedMs).toBe(NOW)
  expect(decodeRecentCall(moved.text, new Map([[CELL.id, CELL]]))).toEqual(recentCall(NOW))
  expect(clampBatch(clamped, NOW).clampedCalls).toBe(0)
})
