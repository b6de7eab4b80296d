import { listSeriesNames, type StoreReader } from '@aiwatch/store'
import type { Labels } from './planned-query.ts'
import { openSeries } from './query-series.ts'
import { SEED_KEYS } from './seed-series.ts'

export interface KeyRow {
  key: string
  labels: Labels
}

/** Labels by which the list can be narrowed. */
export const KEY_LABELS: readonly string[] = ['metric', 'app', 'provider', 'model', 'direction', 'outcome', 'unit']

export interface KeysQuestion {
  /** Values of which a label must have one. */
  labels: Readonly<Record<string, readonly string[]>>
  limit: number
}

/** The sampled metrics, and every series of a cell that has a value, by name. */
export async function listKeys(
  reader: StoreReader,
  nowMs: number,
  { labels: wanted, limit }: KeysQuestion,
): Promise<{ keys: KeyRow[]; truncated: boolean }> {
  const keys: KeyRow[] = []
  for (const key of [...SEED_KEYS, ...(await listSeriesNames(reader))]) {
    const labels = openSeries(reader, key, nowMs).labels()
    if (!Object.entries(wanted).every(([name, values]) => values.includes(labels[name] ?? ''))) continue
    if (keys.length === limit) return { keys, truncated: true }
    keys.push({ key, labels })
  }
  return { keys, truncated: false }
}
