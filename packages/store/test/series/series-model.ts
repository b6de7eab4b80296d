/** What a store of series must answer, kept in memory in the simplest way. */
import { mergeVectors, type SeriesRow, type SparseVector, TIERS, type Tier } from '@aiwatch/store'

export class SeriesModel {
  private readonly vectors = new Map<string, { tier: Tier; start: number; cell: string; values: SparseVector }>()

  add(rows: readonly SeriesRow[], cellIds: readonly string[]): void {
    for (const { tier, start, cell, values } of rows) {
      const id = cellIds[cell] as string
      const key = `${tier} ${start} ${id}`
      const held = this.vectors.get(key)
      this.vectors.set(key, { tier, start, cell: id, values: held ? mergeVectors(held.values, values) : values })
    }
  }

  /** `[start, cell, vector]`, sorted. */
  buckets(tier: Tier, from: number, to: number): [start: number, cell: string, vector: SparseVector][] {
    return [...this.vectors.values()]
      .filter((entry) => entry.tier === tier && entry.start >= from && entry.start < to)
      .map(({ start, cell, values }): [number, string, SparseVector] => [start, cell, values])
      .sort(byStartAndCell)
  }

  /** `[start, cell, sum of codes]`, sorted. */
  metric(tier: Tier, codes: readonly number[], from: number, to: number): [start: number, cell: string, value: number][] {
    return this.buckets(tier, from, to).flatMap(([start, cell, vector]) => {
      const values = vector.filter((_, i) => i % 2 === 1 && codes.includes(vector[i - 1] as number))
      return values.length === 0 ? [] : [[start, cell, values.reduce((a, b) => a + b, 0)] as [number, string, number]]
    })
  }
}

export function byStartAndCell(a: [number, string, ...unknown[]], b: [number, string, ...unknown[]]): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : 1)
}

export function startOf(tier: Tier, ageSeconds: number): number {
  const { seconds } = TIERS[tier]
  return Math.floor((Date.now() / 1000 - ageSeconds) / seconds) * seconds
}
