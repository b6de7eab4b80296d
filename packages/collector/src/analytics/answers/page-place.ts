/**
 * Where a page of a ranked list ends: the value that it is ranked by, and a key that tells equal ones apart. What comes or goes meanwhile
 * shifts no page; only what itself changes its place may be seen twice or not at all.
 */
import { invalid } from '../../errors.ts'

export interface Place {
  value: number
  key: string
}

const CURSOR = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?)_([A-Za-z0-9_-]{1,64})$/

/** Greatest value first. */
export function comparePlaces(a: Place, b: Place): number {
  return b.value - a.value || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

export function isAfter(place: Place, other: Place): boolean {
  return comparePlaces(place, other) > 0
}

export function formatPlace({ value, key }: Place): string {
  return `${value}_${key}`
}

/** Throws an `invalid` error for what `formatPlace` did not make. */
export function parsePlace(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  const [, value, key] = CURSOR.exec(cursor) ?? []
  if (value === undefined || key === undefined) throw invalid('cursor', 'cursor must be the next_cursor of an earlier page')
  return { value: Number(value), key }
}
