/** What else is kept of a closed hour against its calls: latency sketches, and the leaderboards of users. */
import { type Board, CODE, countSketch, type SketchKind, type StoreReader, type Sums, tenantKeys } from '@aiwatch/store'
import { countCalls, mergeAll } from '../sums.ts'
import { addCells, type CellSums, type Difference } from './difference.ts'

const HOUR = 3600

export interface HourChecks {
  compared: number
  differences: Difference[]
}

export type SumBoard = (board: Board, start: number) => Promise<number>

const at = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 19)

async function readHour(reader: StoreReader, start: number): Promise<CellSums> {
  const cells: CellSums = new Map()
  for (const row of await reader.buckets('1h', start, start + HOUR)) addCells(cells, row.cells)
  return cells
}

const LATENCY: SketchKind = 'latency'

/** Every call is in the latency sketch of its cell and in that of all. `explainLess`: why sketches may lack calls. */
export async function checkSketches(reader: StoreReader, start: number, explainLess: string | undefined): Promise<HourChecks> {
  const cells = await readHour(reader, start)
  const key = tenantKeys(reader.tenant).sketch('1h', start)
  const differences: Difference[] = []
  const compare = (expected: number, found: number, cell?: string) => {
    if (expected === found) return
    const what = `the latency sketch of the hour ${at(start)}${cell === undefined ? ', all cells,' : ''} against its calls`
    const explained = found < expected ? explainLess : undefined
    differences.push({
      check: 'sketches',
      what,
      ...(cell === undefined ? {} : { cell }),
      metric: 'calls',
      expected,
      found,
      keys: [key],
      ...(explained === undefined ? {} : { explained }),
    })
  }
  const all = await reader.sketch('1h', LATENCY, start, start + HOUR)
  compare(countCalls(mergeAll(cells)), countSketch(all))
  const own = await reader.cellSketches('1h', LATENCY, start, start + HOUR, new Set(cells.keys()))
  // An hour is one bucket.
  for (const [cell, sums] of cells) compare(countCalls(sums), countSketch(own.get(cell)?.[0]?.counters ?? []), cell)
  return { compared: cells.size + 1, differences }
}

const BOARD_LIMITS: readonly [Board, string, (sums: Sums) => number][] = [
  ['user_calls', 'calls', countCalls],
  ['user_tokens', 'tokens', (sums) => (sums.get(CODE.inputTokens) ?? 0) + (sums.get(CODE.outputTokens) ?? 0)],
  ['user_cost', 'cost_nano_usd', (sums) => sums.get(CODE.costNanoUsd) ?? 0],
]

/** What users gained in an hour is at most what all gained: calls without a user are in no board. */
export async function checkBoards(reader: StoreReader, start: number, sumBoard: SumBoard): Promise<HourChecks> {
  const sums = mergeAll(await readHour(reader, start))
  const keys = tenantKeys(reader.tenant)
  const differences: Difference[] = []
  const held = await Promise.all(BOARD_LIMITS.map(([board]) => sumBoard(board, start)))
  for (const [i, [board, metric, limitOf]] of BOARD_LIMITS.entries()) {
    const [found, expected] = [held[i] as number, limitOf(sums)]
    if (found <= expected) continue
    const what = `what users gained in the hour ${at(start)} against the hour (at most)`
    differences.push({ check: 'boards', what, metric, expected, found, keys: [keys.board(board, start), keys.series('1h', start)] })
  }
  return { compared: BOARD_LIMITS.length, differences }
}
