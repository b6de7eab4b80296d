/** Rows of the hourly leaderboards. */
import type { Board } from '@aiwatch/store'
import type { HourlyGain } from './hourly-gains.ts'
import type { RowsBuilder } from './rows-builder.ts'

type Measure = Exclude<keyof HourlyGain, 'start'>

const MEASURES = [
  ['tokens', 'tokens'],
  ['calls', 'calls'],
  ['cost', 'costNanoUsd'],
] as const satisfies readonly (readonly [string, Measure])[]

/** `family`: whose boards they are. Members that gained nothing are left out. */
export function pushBoards(builder: RowsBuilder, family: 'user' | 'tag', members: Iterable<[member: string, gains: HourlyGain[]]>): void {
  const byBoard = new Map<string, { board: Board; start: number; entries: [string, number][] }>()
  for (const [member, gains] of members) {
    for (const gain of gains) {
      for (const [name, measure] of MEASURES) {
        if (gain[measure] === 0) continue
        const key = `${name}:${gain.start}`
        let row = byBoard.get(key)
        if (!row) {
          row = { board: `${family}_${name}`, start: gain.start, entries: [] }
          byBoard.set(key, row)
        }
        row.entries.push([member, gain[measure]])
      }
    }
  }
  builder.rows.boards.push(...byBoard.values())
}
