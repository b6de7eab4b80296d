/** Reads stretches of stored steps. Every function issues its commands before it returns, so that what is asked together shares a round trip. */
import type { SketchCounters, SketchKind, StoreReader, Tier } from '@aiwatch/store'
import type { Item, Sample } from './data-point.ts'
import type { CellSketchLevel } from './levels.ts'
import type { Stretch } from './plan-stretches.ts'

export type CellIds = ReadonlySet<string>

const seconds = ({ fromMs, toMs }: Stretch): [number, number] => [fromMs / 1000, toMs / 1000]

function append<Value>(into: Map<string, Item<Value>[]>, cell: string, items: readonly Item<Value>[]): void {
  const known = into.get(cell)
  if (!known) into.set(cell, [...items])
  else for (const item of items) known.push(item)
}

/** Samples by cell id, oldest first: the values of the codes added up. Cells without any are left out. */
export async function readSamples(
  reader: StoreReader,
  stretches: readonly Stretch<Tier>[],
  codes: readonly number[],
  cells: CellIds | undefined,
): Promise<Map<string, Sample[]>> {
  const found = new Map<string, Sample[]>()
  const parts = await Promise.all(stretches.map((part) => reader.metric(part.level.name as Tier, codes, ...seconds(part), cells)))
  for (const part of parts) {
    for (const { cell, samples } of part)
      append(
        found,
        cell,
        samples.map(({ start, value }) => ({ timestamp: start * 1000, value })),
      )
  }
  return found
}

/** Whether any of the codes has a value above 0. */
export async function readWhetherAny(
  reader: StoreReader,
  stretches: readonly Stretch<Tier>[],
  codes: readonly number[],
  cells: CellIds | undefined,
): Promise<boolean> {
  if (codes.length === 0) return false
  const found = await readSamples(reader, stretches, codes, cells)
  return [...found.values()].some((samples) => samples.some(({ value }) => value > 0))
}

const toItem = ({ start, counters }: { start: number; counters: SketchCounters }): Item<SketchCounters> => ({
  timestamp: start * 1000,
  value: counters,
})

/** Sketches of these cells merged, or of all calls; oldest first. */
export async function readSketches(
  reader: StoreReader,
  stretches: readonly Stretch<CellSketchLevel>[],
  kind: SketchKind,
  cells: CellIds | undefined,
): Promise<Item<SketchCounters>[]> {
  const parts = await Promise.all(
    stretches.map((part) => reader.sketches(part.level.name as CellSketchLevel, kind, ...seconds(part), cells)),
  )
  return parts.flatMap((part) => part.map(toItem))
}

/** Sketches by cell id, oldest first. */
export async function readCellSketches(
  reader: StoreReader,
  stretches: readonly Stretch<CellSketchLevel>[],
  kind: SketchKind,
  cells: CellIds,
): Promise<Map<string, Item<SketchCounters>[]>> {
  const found = new Map<string, Item<SketchCounters>[]>()
  const parts = await Promise.all(
    stretches.map((part) => reader.cellSketches(part.level.name as CellSketchLevel, kind, ...seconds(part), cells)),
  )
  for (const part of parts) for (const [cell, buckets] of part) append(found, cell, buckets.map(toItem))
  return found
}
