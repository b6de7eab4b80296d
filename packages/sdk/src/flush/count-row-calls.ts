/** How many calls a batch tells of. */
import { type Batch, CODE, type SparseVector } from '@aiwatch/store'

/** Codes of calls by outcome come first in a vector. */
function countCalls(values: SparseVector): number {
  let calls = 0
  for (let i = 0; i + 1 < values.length && (values[i] as number) < CODE.inputTokens; i += 2) calls += values[i + 1] as number
  return calls
}

export function countRowCalls(batch: Pick<Batch, 'totals' | 'series'>): { totalCalls: number; fineCalls: number } {
  let totalCalls = 0
  for (const row of batch.totals) totalCalls += countCalls(row.values)
  let fineCalls = 0
  for (const row of batch.series) if (row.tier === '10s') fineCalls += countCalls(row.values)
  return { totalCalls, fineCalls }
}
